#include "sluice/data/position.h"

#include <fmt/format.h>

#include <charconv>

namespace sluice::data {

std::string to_text(const Position& position) {
  return fmt::format("{}:{}", position.lineage, position.offset);
}

base::Result<Position> parse_position(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  Position position;
  if (colon != std::string_view::npos && colon > 0) {
    position.lineage = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), position.offset);
    if (error == std::errc() && end == digits.data() + digits.size() && position.offset >= 0) {
      return position;
    }
  }
  return base::corrupt(fmt::format("'{}' is not a source position (<lineage>:<offset>)", text));
}

base::Status check_advance(const Position& current, const Position& next) {
  if (current.lineage != next.lineage) {
    return base::corrupt(
        fmt::format("the source was recreated: its lineage was '{}' and is '{}'; nothing was read",
                    current.lineage, next.lineage));
  }
  if (next.offset < current.offset) {
    return base::corrupt(fmt::format("the source went backwards from {} to {}; nothing was read",
                                     current.offset, next.offset));
  }
  return {};
}

}  // namespace sluice::data
