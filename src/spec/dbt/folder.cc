#include "sluice/dbt/internal/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>

#include "sluice/base/text.h"

namespace sluice::dbt::internal {

namespace fs = std::filesystem;

namespace {

using base::Result;

void read_paths(const yaml::Node& root, const char* key, const char* old_key,
                std::vector<std::string>& paths) {
  const yaml::Node* node = root.find(key) != nullptr ? root.find(key) : root.find(old_key);
  if (node != nullptr) {
    paths = texts_of(node);
  }
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) {
    return base::not_found(fmt::format("{}: {}", path.string(), error.message()));
  }
  if (size > kFileBytesMax) {
    return base::exhausted(fmt::format("{} is larger than 64 MiB", path.string()));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return base::unavailable(fmt::format("{} cannot be read", path.string()));
  }
  return text.str();
}

Result<yaml::Document> read_yaml(const fs::path& root, const std::string& file) {
  SLUICE_ASSIGN_OR_RETURN(std::string text, read_file(root / file));
  yaml::Diagnostics diagnostics;
  yaml::Document document = yaml::parse({file, std::move(text)}, diagnostics);
  if (!diagnostics.empty()) {
    return diagnostics.to_error();
  }
  return document;
}

Result<std::vector<std::string>> list_files(const fs::path& root, const std::string& folder,
                                            std::string_view ending) {
  std::vector<std::string> files;
  std::error_code error;
  if (!fs::is_directory(root / folder, error)) {
    return files;
  }
  auto entry = fs::recursive_directory_iterator(root / folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.') || name == "dbt_packages" || name == "target") {
      entry.disable_recursion_pending();
      continue;
    }
    if (name.ends_with(ending) && entry->is_regular_file()) {
      files.push_back(fs::relative(entry->path(), root).generic_string());
    }
    if (files.size() > kFilesMax) {
      return base::exhausted(fmt::format("{} holds more than 20,000 files", folder));
    }
  }
  if (error) {
    return base::unavailable(fmt::format("{}: {}", (root / folder).string(), error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<ProjectFile> read_project_file(const fs::path& root) {
  std::error_code error;
  if (!fs::exists(root / "dbt_project.yml", error)) {
    return base::not_found(
        fmt::format("{} has no dbt_project.yml: name the folder of a dbt project", root.string()));
  }
  ProjectFile project;
  SLUICE_ASSIGN_OR_RETURN(project.document, read_yaml(root, "dbt_project.yml"));
  const yaml::Node& node = project.document.root;
  if (!node.is_map()) {
    return base::invalid_input("dbt_project.yml holds no settings");
  }
  if (const yaml::Node* name = node.find("name"); name != nullptr && name->is_scalar()) {
    project.name = name->text;
  }
  read_paths(node, "model-paths", "source-paths", project.model_paths);
  read_paths(node, "seed-paths", "data-paths", project.seed_paths);
  read_paths(node, "macro-paths", "macro-paths", project.macro_paths);
  read_paths(node, "test-paths", "test-paths", project.test_paths);
  read_paths(node, "snapshot-paths", "snapshot-paths", project.snapshot_paths);
  read_paths(node, "analysis-paths", "analysis-paths", project.analysis_paths);
  if (const yaml::Node* vars = node.find("vars"); vars != nullptr && vars->is_map()) {
    for (std::size_t i = 0; i < vars->keys.size(); ++i) {
      const yaml::Node& value = vars->children[i];
      if (vars->keys[i].name == project.name && value.is_map()) {
        for (std::size_t k = 0; k < value.keys.size(); ++k) {
          project.vars[value.keys[k].name] = to_value(value.children[k]);
        }
      } else {
        project.vars.emplace(vars->keys[i].name, to_value(value));
      }
    }
  }
  return project;
}

std::vector<std::string> texts_of(const yaml::Node* node) {
  std::vector<std::string> texts;
  if (node == nullptr) {
    return texts;
  }
  if (node->is_scalar()) {
    texts.push_back(node->text);
  }
  if (node->is_list()) {
    for (const yaml::Node& child : node->children) {
      if (child.is_scalar()) {
        texts.push_back(child.text);
      }
    }
  }
  return texts;
}

void apply_config(const yaml::Node& node, ModelConfig& config) {
  if (!node.is_map()) {
    return;
  }
  const auto find = [&](const std::string& key) {
    const yaml::Node* found = node.find("+" + key);
    return found != nullptr ? found : node.find(key);
  };
  const auto text = [&](const char* key, std::string& into) {
    if (const yaml::Node* found = find(key); found != nullptr && found->is_scalar()) {
      into = found->text;
    }
  };
  text("schema", config.schema);
  text("materialized", config.materialized);
  if (const yaml::Node* enabled = find("enabled"); enabled != nullptr && enabled->is_scalar()) {
    config.enabled = base::lower(enabled->text) != "false";
  }
  for (std::string& tag : texts_of(find("tags"))) {
    config.tags.push_back(std::move(tag));
  }
  if (auto key = texts_of(find("unique_key")); !key.empty()) {
    config.unique_key = std::move(key);
  }
}

ModelConfig config_of(const ProjectFile& project, const std::vector<std::string>& folders,
                      const std::string& model) {
  ModelConfig config;
  const yaml::Node* node = project.document.root.find("models");
  if (node == nullptr) {
    return config;
  }
  apply_config(*node, config);
  std::vector<std::string> path = {project.name};
  path.insert(path.end(), folders.begin(), folders.end());
  path.push_back(model);
  for (const std::string& part : path) {
    node = node->find(part);
    if (node == nullptr || !node->is_map()) {
      return config;
    }
    apply_config(*node, config);
  }
  return config;
}

JinjaValue to_value(const yaml::Node& node) {
  if (node.is_list()) {
    JinjaValue::List items;
    for (const yaml::Node& child : node.children) {
      items.push_back(to_value(child));
    }
    return items;
  }
  if (node.is_map()) {
    JinjaValue::Map entries;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      entries[node.keys[i].name] = to_value(node.children[i]);
    }
    return entries;
  }
  if (node.is_null()) {
    return {};
  }
  if (!node.quoted) {
    const std::string lower = base::lower(node.text);
    if (lower == "true" || lower == "false") {
      return lower == "true";
    }
    std::int64_t whole = 0;
    const char* end = node.text.data() + node.text.size();
    if (const auto read = std::from_chars(node.text.data(), end, whole);
        read.ec == std::errc() && read.ptr == end) {
      return whole;
    }
    double real = 0;
    if (const auto read = std::from_chars(node.text.data(), end, real);
        read.ec == std::errc() && read.ptr == end) {
      return real;
    }
  }
  return node.text;
}

std::string as_name(std::string_view text) {
  std::string name;
  for (const char c : base::lower(text)) {
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
    name.insert(name.begin(), '_');
  }
  return name;
}

}  // namespace sluice::dbt::internal
