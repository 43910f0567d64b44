#include "sluice/dbt/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/data/csv_table.h"
#include "sluice/dbt/internal/folder.h"
#include "sluice/dbt/internal/properties.h"
#include "sluice/dbt/jinja.h"

namespace sluice::dbt {

namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Status;
using internal::ModelConfig;
using internal::Properties;

/// Namespaces that are not a model's to choose.
constexpr std::size_t kSeedBytesMax = std::size_t{1} << 20;  // of a file in seeds/
constexpr std::string_view kReserved[] = {"bronze", "seeds", "quarantine", "sluice"};

/// Text as a YAML scalar that is read back as it was.
std::string yaml_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string stem_of(const std::string& file) { return fs::path(file).stem().string(); }

/// Folders between a model path and the file.
std::vector<std::string> folders_below(const std::string& file, const std::string& base_folder) {
  std::vector<std::string> parts =
      base::split(fs::path(file).lexically_relative(base_folder).generic_string(), '/');
  parts.pop_back();
  return parts;
}

/// A model of the dbt project on its way.
struct Draft {
  std::string name;
  std::string from;
  std::string text;
  std::string table;
  ModelConfig config;
  const Properties* properties = nullptr;
  bool incremental = false;
};

/// Turns one dbt project into one of ours.
class Importer {
 public:
  explicit Importer(fs::path root) : root_(std::move(root)) {}

  Result<Import> run() {
    SLUICE_ASSIGN_OR_RETURN(project_, internal::read_project_file(root_));
    import_.name = internal::as_name(project_.name.empty() ? "project" : project_.name);
    SLUICE_RETURN_IF_ERROR(read_all_properties());
    SLUICE_RETURN_IF_ERROR(read_seeds());
    read_sources();
    SLUICE_RETURN_IF_ERROR(read_macros());
    SLUICE_RETURN_IF_ERROR(read_models());
    for (Draft& draft : drafts_) {
      add_model(draft);
    }
    SLUICE_RETURN_IF_ERROR(list_the_rest());
    resolve_references();
    import_.files["sluice.yaml"] = fmt::format(
        "project: {}\ntargets:\n  dev: {{ warehouse: ./warehouse, metastore: sqlite }}\n"
        "default_target: dev\n",
        import_.name);
    import_.files[".gitignore"] = "/.sluice/\n/warehouse/\n";
    return std::move(import_);
  }

 private:
  void leave(std::string file, std::string what, std::string reason) {
    import_.left.push_back({std::move(file), std::move(what), std::move(reason)});
  }

  Status read_all_properties() {
    for (const auto* paths : {&project_.model_paths, &project_.seed_paths}) {
      for (const std::string& folder : *paths) {
        for (const char* ending : {".yml", ".yaml"}) {
          SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(root_, folder, ending));
          for (const std::string& file : files) {
            SLUICE_ASSIGN_OR_RETURN(const auto document, internal::read_yaml(root_, file));
            auto read = internal::read_properties(file, document.root, import_.left);
            std::move(read.models.begin(), read.models.end(), std::back_inserter(models_));
            std::move(read.seeds.begin(), read.seeds.end(), std::back_inserter(seeds_));
            std::move(read.sources.begin(), read.sources.end(), std::back_inserter(sources_));
          }
        }
      }
    }
    return {};
  }

  static const Properties* find(const std::vector<Properties>& all, const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Properties& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
  }

  static ImportedTable imported(std::string table, std::string file, std::string from,
                                const Properties* properties) {
    ImportedTable made;
    made.table = std::move(table);
    made.file = std::move(file);
    made.from = std::move(from);
    if (properties != nullptr) {
      made.description = properties->description;
      made.columns = properties->columns;
      made.tests = properties->tests;
    }
    return made;
  }

