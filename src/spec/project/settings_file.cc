#include "sluice/project/internal/settings_file.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/internal/alert_settings_file.h"
#include "sluice/project/internal/table_name.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kKeys[] = {"project",  "targets",   "default_target", "engines",
                                      "timezone", "resources", "optimizer",      "prices",
                                      "vars",     "alerts"};
constexpr std::string_view kTargetKeys[] = {"warehouse", "metastore", "vars", "from"};
constexpr std::string_view kPriceKeys[] = {"currency", "cpu_hour", "memory_gib_hour",
                                           "storage_gib_month"};
constexpr double kPriceMax = 1e6;
constexpr std::string_view kMetastores[] = {"sqlite"};
constexpr std::string_view kEngineKeys[] = {"default"};
constexpr std::string_view kEngines[] = {"duckdb"};
constexpr std::string_view kUnbuiltEngines[] = {"spark", "flink"};
constexpr std::string_view kResourceKeys[] = {"threads", "memory", "query_memory"};
constexpr std::string_view kTimezones[] = {"UTC"};
constexpr std::string_view kOptimizerKeys[] = {"mode", "levers"};
constexpr std::string_view kModes[] = {"on", "shadow", "off"};
constexpr std::string_view kUnbuiltModes[] = {"canary"};
constexpr std::string_view kLeverKeys[] = {"mode", "force"};

constexpr std::int64_t kMemoryBytesMin = std::int64_t{64} << 20;
constexpr std::int64_t kThreadsMax = 1024;

std::optional<OptimizerMode> read_mode(const Node& node, Reader& reader) {
  const auto text = reader.choice(node, "mode", kModes, kUnbuiltModes);
  if (!text) {
    return std::nullopt;
  }
  return *text == "on"    ? OptimizerMode::kOn
         : *text == "off" ? OptimizerMode::kOff
                          : OptimizerMode::kShadow;
}

std::string absolute_warehouse(const std::string& text, const std::filesystem::path& root) {
  constexpr std::string_view kFileScheme = "file://";
  const std::string path = text.starts_with(kFileScheme) ? text.substr(kFileScheme.size()) : text;
  const std::string normal = (root / path).lexically_normal().string();
  return normal.size() > 1 && normal.ends_with('/') ? normal.substr(0, normal.size() - 1) : normal;
}

/// Where a target is only declared, a value that needs a variable is left as it is written.
void read_target(const std::string& name, const Node& node, bool chosen, Project& project,
                 Reader& reader) {
  const std::string what = "target '" + name + "'";
  if (!reader.expect_map(node, what)) {
    return;
  }
  reader.check_known_keys(node, what, kTargetKeys);
  Target target;
  target.name = name;
  if (const Node* warehouse = reader.required(node, "warehouse", what)) {
    const auto text = reader.text(*warehouse, "warehouse");
    const bool is_url = text && text->find("://") != std::string::npos;
    if (chosen && text && text->empty()) {
      reader.add(*warehouse, "the warehouse must not be empty");
    } else if (chosen && is_url && !text->starts_with("file://")) {
      reader.add(*warehouse, "warehouse '" + *text + "' is not built yet",
                 "this version takes folders of this machine");
    } else if (text) {
      target.warehouse = chosen || !is_url ? absolute_warehouse(*text, project.root) : *text;
    }
  }
  if (const Node* metastore = node.find("metastore")) {
    if (chosen) {
      target.metastore = reader.choice(*metastore, "metastore", kMetastores).value_or("sqlite");
    } else {
      target.metastore = reader.text(*metastore, "metastore").value_or("sqlite");
    }
  }
  if (const Node* from = node.find("from")) {
    target.from = reader.text(*from, "from").value_or("");
  }
  project.targets.push_back(std::move(target));
}

/// Says whether two folders are one, or one lies in the other; links are followed.
bool overlap(const std::string& a, const std::string& b) {
  std::error_code error;
  const std::string one = std::filesystem::weakly_canonical(a, error).string() + "/";
  const std::string other = std::filesystem::weakly_canonical(b, error).string() + "/";
  return one.starts_with(other) || other.starts_with(one);
}

