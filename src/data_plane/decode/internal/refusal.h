#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::decode {

/// Why a record is refused. `column` is "" when the whole record is meant.
struct Refusal {
  std::string rule;
  std::string column;
  std::string reason;
};

/// Packs a refusal that the decoder itself found into one text. Unlike a contract's verdict, its
/// column comes from the file and may hold any character.
std::string pack_refusal(const Refusal& refusal);

/// Reads a packed refusal, or a verdict `<rule>|<column>|<reason>`; a text of fewer parts is a rule
/// without column or reason.
Refusal read_refusal(std::string_view text);

}  // namespace sluice::decode
