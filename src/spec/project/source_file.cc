#include "sluice/project/internal/source_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/internal/source_intake.h"
#include "sluice/project/internal/table_name.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kNamespace = "bronze.";

constexpr std::string_view kKeys[] = {
    "source",       "type",   "path",         "format",      "csv",  "nulls",  "raw",    "contract",
    "on_violation", "settle", "partition_by", "description", "tags", "dedupe", "renames", "schema_changes"};
constexpr yaml::UnsupportedKey kUnbuiltKeys[] = {
    {"foreign_writes", "strangers may not write"},
};
constexpr std::string_view kTypes[] = {"files"};
constexpr std::string_view kUnbuiltTypes[] = {"kafka", "http", "api", "cdc", "sql"};
constexpr std::string_view kFormats[] = {"csv"};
constexpr std::string_view kUnbuiltFormats[] = {"ndjson", "json", "parquet", "orc", "avro"};
constexpr std::string_view kActions[] = {"quarantine", "drop", "fail"};
constexpr std::string_view kCsvKeys[] = {"delimiter", "quote", "header", "encoding"};
constexpr std::string_view kEncodings[] = {"utf-8"};
constexpr std::string_view kUnbuiltEncodings[] = {"latin-1", "utf-16", "windows-1252"};

constexpr std::int64_t kSettleMsMax = std::int64_t{24} * 3600 * 1000;

void read_table(const Node& root, Source& source, Reader& reader) {
  const Node* node = reader.required(root, "source", "a source");
  const auto text = node == nullptr ? std::nullopt : reader.text(*node, "source");
  if (!text) {
    return;
  }
  source.mark = node->mark;
  if (!text->starts_with(kNamespace) || !is_table_name(*text)) {
    reader.add(*node, "source '" + *text + "' names no bronze table",
               "write bronze.<name>, the name in lower-case letters, digits and _");
    return;
  }
  source.table = *text;
  source.name = text->substr(kNamespace.size());
}

/// The format that a path's ending declares, "" for none that is known.
std::string format_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  std::string ending = dot == std::string::npos ? "" : base::lower(path.substr(dot + 1));
  for (const std::string_view format : kFormats) {
    if (ending == format) {
      return ending;
    }
  }
  return "";
}

void read_format(const Node& root, Source& source, Reader& reader) {
  if (const Node* format = root.find("format")) {
    source.format = reader.choice(*format, "format", kFormats, kUnbuiltFormats).value_or("csv");
  } else if (!source.paths.empty() &&
             std::all_of(source.paths.begin(), source.paths.end(),
                         [](const std::string& path) { return format_of(path).empty(); })) {
    reader.add_at_key(root, "path", "the path's ending does not say which format the files have",
                      "write format: csv");
  }
}

void read_character(const Node& csv, std::string_view key, char& character, Reader& reader) {
  const Node* node = csv.find(key);
  const auto text = node == nullptr ? std::nullopt : reader.text(*node, key);
  if (!text) {
    return;
  }
  const bool tab = *text == "\\t";
  const bool one = text->size() == 1 && (*text)[0] != '\n' && (*text)[0] != '\r' &&
                   static_cast<unsigned char>((*text)[0]) < 0x80;
  if (!tab && !one) {
    reader.add(*node, std::string(key) + " must be one ASCII character, not '" + *text + "'");
    return;
  }
  character = tab ? '\t' : (*text)[0];
}

void read_csv(const Node& csv, CsvOptions& options, Reader& reader) {
  if (!reader.expect_map(csv, "csv")) {
    return;
  }
  reader.check_known_keys(csv, "csv", kCsvKeys);
  read_character(csv, "delimiter", options.delimiter, reader);
  read_character(csv, "quote", options.quote, reader);
  if (options.delimiter == options.quote) {
    reader.add(csv, "delimiter and quote must differ");
  }
  if (const Node* header = csv.find("header")) {
    options.header = reader.boolean(*header, "header").value_or(true);
  }
  if (const Node* encoding = csv.find("encoding")) {
    (void)reader.choice(*encoding, "encoding", kEncodings, kUnbuiltEncodings);
  }
}