/// A target that reads another's tables must not be able to write them.
void check_lender(const Node& targets, const Target& target, const Project& project,
                  Reader& reader) {
  const Node* node = targets.find(target.name);
  const Node* from = node == nullptr ? nullptr : node->find("from");
  if (from == nullptr) {
    return;
  }
  const Target* lender = project.find_target(target.from);
  const std::string what = "target '" + target.name + "'";
  if (target.from == target.name) {
    reader.add(*from, what + " cannot read the tables of itself");
  } else if (lender == nullptr && targets.find(target.from) == nullptr) {
    std::vector<std::string> names;
    for (const yaml::Key& key : targets.keys) {
      names.push_back(key.name);
    }
    const std::string near = base::nearest(target.from, names);
    reader.add(*from, "target '" + target.from + "' is not declared",
               near.empty() ? "" : "did you mean '" + near + "'?");
  } else if (lender != nullptr && !lender->from.empty()) {
    reader.add(*from,
               "target '" + target.from + "' reads the tables of '" + lender->from +
                   "' itself, and a chain of targets is not built yet",
               "name '" + lender->from + "' here");
  } else if (lender != nullptr && overlap(target.warehouse, lender->warehouse)) {
    const Node* warehouse = node->find("warehouse");
    reader.add(warehouse == nullptr ? *from : *warehouse,
               "the warehouse of " + what + " must not be, hold or lie in that of '" + target.from +
                   "', " + lender->warehouse,
               "give it a folder of its own");
  }
}

void read_prices(const Node& node, Prices& prices, Reader& reader) {
  if (!reader.expect_map(node, "prices")) {
    return;
  }
  reader.check_known_keys(node, "prices", kPriceKeys);
  prices.stated = true;
  if (const Node* currency = node.find("currency")) {
    prices.currency = reader.text(*currency, "currency").value_or(prices.currency);
  }
  const auto read = [&](std::string_view key, double& price) {
    if (const Node* value = node.find(key)) {
      price = reader.number(*value, key, 0, kPriceMax).value_or(price);
    }
  };
  read("cpu_hour", prices.cpu_hour);
  read("memory_gib_hour", prices.memory_gib_hour);
  read("storage_gib_month", prices.storage_gib_month);
}

void read_targets(const Node& root, const std::string& wanted, Project& project, Reader& reader,
                  Reader& unexpanded) {
  const Node* targets = reader.required(root, "targets", "sluice.yaml");
  if (targets == nullptr || !reader.expect_map(*targets, "targets")) {
    return;
  }
  if (targets->keys.empty()) {
    reader.add(*targets, "targets must name at least one");
    return;
  }
  const Node* chosen = root.find("default_target");
  if (chosen != nullptr) {
    project.default_target = reader.text(*chosen, "default_target").value_or("");
    if (targets->find(project.default_target) == nullptr) {
      std::vector<std::string> names;
      for (const yaml::Key& key : targets->keys) {
        names.push_back(key.name);
      }
      const std::string near = base::nearest(project.default_target, names);
      reader.add(*chosen, "default_target '" + project.default_target + "' is not declared",
                 near.empty() ? "" : "did you mean '" + near + "'?");
    }
  } else {
    project.default_target = targets->keys.front().name;
  }
  const std::string& used = wanted.empty() ? project.default_target : wanted;
  const Node* used_node = targets->find(used);
  const Node* lender = used_node == nullptr ? nullptr : used_node->find("from");
  for (std::size_t i = 0; i < targets->keys.size(); ++i) {
    const std::string& name = targets->keys[i].name;
    if (!is_name(name)) {
      reader.add_at_key(*targets, name, "'" + name + "' cannot name a target",
                        "use lower-case letters, digits and _");
      continue;
    }
    const bool is_used = name == used || (lender != nullptr && lender->text == name);
    read_target(name, targets->children[i], is_used, project, is_used ? reader : unexpanded);
  }
  for (const Target& target : project.targets) {
    if (target.name == used) {
      check_lender(*targets, target, project, reader);
    }
  }
}

