#include "sluice/lake/internal/snapshot_summary.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <variant>

namespace sluice::lake {

namespace {

using Summary = std::map<std::string, std::string>;

/// Writes a value so that different values of one type give different texts.
struct KeyWriter {
  std::string operator()(std::monostate) const { return "-"; }
  std::string operator()(const std::string& text) const {
    return fmt::format("{}:{}", text.size(), text);
  }
  std::string operator()(data::Int128 value) const { return data::int128_to_text(value); }
  std::string operator()(const data::NestedValue& value) const {
    std::string text = fmt::format("{}", value.items().size());
    for (const data::Value& item : value.items()) {
      text += '(' + std::visit(*this, item) + ')';
    }
    return text;
  }
  template <class T>
  std::string operator()(T value) const {
    return fmt::format("{}", value);
  }
};

std::string partition_key(const DataFile& file) {
  std::string key = fmt::format("{}", file.spec_id);
  for (const data::Value& value : file.partition) {
    key += '/' + std::visit(KeyWriter(), value);
  }
  return key;
}

bool is_of_spec(std::string_view key) {
  return key == "operation" || key == "changed-partition-count" || key.starts_with("added-") ||
         key.starts_with("deleted-") || key.starts_with("removed-") || key.starts_with("total-");
}

std::optional<std::int64_t> number_of(const Snapshot* snapshot, const std::string& key) {
  if (snapshot == nullptr) {
    return 0;
  }
  const auto found = snapshot->summary.find(key);
  if (found == snapshot->summary.end()) {
    return std::nullopt;
  }
  const std::string& text = found->second;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

void put_change(const FileTotals& totals, const char* files, const char* rows, const char* bytes,
                Summary& summary) {
  if (totals.files > 0) {
    summary[files] = std::to_string(totals.files);
    summary[rows] = std::to_string(totals.rows);
    summary[bytes] = std::to_string(totals.bytes);
  }
}

void put_counted_totals(const std::vector<ManifestFile>& manifests, Summary& summary) {
  std::int64_t files = 0;
  std::int64_t rows = 0;
  std::int64_t delete_files = 0;
  for (const ManifestFile& manifest : manifests) {
    if (!manifest.counts_known) {
      return;
    }
    const std::int64_t live = manifest.added_files_count + manifest.existing_files_count;
    if (manifest.content == ManifestContent::kDeletes) {
      delete_files += live;
      continue;
    }
    files += live;
    rows += manifest.added_rows_count + manifest.existing_rows_count;
  }
  summary["total-data-files"] = std::to_string(files);
  summary["total-records"] = std::to_string(rows);
  summary["total-delete-files"] = std::to_string(delete_files);
}

}  // namespace

void FileTotals::add(const DataFile& file) {
  ++files;
  rows += file.record_count;
  bytes += file.file_size_bytes;
  partitions.insert(partition_key(file));
}

base::Result<Summary> summarize(const FileTotals& added, const FileTotals& removed,
                                const std::vector<ManifestFile>& manifests, const Snapshot* parent,
                                const Summary& extra) {
  for (const auto& [key, value] : extra) {
    if (is_of_spec(key)) {
      return base::invalid_input(
          fmt::format("summary field '{}' is written by the commit itself", key));
    }
  }
  Summary summary = extra;
  put_change(added, "added-data-files", "added-records", "added-files-size", summary);
  put_change(removed, "deleted-data-files", "deleted-records", "removed-files-size", summary);
  std::set<std::string> partitions = added.partitions;
  partitions.insert(removed.partitions.begin(), removed.partitions.end());
  summary["changed-partition-count"] = std::to_string(partitions.size());
  put_counted_totals(manifests, summary);
  if (const auto bytes = number_of(parent, "total-files-size")) {
    summary["total-files-size"] = std::to_string(*bytes + added.bytes - removed.bytes);
  }
  for (const char* key : {"total-position-deletes", "total-equality-deletes"}) {
    if (const auto count = number_of(parent, key)) {
      summary[key] = std::to_string(*count);
    }
  }
  return summary;
}

}  // namespace sluice::lake
