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

enum class FunctionKind { kScalar, kAggregate, kWindow };

/// What NULL among the arguments does.
enum class NullRule {
  kPropagates,  // the answer is NULL
  kSkips,       // an aggregate leaves such rows out
  kOwn,         // the function has its own rule
};

/// How the answer moves with the argument that is no constant, the others being constants.
enum class Monotonicity { kNone, kIncreasing, kDecreasing };

/// How an aggregate of a whole follows from aggregates of its parts.
enum class Distributivity {
  kNone,
  kSelf,   // the same aggregate over the parts' answers: min of mins
  kSum,    // the sum of the parts' answers: count
  kParts,  // from other aggregates that are: avg from sum and count
};

/// How the type of the answer follows from those of the arguments.
enum class ResultRule { kUnknown, kFixed, kFirstArgument, kCommon, kSum, kListOfFirst };

struct FunctionFacts {
  std::string_view name;
  FunctionKind kind = FunctionKind::kScalar;
  NullRule nulls = NullRule::kPropagates;
  Monotonicity monotonicity = Monotonicity::kNone;
  Distributivity distributivity = Distributivity::kNone;
  ResultRule result = ResultRule::kUnknown;
  std::string_view fixed_type;
};

/// Looks a function up by lower-case name; nullptr when the catalogue does not have it. Every
/// aggregate and window function of DuckDB is there.
const FunctionFacts* facts_of(std::string_view name);

/// Looks a function up by lower-case name; a name that is not listed is deterministic.
Determinism determinism_of(std::string_view name);

bool is_aggregate(std::string_view name);

/// Says whether the function's arguments may be lambdas; elsewhere `->` reads JSON.
bool takes_lambda(std::string_view name);

/// Says whether the name is a clock without brackets, such as `current_date`.
bool is_clock_keyword(std::string_view name);

/// Says whether a table function makes its rows from its arguments alone.
bool is_pure_table_function(std::string_view name);

}  // namespace sluice::sql
