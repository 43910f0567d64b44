#include "sluice/api/loaded_table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/digest.h"
#include "sluice/base/text.h"

namespace sluice::api {

namespace {

constexpr std::size_t kTagDigits = 32;

lake::TableMetadata with_refs_only(lake::TableMetadata metadata) {
  std::set<std::int64_t> named;
  for (const auto& [name, ref] : metadata.refs) {
    named.insert(ref.snapshot_id);
  }
  std::erase_if(metadata.snapshots, [&](const auto& one) { return !named.contains(one->id); });
  return metadata;
}

}  // namespace

base::Result<SnapshotsShown> parse_snapshots_shown(const std::optional<std::string>& text) {
  if (!text || text->empty() || *text == "all") {
    return SnapshotsShown::kAll;
  }
  if (*text == "refs") {
    return SnapshotsShown::kRefs;
  }
  return base::invalid_input(fmt::format("snapshots is 'all' or 'refs', not '{}'", *text));
}

HttpResponse loaded_table(const std::string& metadata_location, const lake::TableMetadata& metadata,
                          SnapshotsShown shown) {
  const std::string text =
      lake::serialize(shown == SnapshotsShown::kAll ? metadata : with_refs_only(metadata));
  HttpResponse response;
  response.body = fmt::format("{{\"metadata-location\":{},\"metadata\":{},\"config\":{{}}}}",
                              nlohmann::json(metadata_location).dump(), text);
  response.headers.emplace_back("ETag", table_etag(metadata_location, shown));
  return response;
}

std::string table_etag(const std::string& metadata_location, SnapshotsShown shown) {
  const char* mode = shown == SnapshotsShown::kAll ? "all " : "refs ";
  return fmt::format("\"{}\"", base::sha256_hex(mode + metadata_location).substr(0, kTagDigits));
}

bool etag_matches(std::string_view if_none_match, std::string_view tag) {
  for (const std::string& item : base::split(if_none_match, ',')) {
    std::string_view one = base::trim(item);
    if (one.starts_with("W/")) {
      one.remove_prefix(2);
    }
    if (one == tag || one == "*") {
      return true;
    }
  }
  return false;
}

}  // namespace sluice::api
