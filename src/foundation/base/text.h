#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::base {

/// Returns the candidate nearest to `word` by edit distance, or "" when none is near (more than a
/// third of the longer word would have to change).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);

/// Matches a path or name against a glob: `*` and `?` stay within one path segment, `**` does not;
/// a segment
/// `**/` may be missing.
bool glob_matches(std::string_view pattern, std::string_view path);

/// Formats as `17 B`, `1.5 KiB`, `2.0 GiB`.
std::string format_bytes(std::uint64_t bytes);

/// Formats with thousands separators: 336776 is `336,776`.
std::string format_count(std::int64_t count);

/// Formats a duration for people: `850 ms`, `12.3 s`, `4 m 05 s`.
std::string format_duration_us(std::int64_t us);

}  // namespace sluice::base
