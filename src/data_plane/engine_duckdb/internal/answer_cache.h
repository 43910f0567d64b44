#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sluice/storage/file_io.h"
#include "sluice/telemetry/log.h"

namespace sluice::engine_duckdb::internal {

/// A 128-bit hash of everything that an answer depends on.
struct CacheKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const CacheKey&, const CacheKey&) = default;
};

/// Joins the parts, each with its length, and hashes them.
CacheKey make_key(const std::vector<std::string_view>& parts);

/// Answers kept in one file, which is read at the first look and replaced as a whole. A file that
/// cannot be read or is damaged counts as empty and is logged; so is a write that fails: losing the
/// cache costs time and nothing else. Thread-safe.
class AnswerCache {
 public:
  /// `path` "" keeps answers in memory only. `log` may be null.
  AnswerCache(storage::FileIo& files, std::string path, std::size_t bytes_max,
              telemetry::Logger* log);

  std::optional<std::string> find(const CacheKey& key);
  void put(const CacheKey& key, std::string answer);

  /// Writes the file if anything was put: answers used or put now first, then the older ones in
  /// their order, as far as the bound goes.
  void save();

 private:
  struct KeyHash {
    std::size_t operator()(const CacheKey& key) const { return key.low; }
  };
  struct Entry {
    std::string answer;
    std::uint64_t age_rank = 0;  // 0: used by this process; else its place in the file
  };

  void load_once();
  bool parse(std::string_view bytes);
  std::string serialize() const;
  void warn(std::string_view event, const std::string& problem);

  storage::FileIo& files_;
  const std::string path_;
  const std::size_t bytes_max_;
  telemetry::Logger* log_;
  std::mutex mutex_;
  std::unordered_map<CacheKey, Entry, KeyHash> entries_;
  bool loaded_ = false;
  bool changed_ = false;
};

}  // namespace sluice::engine_duckdb::internal