void read_resources(const Node& node, Resources& resources, Reader& reader) {
  if (!reader.expect_map(node, "resources")) {
    return;
  }
  reader.check_known_keys(node, "resources", kResourceKeys);
  if (const Node* threads = node.find("threads")) {
    resources.threads =
        static_cast<int>(reader.integer(*threads, "threads", 1, kThreadsMax).value_or(0));
  }
  const auto read_size = [&](std::string_view key, std::int64_t& bytes) {
    const Node* size = node.find(key);
    const auto read = size == nullptr ? std::nullopt : reader.bytes(*size, key);
    if (read && *read < kMemoryBytesMin) {
      reader.add(*size, std::string(key) + " must be at least 64MiB, not " + size->text);
    } else if (read) {
      bytes = *read;
    }
  };
  read_size("memory", resources.memory_bytes);
  read_size("query_memory", resources.query_memory_bytes);
}

void read_levers(const Node& levers, OptimizerSettings& optimizer, Reader& reader) {
  if (!reader.expect_map(levers, "levers")) {
    return;
  }
  reader.check_known_keys(levers, "levers", kLeverNames);
  for (std::size_t i = 0; i < levers.keys.size(); ++i) {
    const Node& node = levers.children[i];
    const std::string what = "lever '" + levers.keys[i].name + "'";
    if (!reader.expect_map(node, what)) {
      continue;
    }
    reader.check_known_keys(node, what, kLeverKeys);
    LeverSetting setting;
    setting.lever = levers.keys[i].name;
    setting.mark = levers.keys[i].mark;
    if (const Node* mode = node.find("mode")) {
      setting.mode = read_mode(*mode, reader);
    }
    if (const Node* force = node.find("force")) {
      setting.force = reader.text(*force, "force").value_or("");
    }
    optimizer.levers.push_back(std::move(setting));
  }
}

void read_optimizer(const Node& node, OptimizerSettings& optimizer, Reader& reader) {
  if (!reader.expect_map(node, "optimizer")) {
    return;
  }
  reader.check_known_keys(node, "optimizer", kOptimizerKeys);
  if (const Node* mode = node.find("mode")) {
    optimizer.mode = read_mode(*mode, reader).value_or(OptimizerMode::kOn);
  }
  if (const Node* levers = node.find("levers")) {
    read_levers(*levers, optimizer, reader);
  }
}

}  // namespace

void read_settings(const Node& root, const std::string& target, Project& project, Reader& reader,
                   Reader& unexpanded) {
  if (!reader.expect_map(root, "sluice.yaml")) {
    return;
  }
  reader.check_known_keys(root, "sluice.yaml", kKeys);
  if (const Node* name = reader.required(root, "project", "sluice.yaml")) {
    project.name = reader.text(*name, "project").value_or("");
    if (project.name.empty()) {
      reader.add(*name, "the project's name must not be empty");
    }
  }
  read_targets(root, target, project, reader, unexpanded);
  if (const Node* engines = root.find("engines");
      engines && reader.expect_map(*engines, "engines")) {
    reader.check_known_keys(*engines, "engines", kEngineKeys);
    if (const Node* engine = engines->find("default")) {
      project.default_engine =
          reader.choice(*engine, "the default engine", kEngines, kUnbuiltEngines)
              .value_or("duckdb");
    }
  }
  if (const Node* zone = root.find("timezone")) {
    project.timezone = reader.text(*zone, "timezone").value_or("UTC");
    if (project.timezone != kTimezones[0] && !project.timezone.empty()) {
      reader.add(*zone, "timezone '" + project.timezone + "' is not built yet",
                 "this version takes UTC");
    }
  }
  if (const Node* resources = root.find("resources")) {
    read_resources(*resources, project.resources, reader);
  }
  if (const Node* prices = root.find("prices")) {
    read_prices(*prices, project.prices, reader);
  }
  if (const Node* optimizer = root.find("optimizer")) {
    read_optimizer(*optimizer, project.optimizer, reader);
  }
  if (const Node* alerts = root.find("alerts")) {
    read_alerts(*alerts, project.alerts, reader);
  }
}

}  // namespace sluice::project::internal
