#include "sluice/engine_duckdb/internal/answer_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sluice/base/digest.h"

namespace sluice::engine_duckdb::internal {
namespace {

// File: magic, XXH3 of the rest, then entries: key, u32 length, answer.
constexpr std::string_view kMagic = "SLUICEC1";
constexpr std::size_t kHeadBytes = kMagic.size() + sizeof(std::uint64_t);
constexpr std::size_t kEntryHeadBytes = sizeof(CacheKey) + sizeof(std::uint32_t);

template <class T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace

CacheKey make_key(const std::vector<std::string_view>& parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    append(joined, static_cast<std::uint64_t>(part.size()));
    joined.append(part);
  }
  CacheKey key;
  key.high = base::xxh3(joined);
  joined.push_back('\1');
  key.low = base::xxh3(joined);
  return key;
}

AnswerCache::AnswerCache(storage::FileIo& files, std::string path, std::size_t bytes_max,
                         telemetry::Logger* log)
    : files_(files), path_(std::move(path)), bytes_max_(bytes_max), log_(log) {}

std::optional<std::string> AnswerCache::find(const CacheKey& key) {
  const std::lock_guard lock(mutex_);
  load_once();
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    return std::nullopt;
  }
  found->second.age_rank = 0;
  return found->second.answer;
}

void AnswerCache::put(const CacheKey& key, std::string answer) {
  const std::lock_guard lock(mutex_);
  load_once();
  entries_[key] = {std::move(answer), 0};
  changed_ = true;
}

void AnswerCache::save() {
  std::string bytes;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(changed_, false) || path_.empty()) {
      return;
    }
    bytes = serialize();
  }
  auto written = files_.make_dirs(storage::parent_of(path_));
  if (written) {
    written = files_.write_atomic(path_, bytes);
  }
  if (!written) {
    warn("sql_cache.not_written", written.error().message);
  }
}

// Under the lock: whoever comes second needs the content as much as whoever reads it.
void AnswerCache::load_once() {
  if (std::exchange(loaded_, true) || path_.empty()) {
    return;
  }
  auto bytes = files_.read_all(path_, static_cast<std::int64_t>(bytes_max_ + kHeadBytes));
  if (!bytes) {
    if (bytes.error().kind != base::ErrorKind::kNotFound) {
      warn("sql_cache.not_read", bytes.error().message);
    }
    return;
  }
  if (!parse(*bytes)) {
    entries_.clear();
    warn("sql_cache.damaged", path_ + " is damaged and will be rebuilt");
  }
}

bool AnswerCache::parse(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || !bytes.starts_with(kMagic)) {
    return false;
  }
  std::uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + kMagic.size(), sizeof(sum));
  bytes.remove_prefix(kHeadBytes);
  if (base::xxh3(bytes) != sum) {
    return false;
  }
  std::uint64_t rank = 0;
  while (!bytes.empty()) {
    CacheKey key;
    std::uint32_t size = 0;
    if (bytes.size() < kEntryHeadBytes) {
      return false;
    }
    std::memcpy(&key, bytes.data(), sizeof(key));
    std::memcpy(&size, bytes.data() + sizeof(key), sizeof(size));
    bytes.remove_prefix(kEntryHeadBytes);
    if (bytes.size() < size) {
      return false;
    }
    entries_[key] = {std::string(bytes.substr(0, size)), ++rank};
    bytes.remove_prefix(size);
  }
  return true;
}

std::string AnswerCache::serialize() const {
  std::vector<std::pair<std::uint64_t, const std::pair<const CacheKey, Entry>*>> order;
  for (const auto& entry : entries_) {
    order.emplace_back(entry.second.age_rank, &entry);
  }
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string body;
  for (const auto& [rank, entry] : order) {
    const std::string& answer = entry->second.answer;
    if (body.size() + kEntryHeadBytes + answer.size() > bytes_max_) {
      break;
    }
    append(body, entry->first);
    append(body, static_cast<std::uint32_t>(answer.size()));
    body.append(answer);
  }
  std::string bytes(kMagic);
  append(bytes, base::xxh3(body));
  return bytes + body;
}

void AnswerCache::warn(std::string_view event, const std::string& problem) {
  if (log_ != nullptr) {
    log_->log(telemetry::Severity::kWarning, event, {{"problem", problem}});
  }
}

}  // namespace sluice::engine_duckdb::internal
