#pragma once

#include <string>
#include <variant>

#include "sluice/job/decode_job.h"
#include "sluice/job/deliver_job.h"
#include "sluice/job/export_job.h"
#include "sluice/job/extract_job.h"
#include "sluice/job/infer_job.h"
#include "sluice/job/limits.h"
#include "sluice/job/query_job.h"
#include "sluice/job/sql_job.h"
#include "sluice/job/stage_job.h"

namespace sluice::job {

using Job = std::variant<ParseJob, DescribeJob, StageJob, DecodeJob, QueryJob, CheckJob, FooterJob,
                         ExportJob, InferJob, ExtractJob, DeliverJob>;

/// A job with its limits, as the front hands it to a worker.
struct Request {
  Job job;
  Limits limits;
};

using Answer =
    std::variant<ParseResult, DescribeResult, StageResult, DecodeResult, QueryResult, CheckResult,
                 FooterResult, ExportResult, InferResult, ExtractResult, DeliverResult>;

/// What a worker answers at the end of a job that went well.
struct Response {
  Answer answer;
  Usage usage;
};

}  // namespace sluice::job
