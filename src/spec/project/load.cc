#include "sluice/project/load.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sluice/base/digest.h"
#include "sluice/base/text.h"
#include "sluice/contract/extend.h"
#include "sluice/contract/read.h"
#include "sluice/project/internal/contract_tables.h"
#include "sluice/project/internal/folder.h"
#include "sluice/project/internal/model_file.h"
#include "sluice/project/internal/seed_file.h"
#include "sluice/project/internal/settings_file.h"
#include "sluice/project/internal/source_file.h"
#include "sluice/project/internal/variables.h"

namespace sluice::project {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSettingsFile = "sluice.yaml";
constexpr std::string_view kYamlEnding = ".yaml";
constexpr std::string_view kSeedEnding = ".csv";
constexpr std::string_view kContractEnding = ".odcs.yaml";

/// Loads one project; what its parts refer to across files is kept until everything was read.
class Loader {
 public:
  Loader(const LoadOptions& options, yaml::Diagnostics& diagnostics)
      : options_(options),
        diagnostics_(diagnostics),
        env_([this, lookup = internal::with_variables(options.env, project_)](
                 std::string_view name) -> std::optional<std::string> {
          std::optional<std::string> value = lookup(name);
          looked_up_ += std::string(name) + "=" + value.value_or("") + "\n";
          return value;
        }) {}

  base::Result<Project> load() {
    SLUICE_RETURN_IF_ERROR(read_settings_file());
    SLUICE_RETURN_IF_ERROR(read_contracts());
    SLUICE_RETURN_IF_ERROR(read_sources());
    SLUICE_RETURN_IF_ERROR(read_models());
    SLUICE_RETURN_IF_ERROR(read_seeds());
    SLUICE_RETURN_IF_ERROR(refuse_unbuilt_folders());
    attach_source_contracts();
    attach_expectations();
    write_seeds();
    report_unused_contracts();
    internal::resolve_references(project_, diagnostics_);
    spare_files();
    return std::move(project_);
  }

 private:
  struct Loaded {
    std::size_t index = 0;
    bool sound = false;  // else it was reported and has no index
    bool used = false;
  };

  /// Reads a file; what cannot be read is a diagnostic, so that the others are looked at too.
  std::optional<std::string> read(const std::string& file) {
    base::Result<std::string> text = internal::read_text(project_.root / file);
    if (!text) {
      diagnostics_.add({file, {1, 1}, text.error().message, "", ""});
      return std::nullopt;
    }
    looked_up_.clear();
    project_.digests[file] = base::sha256_hex(*text);
    return std::move(*text);
  }

  base::Status read_settings_file() {
    std::error_code error;
    project_.root = fs::absolute(options_.root, error).lexically_normal();
    if (!fs::exists(project_.root / kSettingsFile, error)) {
      return base::not_found("no sluice.yaml in '" + project_.root.string() +
                             "': run this in a project folder, or begin one with `sluice init`");
    }
    std::optional<std::string> text = read(kSettingsFile);
    if (!text) {
      return base::ok_status();
    }
    const yaml::Document document = yaml::parse({kSettingsFile, std::move(*text)}, diagnostics_);
    if (!diagnostics_.empty()) {
      return base::ok_status();
    }
    yaml::Reader reader(diagnostics_, env_);
    yaml::Reader unexpanded(diagnostics_);
    const yaml::Node* declared = document.root.find("default_target");
    const yaml::Node* targets = document.root.find("targets");
    const std::string used = !options_.target.empty() ? options_.target
                             : declared != nullptr    ? declared->text
                             : targets != nullptr && !targets->keys.empty()
                                 ? targets->keys.front().name
                                 : "";
    SLUICE_RETURN_IF_ERROR(
        internal::read_variables(document.root, used, options_.variables, project_, reader));
    internal::read_settings(document.root, options_.target, project_, reader, unexpanded);
    if (!options_.target.empty() && document.root.find("targets") != nullptr &&
        document.root.find("targets")->find(options_.target) == nullptr) {
      return base::not_found("target '" + options_.target + "' is not declared in sluice.yaml");
    }
    return base::ok_status();
  }

  base::Status read_contracts() {
    SLUICE_ASSIGN_OR_RETURN(const auto files, list_yaml("contracts", kContractEnding));
    for (const std::string& file : files) {
      std::optional<std::string> text = read(file);
      Loaded& loaded = contracts_[file];
      if (!text) {
        continue;
      }
      project_.contract_texts[file] = *text;
      auto contract = contract::read_contract({file, std::move(*text)}, diagnostics_);
      if (contract) {
        loaded = {project_.contracts.size(), true, false};
        project_.contracts.push_back(std::move(*contract));
      }
    }
    return base::ok_status();
  }