  Status read_seeds() {
    for (const std::string& folder : project_.seed_paths) {
      SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(root_, folder, ".csv"));
      for (const std::string& file : files) {
        SLUICE_RETURN_IF_ERROR(read_seed(file));
      }
    }
    return {};
  }

  /// A seed is a seed here; one that is too large becomes a source of its one file, whose contract
  /// says what its columns are.
  Status read_seed(const std::string& file) {
    const std::string name = stem_of(file);
    const std::string own = internal::as_name(name);
    SLUICE_ASSIGN_OR_RETURN(std::string text, internal::read_file(root_ / file));
    const auto rows = data::parse_csv_table(text);
    if (!rows) {
      leave(file, "seed " + name, rows.error().message);
      return {};
    }
    const bool small = text.size() <= kSeedBytesMax;
    const Properties* properties = find(seeds_, name);
    ImportedTable seed =
        small ? imported("seeds." + own, "seeds/" + own + ".csv", file, properties)
              : imported("bronze." + own, "sources/" + own + ".yaml", file, properties);
    describe_columns(*rows, seed);
    if (small) {
      import_.files[seed.file] = std::move(text);
    } else {
      write_seed_source(name, own, std::move(text), seed);
    }
    references_[name] = seed.table;
    import_.seeds.push_back(std::move(seed));
    return {};
  }

  /// All columns of a seed, with what its properties say of them.
  static void describe_columns(const data::CsvTable& rows, ImportedTable& seed) {
    const std::vector<ColumnDescription> described = std::move(seed.columns);
    seed.columns.clear();
    for (std::size_t i = 0; i < rows.names.size(); ++i) {
      const auto found = std::find_if(described.begin(), described.end(), [&](const auto& one) {
        return base::lower(one.name) == base::lower(rows.names[i]);
      });
      const bool typed = found != described.end() && !found->data_type.empty();
      seed.typed = seed.typed || typed;
      seed.columns.push_back({rows.names[i], found == described.end() ? "" : found->description,
                              typed
                                  ? found->data_type
                                  : base::lower(data::duckdb_name(data::narrowest_type(rows, i)))});
    }
  }

  void write_seed_source(const std::string& name, const std::string& own, std::string text,
                         const ImportedTable& seed) {
    const std::string path = "data/seeds/" + own + ".csv";
    import_.files[path] = std::move(text);
    import_.files[seed.file] = fmt::format(
        "# dbt seed {}\nsource: {}\ntype: files\npath: {}\nsettle: 0s\n", name, seed.table, path);
    if (!seed.description.empty()) {
      import_.files[seed.file] += "description: " + yaml_text(seed.description) + "\n";
    }
    bronze_names_.insert(own);
    leave(seed.from, "replacing seed " + name,
          "it is too large for a seed here and became a source: a changed file is landed as more "
          "rows; a key in its contract keeps the first of each");
  }

  void read_sources() {
    for (const Properties& source : sources_) {
      std::string name = internal::as_name(source.name);
      if (!bronze_names_.insert(name).second) {
        name = fmt::format("{}_{}", internal::as_name(source.source), name);
        bronze_names_.insert(name);
      }
      const std::string table = "bronze." + name;
      source_tables_[source.source + "." + source.name] = table;
      const std::string file = "sources/" + name + ".yaml";
      std::string text = fmt::format(
          "# dbt source {0}.{1}{2}: say where its rows come from.\nsource: {3}\ntype: files\n"
          "path: data/{4}/*.csv\n",
          source.source, source.name,
          source.identifier.empty() ? "" : " (" + source.identifier + ")", table, name);
      if (!source.description.empty()) {
        text += "description: " + yaml_text(source.description) + "\n";
      }
      import_.files[file] = std::move(text);
      import_.sources.push_back(imported(table, file, source.file, &source));
      leave(source.file, fmt::format("where source {}.{} comes from", source.source, source.name),
            "dbt does not know it; set path (or type: sql) in " + file);
    }
  }

  Status read_macros() {
    for (const std::string& folder : project_.macro_paths) {
      SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(root_, folder, ".sql"));
      for (const std::string& file : files) {
        SLUICE_ASSIGN_OR_RETURN(const std::string text, internal::read_file(root_ / file));
        JinjaScope scope = scope_;
        if (const auto rendered = render_jinja(text, scope); !rendered) {
          leave(file, "macros of this file", rendered.error().message);
        }
        for (const auto& [name, macro] : scope.macros) {
          scope_.macros[name] = macro;
          scope_.macros[project_.name + "." + name] = macro;
        }
      }
    }
    return {};
  }

  Status read_models() {
    for (const std::string& folder : project_.model_paths) {
      SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(root_, folder, ".sql"));
      for (const std::string& file : files) {
        Draft draft;
        draft.from = file;
        draft.name = stem_of(file);
        SLUICE_ASSIGN_OR_RETURN(draft.text, internal::read_file(root_ / file));
        const auto folders = folders_below(file, folder);
        draft.config = internal::config_of(project_, folders, draft.name);
        draft.properties = find(models_, draft.name);
        if (draft.properties != nullptr && draft.properties->has_config) {
          merge(draft.properties->config, draft.config);
        }
        find_own_config(draft);
        const std::string ns = !draft.config.schema.empty() ? draft.config.schema
                               : folders.empty()            ? "main"
                                                            : folders.front();
        draft.table = own_namespace(ns) + "." + internal::as_name(draft.name);
        references_[draft.name] = draft.table;
        drafts_.push_back(std::move(draft));
      }
      SLUICE_ASSIGN_OR_RETURN(const auto python, internal::list_files(root_, folder, ".py"));
      for (const std::string& file : python) {
        leave(file, "model " + stem_of(file), "is Python; a model is one SELECT");
      }
    }
    return {};
  }

  static std::string own_namespace(const std::string& name) {
    std::string made = internal::as_name(name);
    const bool reserved =
        std::find(std::begin(kReserved), std::end(kReserved), made) != std::end(kReserved);
    return reserved ? made + "_models" : made;
  }

  static void merge(const ModelConfig& from, ModelConfig& into) {
    into.enabled = into.enabled && from.enabled;
    into.schema = from.schema.empty() ? into.schema : from.schema;
    into.materialized = from.materialized.empty() ? into.materialized : from.materialized;
    into.tags.insert(into.tags.end(), from.tags.begin(), from.tags.end());
    into.unique_key = from.unique_key.empty() ? into.unique_key : from.unique_key;
  }

  /// Renders a model once for what its `config()` says, whatever comes of its text.
  void find_own_config(Draft& draft) {
    JinjaScope scope = model_scope(draft, true);
    (void)render_jinja(draft.text, scope);
  }

  static std::vector<std::string> texts(const JinjaValue& value) {
    std::vector<std::string> all;
    if (value.list() != nullptr) {
      for (const JinjaValue& item : *value.list()) {
        all.push_back(item.print());
      }
    } else if (!value.is_none()) {
      all.push_back(value.print());
    }
    return all;
  }

  void read_config(const JinjaArguments& arguments, Draft& draft) {
    std::map<std::string, JinjaValue> given = arguments.named;
    if (!arguments.positional.empty() && arguments.positional[0].map() != nullptr) {
      given.insert(arguments.positional[0].map()->begin(), arguments.positional[0].map()->end());
    }
    for (const auto& [key, value] : given) {
      if (key == "schema") {
        draft.config.schema = value.print();
      } else if (key == "materialized") {
        draft.config.materialized = value.print();
      } else if (key == "tags") {
        draft.config.tags = texts(value);
      } else if (key == "unique_key") {
        draft.config.unique_key = texts(value);
      } else if (key == "enabled") {
        draft.config.enabled = value.truthy();
      } else if (key == "pre_hook" || key == "post_hook") {
        hooks_.insert(draft.from);
      }
    }
  }

  /// What a model's template may call. `draft` outlives the scope.
  JinjaScope model_scope(Draft& draft, bool first_look) {
    JinjaScope scope = scope_;
    scope.variables["this"] = JinjaValue(draft.table);
    scope.variables["execute"] = JinjaValue(false);
    scope.variables["flags"] = JinjaValue(JinjaValue::Map{{"FULL_REFRESH", false}});
    scope.variables["model"] = JinjaValue(JinjaValue::Map{{"name", draft.name}});
    scope.variables["target"] = JinjaValue(JinjaValue::Map{
        {"name", "dev"}, {"schema", "main"}, {"type", "duckdb"}, {"database", import_.name}});
    scope.functions["config"] = [this, &draft](const JinjaArguments& given) -> Result<JinjaValue> {
      read_config(given, draft);
      return JinjaValue("");
    };
    scope.functions["is_incremental"] = [&draft](const JinjaArguments&) -> Result<JinjaValue> {
      draft.incremental = true;
      return JinjaValue(false);
    };
    scope.functions["ref"] = [this, first_look](const JinjaArguments& given) {
      return reference(given, first_look);
    };
    scope.functions["source"] = [this](const JinjaArguments& given) { return source(given); };
    scope.functions["var"] = [this](const JinjaArguments& given) { return variable(given); };
    scope.functions["env_var"] = [](const JinjaArguments& given) -> Result<JinjaValue> {
      if (given.positional.size() < 2) {
        return base::unsupported("env_var() without a default");
      }
      return given.positional[1];
    };
    scope.functions["dbt_utils.generate_surrogate_key"] = surrogate_key;
    scope.functions["dbt_utils.surrogate_key"] = surrogate_key;
    scope.functions["log"] = [](const JinjaArguments&) -> Result<JinjaValue> {
      return JinjaValue("");
    };
    return scope;
  }

  Result<JinjaValue> reference(const JinjaArguments& given, bool first_look) const {
    if (given.positional.empty() || given.positional.size() > 2) {
      return base::invalid_input("ref() takes a model's name");
    }
    const std::string name = given.positional.back().print();
    const auto found = references_.find(name);
    if (found != references_.end()) {
      return JinjaValue(found->second);
    }
    return first_look ? Result<JinjaValue>(JinjaValue(name))
                      : base::unsupported(
                            fmt::format("ref('{}') names no model or seed of this project", name));
  }

  Result<JinjaValue> source(const JinjaArguments& given) const {
    if (given.positional.size() != 2) {
      return base::invalid_input("source() takes a source's name and a table's");
    }
    const std::string name = given.positional[0].print() + "." + given.positional[1].print();
    const auto found = source_tables_.find(name);
    if (found == source_tables_.end()) {
      return base::unsupported(fmt::format("source {} is declared nowhere", name));
    }
    return JinjaValue(found->second);
  }

  Result<JinjaValue> variable(const JinjaArguments& given) const {
    if (given.positional.empty()) {
      return base::invalid_input("var() takes a name");
    }
    const auto found = project_.vars.find(given.positional[0].print());
    if (found != project_.vars.end()) {
      return found->second;
    }
    if (given.positional.size() > 1) {
      return given.positional[1];
    }
    return base::unsupported(
        fmt::format("variable '{}' has no value in dbt_project.yml", given.positional[0].print()));
  }

  /// The same key that dbt_utils makes, so that keys kept elsewhere go on to match.
  static Result<JinjaValue> surrogate_key(const JinjaArguments& given) {
    if (given.positional.size() != 1 || given.positional[0].list() == nullptr) {
      return base::invalid_input("generate_surrogate_key() takes a list of columns");
    }
    std::string text;
    for (const JinjaValue& column : *given.positional[0].list()) {
      text += fmt::format("{}coalesce(cast({} as varchar), '_dbt_utils_surrogate_key_null_')",
                          text.empty() ? "" : " || '-' || ", column.print());
    }
    return JinjaValue(fmt::format("md5({})", text));
  }

  void add_model(Draft& draft) {
    if (!draft.config.enabled) {
      leave(draft.from, "model " + draft.name, "is not enabled");
      return;
    }
    JinjaScope scope = model_scope(draft, false);
    const auto sql = render_jinja(draft.text, scope);
    if (!sql) {
      leave(draft.from, "model " + draft.name, sql.error().message);
      return;
    }
    note_differences(draft);
    const std::string file = fmt::format("models/{}.sql", slashed(draft.table));
    import_.files[file] = header(draft) + std::string(base::trim(*sql)) + "\n";
    import_.models.push_back(imported(draft.table, file, draft.from, draft.properties));
  }

  static std::string slashed(std::string table) {
    table[table.find('.')] = '/';
    return table;
  }

  void note_differences(const Draft& draft) {
    if (draft.config.materialized == "ephemeral" || draft.config.materialized == "view") {
      leave(draft.from,
            fmt::format("materialized: {} of {}", draft.config.materialized, draft.name),
            "every model is a table here, refreshed when its inputs change");
    } else if (draft.incremental || draft.config.materialized == "incremental") {
      leave(draft.from, fmt::format("the incremental branch of {}", draft.name),
            "left out: how a table is kept up to date is derived from its SELECT");
    }
    if (hooks_.contains(draft.from)) {
      leave(draft.from, "hooks of " + draft.name, "nothing runs beside a model's SELECT");
    }
  }

  static std::string header(const Draft& draft) {
    std::string lines;
    if (draft.properties != nullptr && !draft.properties->description.empty()) {
      lines += "description: " + yaml_text(draft.properties->description) + "\n";
    }
    if (!draft.config.tags.empty()) {
      lines += "tags: [" + base::join(draft.config.tags, ", ") + "]\n";
    }
    if (!draft.config.unique_key.empty()) {
      lines += "key: [" + base::join(draft.config.unique_key, ", ") + "]\n";
    }
    return lines.empty() ? "" : "/*---\n" + lines + "---*/\n";
  }

  Status list_the_rest() {
    for (const auto& [paths, what, reason] :
         {std::tuple{&project_.test_paths, "test",
                     "write it as a quality rule of type sql: the count of its rows mustBe 0"},
          {&project_.snapshot_paths, "snapshot", "history of changes is not built yet"},
          {&project_.analysis_paths, "analysis", "run it with sluice query"}}) {
      for (const std::string& folder : *paths) {
        SLUICE_ASSIGN_OR_RETURN(const auto files, internal::list_files(root_, folder, ".sql"));
        for (const std::string& file : files) {
          leave(file, fmt::format("{} {}", what, stem_of(file)), reason);
        }
      }
    }
    for (const char* file : {"packages.yml", "dependencies.yml"}) {
      std::error_code error;
      if (fs::exists(root_ / file, error)) {
        leave(file, "packages", "macros of packages are not read; few of dbt_utils are built in");
      }
    }
    return {};
  }

  /// Gives relationships tests the names that their tables have here.
  void resolve_references() {
    for (auto* tables : {&import_.models, &import_.seeds, &import_.sources}) {
      for (ImportedTable& table : *tables) {
        for (ColumnTest& test : table.tests) {
          if (test.kind != "relationships") {
            continue;
          }
          JinjaScope scope;
          scope.functions["ref"] = [this](const JinjaArguments& given) {
            return reference(given, false);
          };
          scope.functions["source"] = [this](const JinjaArguments& given) { return source(given); };
          const auto to = render_jinja("{{ " + test.to_table + " }}", scope);
          if (to) {
            test.to_table = *to;
          } else {
            leave(table.from, "relationships of " + table.table + "." + test.column,
                  to.error().message);
            test.kind.clear();
          }
        }
        std::erase_if(table.tests, [](const ColumnTest& test) { return test.kind.empty(); });
      }
    }
  }

  fs::path root_;
  internal::ProjectFile project_;
  Import import_;
  JinjaScope scope_;  // macros of the project
  std::vector<Properties> models_;
  std::vector<Properties> seeds_;
  std::vector<Properties> sources_;
  std::vector<Draft> drafts_;
  std::set<std::string> bronze_names_;                // of sources and seeds
  std::set<std::string> hooks_;                       // files of models that have some
  std::map<std::string, std::string> references_;     // dbt name -> our table
  std::map<std::string, std::string> source_tables_;  // `shop.orders` -> our table
};

}  // namespace

Result<Import> import_project(const fs::path& root) { return Importer(root).run(); }

}  // namespace sluice::dbt
