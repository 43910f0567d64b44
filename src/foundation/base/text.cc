#include "sluice/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace sluice::base {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = ~std::size_t{0};
  const std::string wanted = lower(word);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    const std::size_t limit = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
    if (distance <= limit && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts.begin(), parts.end(), separator));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// Goes back to the last `*`, else to the last `**`, only: whatever an earlier one could still
// reach, the later one can, too. So time grows with a product of the lengths, whatever the pattern.
bool glob_matches(std::string_view pattern, std::string_view path) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t in_pattern = 0;
  std::size_t in_path = 0;
  std::size_t after_star = kNone;
  std::size_t star_ends = 0;  // in the path
  std::size_t after_deep = kNone;
  std::size_t deep_ends = 0;
  bool deep_takes_folders = false;  // `**/`: nothing, or all up to a slash
  while (in_pattern < pattern.size() || in_path < path.size()) {
    if (pattern.substr(in_pattern).starts_with("**")) {
      deep_takes_folders = (in_pattern == 0 || pattern[in_pattern - 1] == '/') &&
                           pattern.substr(in_pattern + 2).starts_with('/');
      in_pattern += deep_takes_folders ? 3 : 2;
      after_deep = in_pattern;
      deep_ends = in_path;
      after_star = kNone;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      after_star = ++in_pattern;
      star_ends = in_path;
    } else if (in_pattern < pattern.size() && in_path < path.size() &&
               (pattern[in_pattern] == '?' ? path[in_path] != '/'
                                           : pattern[in_pattern] == path[in_path])) {
      ++in_pattern;
      ++in_path;
    } else if (after_star != kNone && star_ends < path.size() && path[star_ends] != '/') {
      in_pattern = after_star;
      in_path = ++star_ends;
    } else if (after_deep != kNone && deep_ends < path.size()) {
      if (deep_takes_folders) {
        deep_ends = path.find('/', deep_ends);
        if (deep_ends == kNone) {
          return false;
        }
      }
      in_pattern = after_deep;
      in_path = ++deep_ends;
      after_star = kNone;
    } else {
      return false;
    }
  }
  return true;
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string format_count(std::int64_t count) {
  std::string digits = fmt::format(
      "{}", count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count));
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return count < 0 ? "-" + digits : digits;
}

std::string format_duration_us(std::int64_t us) {
  if (us < 1'000'000) {
    return fmt::format("{} ms", us / 1000);
  }
  if (us < 60'000'000) {
    return fmt::format("{:.1f} s", static_cast<double>(us) / 1e6);
  }
  return fmt::format("{} m {:02} s", us / 60'000'000, us / 1'000'000 % 60);
}

}  // namespace sluice::base
