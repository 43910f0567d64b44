#include "sluice/lake/internal/manifest_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

Status read_positive(const std::map<std::string, std::string>& properties, const char* name,
                     std::int64_t& value) {
  const auto found = properties.find(name);
  if (found == properties.end()) {
    return {};
  }
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) {
    return base::invalid_input(
        fmt::format("table property {} is '{}', not a number above 0", name, text));
  }
  return {};
}

}  // namespace

Result<MergePolicy> merge_policy(const std::map<std::string, std::string>& properties) {
  MergePolicy policy;
  SLUICE_RETURN_IF_ERROR(
      read_positive(properties, "commit.manifest.target-size-bytes", policy.target_bytes));
  SLUICE_RETURN_IF_ERROR(
      read_positive(properties, "commit.manifest.min-count-to-merge", policy.count_min));
  const auto enabled = properties.find("commit.manifest-merge.enabled");
  if (enabled != properties.end()) {
    if (enabled->second != "true" && enabled->second != "false") {
      return base::invalid_input(
          fmt::format("table property commit.manifest-merge.enabled is '{}', not true or false",
                      enabled->second));
    }
    policy.enabled = enabled->second == "true";
  }
  return policy;
}

std::vector<std::vector<ManifestFile>> group_manifests(std::vector<ManifestFile> manifests,
                                                       const MergePolicy& policy) {
  std::vector<std::vector<ManifestFile>> groups;
  std::int64_t room = 0;
  for (auto manifest = manifests.rbegin(); manifest != manifests.rend(); ++manifest) {
    if (groups.empty() || !policy.enabled || manifest->length > room) {
      groups.emplace_back();
      room = policy.target_bytes;
    }
    room -= manifest->length;
    groups.back().push_back(std::move(*manifest));
  }
  if (!groups.empty() && static_cast<std::int64_t>(groups.back().size()) < policy.count_min) {
    std::vector<ManifestFile> newest = std::move(groups.back());
    groups.pop_back();
    for (ManifestFile& manifest : newest) {
      groups.push_back({std::move(manifest)});
    }
  }
  std::reverse(groups.begin(), groups.end());
  for (std::vector<ManifestFile>& group : groups) {
    std::reverse(group.begin(), group.end());
  }
  return groups;
}

}  // namespace sluice::lake
