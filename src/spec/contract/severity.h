#pragma once

#include <string_view>

namespace sluice::contract {

/// What a broken rule does: an error keeps rows or the whole table back, a warning is recorded.
enum class Severity { kError, kWarning };

std::string_view to_text(Severity severity);

}  // namespace sluice::contract
