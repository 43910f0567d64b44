#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/dbt/import.h"
#include "sluice/dbt/jinja_value.h"
#include "sluice/yaml/document.h"

namespace sluice::dbt::internal {

/// Settings of one folder or model: the nearest wins.
struct ModelConfig {
  bool enabled = true;
  std::string schema;
  std::string materialized;
  std::vector<std::string> tags;
  std::vector<std::string> unique_key;
};

/// dbt_project.yml.
struct ProjectFile {
  std::string name;
  std::vector<std::string> model_paths = {"models"};
  std::vector<std::string> seed_paths = {"seeds"};
  std::vector<std::string> macro_paths = {"macros"};
  std::vector<std::string> test_paths = {"tests"};
  std::vector<std::string> snapshot_paths = {"snapshots"};
  std::vector<std::string> analysis_paths = {"analyses"};
  JinjaValue::Map vars;
  yaml::Document document;  // `models:` and `seeds:` are looked up in it
};

inline constexpr std::size_t kFilesMax = 20'000;
inline constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;

/// Reads dbt_project.yml.
base::Result<ProjectFile> read_project_file(const std::filesystem::path& root);

/// Lists the files below a folder whose name ends so, relative to `root`, in order; packages and
/// hidden folders aside. A folder that is not there is empty.
base::Result<std::vector<std::string>> list_files(const std::filesystem::path& root,
                                                  const std::string& folder,
                                                  std::string_view ending);

base::Result<std::string> read_file(const std::filesystem::path& path);

/// Parses a YAML file of the project; what is wrong is the error.
base::Result<yaml::Document> read_yaml(const std::filesystem::path& root, const std::string& file);

/// Applies the keys of a `config:` map, or of a folder in dbt_project.yml, where they may begin
/// with
/// `+`.
void apply_config(const yaml::Node& node, ModelConfig& config);

/// Returns what dbt_project.yml says of a model in these folders (below a model path), the
/// project's name first.
ModelConfig config_of(const ProjectFile& project, const std::vector<std::string>& folders,
                      const std::string& model);

/// A node's value as a template sees it.
JinjaValue to_value(const yaml::Node& node);

/// Returns the texts of a list, or of one scalar.
std::vector<std::string> texts_of(const yaml::Node* node);

/// Makes a name of letters, digits and `_` in lower case that does not begin with a digit.
std::string as_name(std::string_view text);

}  // namespace sluice::dbt::internal
