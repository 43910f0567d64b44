#include "sluice/worker_app/executors.h"

#include "sluice/decode/decode.h"
#include "sluice/decode/infer.h"
#include "sluice/duck_jobs/deliver.h"
#include "sluice/duck_jobs/describe.h"
#include "sluice/duck_jobs/export.h"
#include "sluice/duck_jobs/extract.h"
#include "sluice/duck_jobs/footers.h"
#include "sluice/duck_jobs/parse.h"
#include "sluice/duck_jobs/query.h"
#include "sluice/duck_jobs/stage.h"

namespace sluice::worker_app {

using worker::JobContext;

worker::Executors all_executors() {
  worker::Executors executors;
  executors.add<job::ParseJob>([](const job::ParseJob& job, JobContext& context) {
    return duck_jobs::run_parse(job, context.limits, context.stop);
  });
  executors.add<job::DescribeJob>([](const job::DescribeJob& job, JobContext& context) {
    return duck_jobs::run_describe(job, context.limits, context.stop);
  });
  executors.add<job::StageJob>([](const job::StageJob& job, JobContext& context) {
    return duck_jobs::run_stage(job, context.limits, context.stop);
  });
  executors.add<job::DecodeJob>([](const job::DecodeJob& job, JobContext& context) {
    return decode::run_decode(job, context.limits, context.stop);
  });
  executors.add<job::InferJob>([](const job::InferJob& job, JobContext& context) {
    return decode::run_infer(job, context.limits, context.stop);
  });
  executors.add<job::QueryJob>([](const job::QueryJob& job, JobContext& context) {
    return duck_jobs::run_query(job, context.limits, context.sink, context.stop);
  });
  executors.add<job::CheckJob>([](const job::CheckJob& job, JobContext& context) {
    return duck_jobs::run_check(job, context.limits, context.stop);
  });
  executors.add<job::ExportJob>([](const job::ExportJob& job, JobContext& context) {
    return duck_jobs::run_export(job, context.limits, context.stop);
  });
  executors.add<job::ExtractJob>([](const job::ExtractJob& job, JobContext& context) {
    return duck_jobs::run_extract(job, context.limits, context.stop);
  });
  executors.add<job::DeliverJob>([](const job::DeliverJob& job, JobContext& context) {
    return duck_jobs::run_deliver(job, context.limits, context.stop);
  });
  executors.add<job::FooterJob>([](const job::FooterJob& job, JobContext& context) {
    return duck_jobs::run_footers(job, context.limits, context.stop);
  });
  return executors;
}

}  // namespace sluice::worker_app