  base::Status read_sources() {
    SLUICE_ASSIGN_OR_RETURN(const auto files, list_yaml("sources", kYamlEnding));
    for (const std::string& file : files) {
      std::optional<std::string> text = read(file);
      if (!text) {
        project_.sources_unread = true;
        continue;
      }
      yaml::Diagnostics found;
      const yaml::Document document = yaml::parse({file, std::move(*text)}, found);
      if (found.empty()) {
        yaml::Reader reader(found, env_);
        internal::SourceFile read = internal::read_source(document.root, project_.root, reader);
        read.source.file = file;
        note_variables(file);
        project_.sources_unread = project_.sources_unread || read.source.table.empty();
        sources_.push_back(std::move(read));
      } else {
        project_.sources_unread = true;
      }
      diagnostics_.append(std::move(found));
    }
    return base::ok_status();
  }

  base::Status read_models() {
    SLUICE_ASSIGN_OR_RETURN(const auto files,
                            internal::list_files(project_.root, "models", ".sql"));
    project_.models.reserve(files.size());
    for (const std::string& file : files) {
      if (std::optional<std::string> text = read(file)) {
        project_.models.push_back(internal::read_model(file, std::move(*text), env_, diagnostics_));
      }
    }
    return base::ok_status();
  }

  /// Seeds stand behind the models.
  base::Status read_seeds() {
    SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(project_.root, "seeds", ""));
    for (const std::string& file : files) {
      if (!file.ends_with(kSeedEnding)) {
        diagnostics_.add({file, {1, 1}, "seeds are .csv files", "move it out of seeds/", ""});
      } else if (const std::optional<std::string> text = read(file)) {
        seeds_.emplace_back(project_.models.size(), internal::read_seed(file, *text, diagnostics_));
        project_.models.push_back(seeds_.back().second.model);
      }
    }
    return base::ok_status();
  }

  void write_seeds() {
    for (auto& [index, seed] : seeds_) {
      Model& model = project_.models[index];
      seed.model = std::move(model);
      internal::write_select(
          seed, seed.model.expectations ? &project_.contracts[*seed.model.expectations] : nullptr);
      model = std::move(seed.model);
    }
  }

  /// A target that reads another's tables must not take away what that one is to land.
  void spare_files() {
    const Target* target =
        project_.find_target(options_.target.empty() ? project_.default_target : options_.target);
    if (target == nullptr || target->from.empty()) {
      return;
    }
    for (Source& source : project_.sources) {
      if (source.raw == RawMode::kMove) {
        source.raw = RawMode::kCopy;
        source.spares_files = true;
      }
    }
  }

  /// The same text with other variables is another definition.
  void note_variables(const std::string& file) {
    if (!looked_up_.empty()) {
      project_.digests[file] = base::sha256_hex(project_.digests[file] + looked_up_);
    }
  }

  /// Lists the files with the ending; a YAML file without it would be passed over in silence.
  base::Result<std::vector<std::string>> list_yaml(const std::string& folder,
                                                   std::string_view ending) {
    SLUICE_ASSIGN_OR_RETURN(std::vector<std::string> files,
                            internal::list_files(project_.root, folder, ""));
    std::vector<std::string> matching;
    for (std::string& file : files) {
      if (file.ends_with(ending)) {
        matching.push_back(std::move(file));
      } else if (file.ends_with(kYamlEnding) || file.ends_with(".yml")) {
        diagnostics_.add(
            {file,
             {1, 1},
             "the name of a file in " + folder + "/ must end in " + std::string(ending),
             "",
             ""});
      }
    }
    return matching;
  }

