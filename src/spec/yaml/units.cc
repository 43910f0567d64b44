#include <charconv>
#include <cmath>
#include <limits>

#include "sluice/yaml/reader.h"

namespace sluice::yaml {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr Unit kDurationUnits[] = {{"ms", 1},
                                   {"s", 1000},
                                   {"m", std::int64_t{60} * 1000},
                                   {"h", std::int64_t{3600} * 1000},
                                   {"d", std::int64_t{86400} * 1000}};

constexpr Unit kByteUnits[] = {{"B", 1},
                               {"kB", 1000},
                               {"KB", 1000},
                               {"MB", 1000 * 1000},
                               {"GB", 1000 * 1000 * 1000},
                               {"TB", std::int64_t{1000} * 1000 * 1000 * 1000},
                               {"KiB", std::int64_t{1} << 10},
                               {"MiB", std::int64_t{1} << 20},
                               {"GiB", std::int64_t{1} << 30},
                               {"TiB", std::int64_t{1} << 40}};

/// Reads a decimal number and a unit, at most a blank apart; the product must be whole.
std::optional<std::int64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) {
    return std::nullopt;
  }
  std::string_view name(rest, static_cast<std::size_t>(end - rest));
  if (name.starts_with(' ')) {
    name.remove_prefix(1);
  }
  for (const Unit& unit : units) {
    if (unit.name != name) {
      continue;
    }
    const double product = number * static_cast<double>(unit.size);
    if (product >= 9e15 || product != std::floor(product)) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(product);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  return parse_quantity(text, kDurationUnits);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  return parse_quantity(text, kByteUnits);
}

}  // namespace sluice::yaml
