#include "sluice/plan/objects.h"

#include <fmt/format.h>

#include "sluice/base/digest.h"

namespace sluice::plan {

namespace {

std::string digest_of(const project::Project& project, const std::string& file) {
  const auto found = project.digests.find(file);
  return found == project.digests.end() ? "" : found->second;
}

std::string settings_digest(const project::Project& project) {
  return base::sha256_hex(
      fmt::format("{}\n{}\n{}", project.name, project.timezone, project.default_engine));
}

std::string optimizer_digest(const project::Project& project) {
  std::string text(project::to_text(project.optimizer.mode));
  for (const project::LeverSetting& lever : project.optimizer.levers) {
    text += fmt::format("\n{} {} {}", lever.lever,
                        lever.mode ? project::to_text(*lever.mode) : std::string_view("-"),
                        lever.force);
  }
  return base::sha256_hex(text);
}

std::pair<std::string, std::string> key(ObjectKind kind, const std::string& name) {
  return {std::string(to_text(kind)), name};
}

const contract::Contract* contract_of(const project::Project& project,
                                      const project::GraphTable& table) {
  const auto& index = table.kind == project::TableKind::kSource
                          ? project.sources[table.index].contract
                          : project.models[table.index].expectations;
  return index ? &project.contracts[*index] : nullptr;
}

}  // namespace

std::string_view to_text(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kSettings:
      return "settings";
    case ObjectKind::kOptimizer:
      return "optimizer";
    case ObjectKind::kSource:
      return "source";
    case ObjectKind::kContract:
      return "contract";
    case ObjectKind::kModel:
      return "model";
  }
  return "";
}

ProjectObjects objects_of(const project::Project& project, const project::Analysis& analysis) {
  ProjectObjects objects;
  objects[key(ObjectKind::kSettings, "sluice.yaml")] = {settings_digest(project), "", ""};
  objects[key(ObjectKind::kOptimizer, "optimizer")] = {optimizer_digest(project), "", ""};
  for (const project::Source& source : project.sources) {
    objects[key(ObjectKind::kSource, source.table)] = {digest_of(project, source.file), "", ""};
  }
  for (const contract::Contract& contract : project.contracts) {
    const auto text = project.contract_texts.find(contract.file);
    objects[key(ObjectKind::kContract, contract.file)] = {
        digest_of(project, contract.file), contract.version,
        text == project.contract_texts.end() ? "" : text->second};
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    objects[key(ObjectKind::kModel, project.models[i].table)] = {analysis.models[i].fingerprint, "",
                                                                 ""};
  }
  return objects;
}

ProjectObjects objects_of_table(const project::Project& project, const project::GraphTable& table,
                                const ProjectObjects& all) {
  const bool is_source = table.kind == project::TableKind::kSource;
  ProjectObjects objects;
  const auto add = [&](const std::pair<std::string, std::string>& name) {
    if (const auto found = all.find(name); found != all.end()) {
      objects.insert(*found);
    }
  };
  add(key(is_source ? ObjectKind::kSource : ObjectKind::kModel, table.name));
  if (const contract::Contract* contract = contract_of(project, table)) {
    add(key(ObjectKind::kContract, contract->file));
  }
  return objects;
}

project::DefinitionState definition_state(const project::Project& project,
                                          const project::GraphTable& table,
                                          const ProjectObjects& now,
                                          const ProjectObjects& applied) {
  bool same = true;
  for (const auto& [name, object] : objects_of_table(project, table, now)) {
    const auto before = applied.find(name);
    const bool is_contract = name.first == to_text(ObjectKind::kContract);
    if (before == applied.end() && !is_contract) {
      return project::DefinitionState::kNew;
    }
    same = same && before != applied.end() && before->second.digest == object.digest;
  }
  return same ? project::DefinitionState::kSame : project::DefinitionState::kModified;
}

}  // namespace sluice::plan
