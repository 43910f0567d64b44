#include "sluice/project/internal/source_file.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/internal/source_database.h"
#include "sluice/project/internal/source_intake.h"
#include "sluice/project/internal/table_name.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kNamespace = "bronze.";

constexpr std::string_view kKeys[] = {
    "source", "type",     "path",         "format",         "csv",          "nulls",
    "raw",    "contract", "on_violation", "settle",         "partition_by", "description",
    "tags",   "dedupe",   "renames",      "schema_changes", "compression",  "encoding"};
constexpr yaml::UnsupportedKey kUnbuiltKeys[] = {
    {"foreign_writes", "strangers may not write"},
};
constexpr std::string_view kDatabaseKeys[] = {
    "source",     "type",         "connection", "table",       "query",         "cursor",
    "cursor_lag", "snapshot_key", "continues",  "contract",    "on_violation",  "partition_by",
    "tags",       "dedupe",       "renames",    "description", "schema_changes"};
constexpr std::string_view kTypes[] = {"files", "sql"};
constexpr std::string_view kUnbuiltTypes[] = {"kafka", "http", "api", "cdc"};
constexpr std::string_view kFormats[] = {"csv", "ndjson", "json", "parquet"};
constexpr std::string_view kUnbuiltFormats[] = {"orc", "avro"};
constexpr std::string_view kCompressions[] = {"auto", "none", "gzip", "zstd"};
constexpr std::string_view kUnbuiltCompressions[] = {"bzip2", "xz", "zip", "lz4", "snappy"};

/// Endings of paths, and the format that each declares.
constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
    {"csv", "csv"},   {"ndjson", "ndjson"},   {"jsonl", "ndjson"},
    {"json", "json"}, {"parquet", "parquet"},
};
constexpr std::string_view kPackedEndings[] = {".gz", ".gzip", ".zst", ".zstd"};
constexpr std::string_view kActions[] = {"quarantine", "drop", "fail"};
constexpr std::string_view kCsvKeys[] = {"delimiter", "quote",   "header",  "encoding",
                                         "escape",    "comment", "decimal", "skip_lines"};
constexpr std::string_view kEncodings[] = {"utf-8", "utf-16le", "utf-16be", "latin-1",
                                           "windows-1252"};
constexpr std::string_view kDecimals[] = {".", ","};
constexpr std::int64_t kSkipLinesMax = 1'000'000;

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

/// The format that a path's ending declares, behind one that says how it is packed; "" for none
/// that is known.
std::string_view format_of(const std::string& path) {
  std::string name = base::lower(path);
  for (const std::string_view packed : kPackedEndings) {
    if (name.ends_with(packed)) {
      name.resize(name.size() - packed.size());
      break;
    }
  }
  const std::size_t dot = name.rfind('.');
  for (const auto& [ending, format] : kEndings) {
    if (dot != std::string::npos && name.substr(dot + 1) == ending) {
      return format;
    }
  }
  return "";
}

FileFormat format_named(std::string_view name) {
  return name == "ndjson"    ? FileFormat::kNdjson
         : name == "json"    ? FileFormat::kJson
         : name == "parquet" ? FileFormat::kParquet
                             : FileFormat::kCsv;
}

void read_format(const Node& root, Source& source, Reader& reader) {
  if (const Node* format = root.find("format")) {
    source.format =
        format_named(reader.choice(*format, "format", kFormats, kUnbuiltFormats).value_or("csv"));
    return;
  }
  std::set<std::string_view> by_path;
  for (const std::string& path : source.paths) {
    by_path.insert(format_of(path));
  }
  by_path.erase("");
  if (by_path.size() == 1) {
    source.format = format_named(*by_path.begin());
  } else if (by_path.size() > 1) {
    reader.add_at_key(root, "path", "the paths' endings say that the files have several formats",
                      "make a source of each format");
  } else if (!source.paths.empty()) {
    reader.add_at_key(root, "path", "the path's ending does not say which format the files have",
                      "write format: csv, ndjson, json or parquet");
  }
}

void read_compression(const Node& root, Source& source, Reader& reader) {
  const Node* node = root.find("compression");
  if (node == nullptr) {
    return;
  }
  const auto name =
      reader.choice(*node, "compression", kCompressions, kUnbuiltCompressions).value_or("auto");
  source.compression = name == "none"   ? Compression::kNone
                       : name == "gzip" ? Compression::kGzip
                       : name == "zstd" ? Compression::kZstd
                                        : Compression::kAuto;
  if (source.format == FileFormat::kParquet && (name == "gzip" || name == "zstd")) {
    reader.add(*node, "Parquet files are compressed inside, not as a whole",
               "leave compression out");
  }
}

