#pragma once

#include <string_view>

namespace sluice::sql {

/// Whether a function's answer follows from its arguments alone.
enum class Determinism {
  kDeterministic,
  kClock,        // the time of day
  kRandom,       // chance, or a counter
  kEnvironment,  // files, settings, other databases
};

/// Looks a function up by lower-case name; a name that is not listed is deterministic.
Determinism determinism_of(std::string_view name);

/// Says whether the name is a clock without brackets, such as `current_date`.
bool is_clock_keyword(std::string_view name);

/// Says whether a table function makes its rows from its arguments alone.
bool is_pure_table_function(std::string_view name);

}  // namespace sluice::sql
