#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/app/commands.h"
#include "sluice/base/text.h"
#include "sluice/dbt/import.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::app {

namespace {

using base::Result;
using base::Status;

constexpr int kRoundsMax = 50;  // each sets aside what the round before made fail

/// Writes an imported project and sets aside, round by round, what does not hold in it.
class ImportWriter {
 public:
  ImportWriter(std::string root, dbt::Import& import, const CommandLine& line)
      : root_(std::move(root)), import_(import), io_(storage::make_local_file_io()) {
    workspace_.root = root_;
    workspace_.target = line.workspace.target;
  }

  Status run() {
    SLUICE_ASSIGN_OR_RETURN(const bool taken, io_->exists(root_));
    if (taken) {
      return base::already_exists(fmt::format("{} exists; give another folder as --out", root_));
    }
    for (const auto& [file, text] : import_.files) {
      SLUICE_RETURN_IF_ERROR(write(file, text));
    }
    SLUICE_RETURN_IF_ERROR(write_source_contracts());
    SLUICE_RETURN_IF_ERROR(settle());
    SLUICE_RETURN_IF_ERROR(write_model_contracts());
    return settle();
  }

 private:
  Status write(const std::string& file, const std::string& text) {
    const std::string path = storage::join_path(root_, file);
    SLUICE_RETURN_IF_ERROR(io_->make_dirs(storage::parent_of(path)));
    return io_->write_atomic(path, text);
  }

  /// A source's columns are known from its description alone.
  Status write_source_contracts() {
    for (const dbt::ImportedTable& seed : import_.seeds) {
      std::vector<std::pair<std::string, std::string>> types;
      for (const dbt::ColumnDescription& column : seed.columns) {
        types.emplace_back(column.name, column.data_type);
      }
      SLUICE_RETURN_IF_ERROR(write_contract(seed, types, !seed.file.starts_with("seeds/")));
    }
    for (const dbt::ImportedTable& source : import_.sources) {
      std::vector<std::pair<std::string, std::string>> types;
      for (const dbt::ColumnDescription& column : source.columns) {
        types.emplace_back(column.name, column.data_type.empty() ? "varchar" : column.data_type);
        if (column.data_type.empty()) {
          import_.left.push_back({source.from,
                                  fmt::format("the type of {}.{}", source.table, column.name),
                                  "is not declared; varchar was assumed in its contract"});
        }
      }
      SLUICE_RETURN_IF_ERROR(write_contract(source, types, true));
    }
    return {};
  }

  Status write_contract(const dbt::ImportedTable& table,
                        const std::vector<std::pair<std::string, std::string>>& types,
                        bool is_source) {
    const std::string text =
        dbt::contract_text(table, types, is_source || table.typed || is_referenced(table.table));
    if (text.empty()) {
      return {};
    }
    const std::string file = fmt::format("contracts/{}.odcs.yaml", table.table);
    import_.files[file] = text;
    if (is_source) {
      std::string& source = import_.files[table.file];
      source += "contract: " + file + "\n";
      SLUICE_RETURN_IF_ERROR(write(table.file, source));
    }
    return write(file, text);
  }

  /// Says whether a relationship names the table: it needs a contract then.
  bool is_referenced(const std::string& table) const {
    const auto names = [&](const dbt::ColumnTest& test) { return test.to_table == table; };
    const auto refers = [&](const dbt::ImportedTable& one) {
      return std::any_of(one.tests.begin(), one.tests.end(), names);
    };
    return std::any_of(import_.models.begin(), import_.models.end(), refers) ||
           std::any_of(import_.seeds.begin(), import_.seeds.end(), refers) ||
           std::any_of(import_.sources.begin(), import_.sources.end(), refers);
  }

  Status write_model_contracts() {
    SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(workspace_));
    SLUICE_ASSIGN_OR_RETURN(const project::Analysis* analysis, workspace->analyze());
    const project::Project& project = workspace->project();
    for (std::size_t i = 0; i < project.models.size(); ++i) {
      const auto found =
          std::find_if(import_.models.begin(), import_.models.end(),
                       [&](const auto& one) { return one.table == project.models[i].table; });
      if (found == import_.models.end()) {
        continue;
      }
      std::vector<std::pair<std::string, std::string>> types;
      for (const data::Field& field : analysis->models[i].schema.fields) {
        types.emplace_back(field.name, base::lower(data::duckdb_name(field.type)));
      }
      SLUICE_RETURN_IF_ERROR(write_contract(*found, types, false));
    }
    return {};
  }

  /// Moves files that are wrong out of the project until the rest is valid.
  Status settle() {
    for (int round = 0; round < kRoundsMax; ++round) {
      yaml::Diagnostics found;
      SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open_as_is(workspace_, found));
      SLUICE_RETURN_IF_ERROR(workspace->analyze(found));
      if (found.empty()) {
        return {};
      }
      std::map<std::string, std::string> wrong;
      for (const yaml::Diagnostic& one : found.items()) {
        if (import_.files.contains(one.file)) {
          wrong.emplace(one.file, one.message);
        }
      }
      if (wrong.empty()) {
        return found.to_error();
      }
      for (const auto& [file, message] : wrong) {
        SLUICE_RETURN_IF_ERROR(set_aside(file, message));
      }
    }
    return base::internal_error("the imported project does not come to rest");
  }

  Status set_aside(const std::string& file, const std::string& message) {
    SLUICE_RETURN_IF_ERROR(write("left/" + file, import_.files[file]));
    SLUICE_RETURN_IF_ERROR(io_->remove(storage::join_path(root_, file)));
    std::string from = file;
    for (const auto* tables : {&import_.models, &import_.seeds, &import_.sources}) {
      for (const dbt::ImportedTable& table : *tables) {
        if (table.file == file) {
          from = table.from;
        }
      }
    }
    std::string reason = message;
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    import_.left.push_back({from, file + " (moved to left/)", std::move(reason)});
    import_.files.erase(file);
    std::erase_if(import_.models, [&](const auto& table) { return table.file == file; });
    return {};
  }

  std::string root_;
  dbt::Import& import_;
  std::unique_ptr<storage::FileIo> io_;
  WorkspaceOptions workspace_;
};

void print_import(const dbt::Import& import, const std::string& root) {
  fmt::print("{}: {} models, {} seeds, {} sources\n", root, import.models.size(),
             import.seeds.size(), import.sources.size());
  if (!import.left.empty()) {
    fmt::print("\nleft for you:\n");
  }
  for (const dbt::LeftOver& left : import.left) {
    fmt::print("  {}: {}: {}\n", left.file, left.what, left.reason);
  }
  fmt::print("\nnext:\n  cd {} && sluice validate && sluice run\n", root);
}

}  // namespace

Result<int> run_import_dbt(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(dbt::Import import, dbt::import_project(line.import_dir));
  const std::string out = line.import_out.empty() ? import.name : line.import_out;
  const std::string root = std::filesystem::absolute(out).lexically_normal().string();
  SLUICE_RETURN_IF_ERROR(ImportWriter(root, import, line).run());
  if (!line.json) {
    print_import(import, out);
    return 0;
  }
  nlohmann::ordered_json document = {{"ok", true},
                                     {"path", root},
                                     {"models", import.models.size()},
                                     {"seeds", import.seeds.size()},
                                     {"sources", import.sources.size()}};
  document["left"] = nlohmann::ordered_json::array();
  for (const dbt::LeftOver& left : import.left) {
    document["left"].push_back({{"file", left.file}, {"what", left.what}, {"reason", left.reason}});
  }
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}

}  // namespace sluice::app