void read_encoding(const Node& node, Source& source, Reader& reader) {
  const auto name = reader.choice(node, "encoding", kEncodings).value_or("utf-8");
  source.encoding = name == "utf-16le"       ? Encoding::kUtf16Le
                    : name == "utf-16be"     ? Encoding::kUtf16Be
                    : name == "latin-1"      ? Encoding::kLatin1
                    : name == "windows-1252" ? Encoding::kWindows1252
                                             : Encoding::kUtf8;
  if (source.format == FileFormat::kParquet) {
    reader.add(node, "Parquet files have no encoding of their text but UTF-8");
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

/// Reads a character that may be absent: `""`.
void read_optional_character(const Node& csv, std::string_view key, char& character,
                             Reader& reader) {
  const Node* node = csv.find(key);
  if (node != nullptr && node->is_scalar() && node->text.empty()) {
    character = 0;
  } else {
    read_character(csv, key, character, reader);
  }
}

void read_csv(const Node& csv, Source& source, Reader& reader) {
  CsvOptions& options = source.csv;
  if (!reader.expect_map(csv, "csv")) {
    return;
  }
  reader.check_known_keys(csv, "csv", kCsvKeys);
  read_character(csv, "delimiter", options.delimiter, reader);
  read_optional_character(csv, "quote", options.quote, reader);
  read_optional_character(csv, "escape", options.escape, reader);
  read_optional_character(csv, "comment", options.comment, reader);
  if (options.delimiter == options.quote) {
    reader.add(csv, "delimiter and quote must differ");
  }
  if (options.delimiter == options.escape || options.delimiter == options.comment ||
      (options.comment != 0 && options.comment == options.quote)) {
    reader.add(csv, "delimiter, quote, escape and comment must differ");
  }
  if (const Node* header = csv.find("header")) {
    options.header = reader.boolean(*header, "header").value_or(true);
  }
  if (const Node* lines = csv.find("skip_lines")) {
    options.skip_lines = reader.integer(*lines, "skip_lines", 0, kSkipLinesMax).value_or(0);
  }
  if (const Node* decimal = csv.find("decimal")) {
    options.decimal = reader.choice(*decimal, "decimal", kDecimals).value_or(".")[0];
    if (options.decimal == options.delimiter) {
      reader.add(*decimal, "decimal and delimiter must differ");
    }
  }
  if (const Node* encoding = csv.find("encoding")) {
    read_encoding(*encoding, source, reader);
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

/// Reads the keys that say which files there are and how they are read.
void read_file_options(const Node& root, const std::filesystem::path& project_root, Source& source,
                       Reader& reader) {
  read_intake(root, project_root, source, reader);
  read_format(root, source, reader);
  read_compression(root, source, reader);
  if (const Node* encoding = root.find("encoding")) {
    read_encoding(*encoding, source, reader);
  }
  if (const Node* csv = root.find("csv")) {
    read_csv(*csv, source, reader);
    if (source.format != FileFormat::kCsv) {
      reader.add_at_key(root, "csv", "the files are not CSV",
                        "leave csv out, or write format: csv");
    }
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
  const Node* type = reader.required(root, "type", "a source");
  const auto kind =
      type == nullptr ? std::nullopt : reader.choice(*type, "type", kTypes, kUnbuiltTypes);
  if (kind == "sql") {
    reader.check_known_keys(root, "a source of type sql", kDatabaseKeys, kUnbuiltKeys);
    read_table(root, source, reader);
    read_database(root, project_root, source, reader);
    read_schema_changes(root, source, reader);
  } else {
    reader.check_known_keys(root, "a source", kKeys, kUnbuiltKeys);
    read_table(root, source, reader);
    read_file_options(root, project_root, source, reader);
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
  if (const Node* contract = root.find("contract")) {
    file.contract = reader.text(*contract, "contract").value_or("");
    file.contract_mark = contract->mark;
    if (contract->is_null() || (contract->is_scalar() && file.contract.empty())) {
      reader.add(*contract, "the contract must not be empty",
                 "name a file of contracts/, or leave 'contract' out: columns are inferred then");
    }
  } else {
    source.inferred = true;
  }
  return file;
}

}  // namespace sluice::project::internal
