#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/contract/contract.h"
#include "sluice/data/type.h"

namespace sluice::contract::internal {

/// Reads how dates, times or timestamps are written: a pattern of the JDK's DateTimeFormatter, of
/// which yyyy (uuuu), MM, dd, HH, mm, ss, S to SSSSSS, XXX, quoted text and punctuation can be
/// executed; each at most once. nullopt says in `problem` which part cannot. The form has no
/// column and path yet.
std::optional<WrittenForm> read_form(std::string_view format, data::TypeKind kind,
                                     std::string& problem);

}  // namespace sluice::contract::internal
