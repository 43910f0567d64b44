#include "sluice/project/internal/model_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/internal/source_file.h"
#include "sluice/project/internal/table_name.h"
#include "sluice/sql/lexical.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kFolder = "models/";
constexpr std::string_view kEnding = ".sql";
constexpr std::string_view kHeaderBegin = "/*---";
constexpr std::string_view kHeaderEnd = "---*/";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::string_view kKeys[] = {"description",  "target_lag", "refresh", "key",
                                      "partition_by", "priority",   "engine",  "depends_on",
                                      "tags",         "renames"};
constexpr yaml::UnsupportedKey kUnbuiltKeys[] = {
    {"deadline", "target_lag says how stale the table may get"},
    {"budget", "resources in sluice.yaml bound what a run may use"},
};
constexpr std::string_view kRefreshModes[] = {"auto", "incremental", "full"};
constexpr std::string_view kUnbuiltRefreshModes[] = {"incremental_strict"};
constexpr std::string_view kPriorities[] = {"low", "normal", "high"};
constexpr std::string_view kEngines[] = {"duckdb"};
constexpr std::string_view kUnbuiltEngines[] = {"spark", "flink"};

/// `models/gold/daily.sql` is `gold.daily`.
std::string table_of(const std::string& file, yaml::Diagnostics& diagnostics) {
  std::string table = file.substr(kFolder.size(), file.size() - kFolder.size() - kEnding.size());
  std::replace(table.begin(), table.end(), '/', '.');
  const std::string space = table.substr(0, table.find('.'));
  if (!is_table_name(table)) {
    diagnostics.add({file,
                     {1, 1},
                     "the file's path names no table",
                     "write models/<namespace>/<table>.sql in lower-case letters, digits and _",
                     ""});
  } else if (space == "bronze" || is_reserved_namespace(space)) {
    diagnostics.add({file,
                     {1, 1},
                     "namespace '" + space + "' is not for models",
                     "models live in namespaces such as silver and gold",
                     ""});
  }
  return table;
}

/// Where the header's YAML and the statement stand in the text.
struct Parts {
  std::optional<yaml::Extent> header;
  std::size_t sql_begin = 0;
  bool header_is_open = false;
};

Parts split_header(const yaml::SourceText& source, yaml::Diagnostics& diagnostics) {
  const std::string_view text = source.text;
  const std::size_t start = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t first = std::min(text.find_first_not_of(kBlanks, start), text.size());
  Parts parts;
  parts.sql_begin = first;
  if (!text.substr(first).starts_with(kHeaderBegin)) {
    return parts;
  }
  const auto line =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), '\n');
  const int header_line = static_cast<int>(line) + 1;
  const std::size_t end = text.find(kHeaderEnd, first + kHeaderBegin.size());
  const std::size_t line_end = text.find('\n', first);
  if (end == std::string_view::npos) {
    diagnostics.add(source, {header_line, 1}, "the header does not end", "close it with ---*/");
    parts.sql_begin = text.size();
    parts.header_is_open = true;
    return parts;
  }
  if (line_end > end) {
    diagnostics.add(source, {header_line, 1}, "the header's keys must begin on their own line");
  } else {
    parts.header = yaml::Extent{line_end + 1, end, header_line + 1};
  }
  parts.sql_begin = std::min(text.find_first_not_of(kBlanks, end + kHeaderEnd.size()), text.size());
  return parts;
}

/// Returns the end of the statement: what follows is blanks, comments and semicolons.
std::size_t statement_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  for (std::size_t at = begin; at < text.size();) {
    if (const std::size_t after = sql::skip_quoted(text, at); after != at) {
      end = sql::is_comment(text, at) ? end : after;
      at = after;
      continue;
    }
    const char c = text[at++];
    if (c != ';' && kBlanks.find(c) == std::string_view::npos) {
      end = at;
    }
  }
  return end;
}

void read_objectives(const Node& root, Model& model, Reader& reader) {
  if (const Node* lag = root.find("target_lag")) {
    model.target_lag_ms = reader.duration_ms(*lag, "target_lag");
  }
  if (const Node* node = root.find("refresh")) {
    const auto mode =
        reader.choice(*node, "refresh", kRefreshModes, kUnbuiltRefreshModes).value_or("auto");
    model.refresh = mode == "full"          ? RefreshMode::kFull
                    : mode == "incremental" ? RefreshMode::kIncremental
                                            : RefreshMode::kAuto;
  }
  if (const Node* node = root.find("priority")) {
    const auto priority = reader.choice(*node, "priority", kPriorities).value_or("normal");
    model.priority = priority == "low"    ? Priority::kLow
                     : priority == "high" ? Priority::kHigh
                                          : Priority::kNormal;
  }
  if (const Node* engine = root.find("engine")) {
    model.engine = reader.choice(*engine, "engine", kEngines, kUnbuiltEngines).value_or("");
  }
}

void read_header(const Node& root, Model& model, Reader& reader) {
  if (root.is_null() || !reader.expect_map(root, "the header")) {
    return;
  }
  reader.check_known_keys(root, "the header of a model", kKeys, kUnbuiltKeys);
  if (const Node* description = root.find("description")) {
    model.description = reader.text(*description, "description").value_or("");
  }
  if (const Node* tags = root.find("tags")) {
    model.tags = reader.texts(*tags, "tags").value_or(std::vector<std::string>{});
  }
  read_objectives(root, model, reader);
  if (const Node* key = root.find("key")) {
    model.key = read_places(*key, "key", reader);
    if (model.key.empty()) {
      reader.add(*key, "key must name at least one column");
    }
  }
  if (const Node* partition = root.find("partition_by")) {
    model.partition_by = read_places(*partition, "partition_by", reader);
  }
  if (const Node* depends = root.find("depends_on")) {
    model.depends_on = read_places(*depends, "depends_on", reader);
  }
  if (const Node* renames = root.find("renames")) {
    model.renames = read_renames(*renames, reader);
  }
}

}  // namespace

Model read_model(std::string file, std::string text, const yaml::EnvLookup& env,
                 yaml::Diagnostics& diagnostics) {
  Model model;
  model.table = table_of(file, diagnostics);
  model.file = std::move(file);
  yaml::SourceText source{model.file, std::move(text)};
  const Parts parts = split_header(source, diagnostics);
  if (parts.header) {
    yaml::Diagnostics header_diagnostics;
    const yaml::Document document = yaml::parse(source, *parts.header, header_diagnostics);
    Reader reader(header_diagnostics, env);
    read_header(document.root, model, reader);
    diagnostics.append(std::move(header_diagnostics));
  }
  model.sql_offset = parts.sql_begin;
  model.sql_end = statement_end(source.text, parts.sql_begin);
  if (model.sql_end == model.sql_offset && !parts.header_is_open) {
    diagnostics.add({model.file, {1, 1}, "the file has no SELECT", "", ""});
  }
  model.text = std::move(source.text);
  return model;
}

}  // namespace sluice::project::internal
