#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/yaml/diagnostics.h"
#include "sluice/yaml/reader.h"

namespace sluice::project {

struct LoadOptions {
  std::filesystem::path root;
  std::string target;  // the one to be used, "" for the default; only its variables are expanded
  yaml::EnvLookup env = yaml::process_environment();
  std::map<std::string, std::string> variables = {};  // values that win over sluice.yaml's
};

/// Reads a project folder in one pass. What is wrong in its files goes to `diagnostics`, ordered by
/// file and line, and the project holds what could be read: use it only when there are none.
/// kNotFound when `root` has no sluice.yaml, kNotFound when the target is not declared,
/// kUnauthorized and the like when a folder cannot be listed.
base::Result<Project> load_project(const LoadOptions& options, yaml::Diagnostics& diagnostics);

}  // namespace sluice::project