void read_handling(const Node& root, Source& source, Reader& reader) {
  if (const Node* node = root.find("on_violation")) {
    const auto action = reader.choice(*node, "on_violation", kActions).value_or("quarantine");
    source.on_violation = action == "drop"   ? OnViolation::kDrop
                          : action == "fail" ? OnViolation::kFail
                                             : OnViolation::kQuarantine;
  }
  if (const Node* settle = root.find("settle")) {
    const auto ms = reader.duration_ms(*settle, "settle");
    if (ms && *ms > kSettleMsMax) {
      reader.add(*settle, "settle must be at most 1d, not " + settle->text);
    } else if (ms) {
      source.settle_ms = *ms;
    }
  }
  if (const Node* nulls = root.find("nulls")) {
    source.nulls = reader.texts(*nulls, "nulls").value_or(std::vector<std::string>{""});
  }
}

}  // namespace

std::vector<NamedPlace> read_places(const Node& node, std::string_view what, Reader& reader) {
  std::vector<NamedPlace> places;
  const auto add = [&](const Node& item) {
    if (auto text = reader.text(item, what)) {
      places.push_back({std::move(*text), item.mark});
    }
  };
  if (!node.is_list()) {
    add(node);
    return places;
  }
  for (const Node& child : node.children) {
    add(child);
  }
  return places;
}

std::map<std::string, std::string> read_renames(const Node& node, Reader& reader) {
  std::map<std::string, std::string> renames;
  std::set<std::string> taken;
  if (!reader.expect_map(node, "renames")) {
    return renames;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const auto to = reader.text(node.children[i], "renames");
    if (to && !taken.insert(*to).second) {
      reader.add(node.children[i], "two columns cannot both become '" + *to + "'");
    } else if (to) {
      renames[node.keys[i].name] = *to;
    }
  }
  for (const auto& [from, to] : renames) {
    if (renames.contains(to)) {
      reader.add(node, "'" + to + "' is both an old and a new name",
                 "rename in two runs, or name the first old and the last new name");
    }
  }
  return renames;
}

std::string partition_column(std::string_view transform) {
  const std::size_t open = transform.find('(');
  if (open == std::string_view::npos) {
    return std::string(base::trim(transform));
  }
  if (!transform.ends_with(')')) {
    return "";
  }
  const std::string_view inside = transform.substr(open + 1, transform.size() - open - 2);
  return std::string(base::trim(inside.substr(inside.rfind(',') + 1)));  // npos + 1 is 0
}

SourceFile read_source(const Node& root, const std::filesystem::path& project_root,
                       Reader& reader) {
  SourceFile file;
  if (!reader.expect_map(root, "a source")) {
    return file;
  }
  Source& source = file.source;
  reader.check_known_keys(root, "a source", kKeys, kUnbuiltKeys);
  read_table(root, source, reader);
  if (const Node* type = reader.required(root, "type", "a source")) {
    (void)reader.choice(*type, "type", kTypes, kUnbuiltTypes);
  }
  read_intake(root, project_root, source, reader);
  read_format(root, source, reader);
  if (const Node* csv = root.find("csv")) {
    read_csv(*csv, source.csv, reader);
  }
  read_handling(root, source, reader);
  if (const Node* description = root.find("description")) {
    source.description = reader.text(*description, "description").value_or("");
  }
  if (const Node* tags = root.find("tags")) {
    source.tags = reader.texts(*tags, "tags").value_or(std::vector<std::string>{});
  }
  if (const Node* partition = root.find("partition_by")) {
    file.partition_by = read_places(*partition, "partition_by", reader);
    for (const NamedPlace& place : file.partition_by) {
      source.partition_by.push_back(place.name);
    }
  }
  if (const Node* dedupe = root.find("dedupe")) {
    file.dedupe_key = read_dedupe(*dedupe, source, reader);
  }
  if (const Node* renames = root.find("renames")) {
    source.renames = read_renames(*renames, reader);
  }
  if (const Node* contract = reader.required(root, "contract", "a source")) {
    file.contract = reader.text(*contract, "contract").value_or("");
    file.contract_mark = contract->mark;
  }
  return file;
}

}  // namespace sluice::project::internal
