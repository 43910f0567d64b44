#pragma once

#include <span>

#include "sluice/ingest/source_files.h"
#include "sluice/job/infer_job.h"
#include "sluice/lake/landed_files.h"
#include "sluice/project/project.h"

namespace sluice::ingest {

/// Describes how a source's files are looked at to find out their columns, within the usual bounds:
/// landed ones, or those that still lie where they were dropped.
job::InferJob infer_request(const project::Source& source, std::span<const lake::LandedFile> files);
job::InferJob infer_request(const project::Source& source, std::span<const FoundFile> files);

}  // namespace sluice::ingest