  base::Status refuse_unbuilt_folders() {
    SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(project_.root, "policies", ""));
    if (!files.empty()) {
      diagnostics_.add({files.front(),
                        {1, 1},
                        "policies/ is not built yet",
                        "move its files out of the project",
                        ""});
    }
    return base::ok_status();
  }

  void attach_source_contracts() {
    for (internal::SourceFile& file : sources_) {
      if (file.source.inferred) {
        file.source.contract = project_.contracts.size();
        project_.contracts.push_back(
            contract::inferred_contract(file.source.name, file.source.file));
        check_lag(file, project_.contracts.back());
        project_.sources.push_back(std::move(file.source));
        continue;
      }
      const auto found = contracts_.find(fs::path(file.contract).lexically_normal().string());
      if (found == contracts_.end()) {
        report_unknown_contract(file);
      } else {
        found->second.used = true;
        if (found->second.sound) {
          file.source.contract = found->second.index;
          check_columns(file, "partition_by", file.partition_by,
                        project_.contracts[found->second.index]);
          check_columns(file, "dedupe key", file.dedupe_key,
                        project_.contracts[found->second.index]);
          if (const auto& database = file.source.database; database && !database->cursor.empty()) {
            check_columns(file, "cursor", {{database->cursor, database->cursor_mark}},
                          project_.contracts[found->second.index]);
          }
          check_lag(file, project_.contracts[found->second.index]);
          check_snapshot_key(file, project_.contracts[found->second.index]);
        }
      }
      project_.sources.push_back(std::move(file.source));
    }
  }

  /// Rows that are read again are known by their key.
  void check_lag(const internal::SourceFile& file, const contract::Contract& contract) {
    const auto& database = file.source.database;
    if (database && database->lag && (contract.keys.empty() || !contract.keys[0].primary)) {
      diagnostics_.add({file.source.file, database->lag_mark,
                        "cursor_lag needs a contract with a primary key",
                        "rows that are read again are known by it: declare primaryKey in the "
                        "contract",
                        ""});
    }
  }

  /// Two states of a row have the same key, which the contract would refuse.
  void check_snapshot_key(const internal::SourceFile& file, const contract::Contract& contract) {
    const auto& database = file.source.database;
    if (!database || database->snapshot_key.empty()) {
      return;
    }
    const std::vector<std::string>& own = database->snapshot_key;
    std::vector<NamedPlace> places;
    for (const std::string& column : own) {
      places.push_back({column, database->snapshot_mark});
    }
    check_columns(file, "snapshot_key", places, contract);
    for (const contract::KeyRule& key : contract.keys) {
      const bool repeated =
          std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& column) {
            return std::count(own.begin(), own.end(), column) > 0;
          });
      if (repeated) {
        diagnostics_.add({file.source.file, database->snapshot_mark,
                          "the contract's " + key.name + " (" + base::join(key.columns, ", ") +
                              ") would refuse each row that changed",
                          "the table gets every state of a row; take the key out of the contract "
                          "and declare it where the newest is chosen",
                          ""});
      }
    }
  }

  void report_unknown_contract(const internal::SourceFile& file) {
    if (file.contract.empty()) {
      return;  // its absence was reported where it should stand
    }
    std::vector<std::string> names;
    for (const auto& [name, loaded] : contracts_) {
      names.push_back(name);
    }
    const std::string near = base::nearest(file.contract, names);
    diagnostics_.add(
        {file.source.file, file.contract_mark, "contract '" + file.contract + "' does not exist",
         near.empty() ? "contracts are contracts/<name>.odcs.yaml" : "did you mean '" + near + "'?",
         ""});
  }

  void check_columns(const internal::SourceFile& file, const std::string& what,
                     const std::vector<NamedPlace>& places, const contract::Contract& contract) {
    for (const NamedPlace& place : places) {
      const std::string column = internal::partition_column(place.name);
      if (contract.column(column) != nullptr) {
        continue;
      }
      std::vector<std::string> names;
      for (const data::Field& field : contract.schema.fields) {
        names.push_back(field.name);
      }
      const std::string near = base::nearest(column, names);
      diagnostics_.add({file.source.file, place.mark,
                        what + " '" + place.name + "' names no column of the contract",
                        near.empty() ? "" : "did you mean '" + near + "'?", ""});
    }
  }

  /// A contract is a model's by its table's name or by its file's.
  void attach_expectations() {
    std::map<std::string, Model*> by_table;
    for (Model& model : project_.models) {
      by_table.emplace(model.table, &model);
    }
    for (auto& [file, loaded] : contracts_) {
      const std::string stem = fs::path(file).filename().string();
      auto model = by_table.find(stem.substr(0, stem.size() - kContractEnding.size()));
      if (model == by_table.end() && loaded.sound) {
        model = by_table.find(project_.contracts[loaded.index].table);
      }
      if (model == by_table.end()) {
        continue;
      }
      loaded.used = true;
      if (!loaded.sound) {
        continue;
      }
      if (model->second->expectations) {
        diagnostics_.add({file,
                          {1, 1},
                          "table '" + model->first + "' has a second contract",
                          "the first is " + project_.contracts[*model->second->expectations].file,
                          ""});
        continue;
      }
      model->second->expectations = loaded.index;
    }
  }

  /// A contract that holds nobody to anything is most likely a misspelled name.
  void report_unused_contracts() {
    std::vector<std::string> tables;
    for (const Model& model : project_.models) {
      tables.push_back(model.table);
    }
    for (const auto& [file, loaded] : contracts_) {
      if (loaded.used || !loaded.sound) {
        continue;
      }
      const std::string& table = project_.contracts[loaded.index].table;
      const std::string near = base::nearest(table, tables);
      diagnostics_.add(
          {file,
           {1, 1},
           "no source names this contract, and no model makes the table '" + table + "'",
           near.empty() ? "" : "did you mean '" + near + "'?",
           ""});
    }
  }

  const LoadOptions& options_;
  yaml::Diagnostics& diagnostics_;
  Project project_;
  yaml::EnvLookup env_;                      // with the project's variables
  std::string looked_up_;                    // names and values, for the file that is read
  std::map<std::string, Loaded> contracts_;  // by file
  std::vector<internal::SourceFile> sources_;
  std::vector<std::pair<std::size_t, internal::Seed>> seeds_;  // by their models
};

}  // namespace

base::Result<Project> load_project(const LoadOptions& options, yaml::Diagnostics& diagnostics) {
  yaml::Diagnostics found;
  base::Result<Project> project = Loader(options, found).load();
  found.sort();
  diagnostics.append(std::move(found));
  return project;
}

}  // namespace sluice::project
