#include <algorithm>
#include <array>

#include "sluice/sql/functions.h"

namespace sluice::sql {

namespace {

constexpr auto kScalar = FunctionKind::kScalar;
constexpr auto kAggregate = FunctionKind::kAggregate;
constexpr auto kWindow = FunctionKind::kWindow;
constexpr auto kNulls = NullRule::kPropagates;
constexpr auto kSkips = NullRule::kSkips;
constexpr auto kOwn = NullRule::kOwn;
constexpr auto kFlat = Monotonicity::kNone;
constexpr auto kUp = Monotonicity::kIncreasing;
constexpr auto kWhole = Distributivity::kNone;
constexpr auto kSelf = Distributivity::kSelf;
constexpr auto kAdds = Distributivity::kSum;
constexpr auto kParts = Distributivity::kParts;
constexpr auto kFixed = ResultRule::kFixed;
constexpr auto kFirst = ResultRule::kFirstArgument;
constexpr auto kCommon = ResultRule::kCommon;
constexpr auto kSumType = ResultRule::kSum;
constexpr auto kList = ResultRule::kListOfFirst;

constexpr FunctionFacts aggregate(std::string_view name, Distributivity parts = kWhole,
                                  ResultRule result = ResultRule::kUnknown,
                                  std::string_view type = "") {
  return {name, kAggregate, kSkips, kFlat, parts, result, type};
}

constexpr FunctionFacts window(std::string_view name, ResultRule result,
                               std::string_view type = "") {
  return {name, kWindow, kOwn, kFlat, kWhole, result, type};
}

constexpr FunctionFacts scalar(std::string_view name, std::string_view type,
                               Monotonicity moves = kFlat) {
  return {name, kScalar, kNulls, moves, kWhole, type.empty() ? ResultRule::kUnknown : kFixed, type};
}

/// In order of name, for the search.
constexpr auto kFacts = std::to_array<FunctionFacts>({
    {"!~~", kScalar, kNulls, kFlat, kWhole, kFixed, "BOOLEAN"},
    {"!~~*", kScalar, kNulls, kFlat, kWhole, kFixed, "BOOLEAN"},
    {"abs", kScalar, kNulls, kFlat, kWhole, kFirst},
    aggregate("any_value", kSelf, kFirst),
    aggregate("approx_count_distinct", kWhole, kFixed, "BIGINT"),
    aggregate("approx_quantile"),
    aggregate("approx_top_k"),
    aggregate("arbitrary", kSelf, kFirst),
    aggregate("arg_max", kWhole),
    aggregate("arg_max_null", kWhole),
    aggregate("arg_max_nulls_last", kWhole),
    aggregate("arg_min", kWhole),
    aggregate("arg_min_null", kWhole),
    aggregate("arg_min_nulls_last", kWhole),
    aggregate("argmax", kWhole),
    aggregate("argmin", kWhole),
    {"array_agg", kAggregate, kOwn, kFlat, kWhole, kList},
    aggregate("avg", kParts),
    aggregate("bit_and", kSelf, kFirst),
    aggregate("bit_or", kSelf, kFirst),
    aggregate("bit_xor", kSelf, kFirst),
    aggregate("bitstring_agg"),
    aggregate("bool_and", kSelf, kFixed, "BOOLEAN"),
    aggregate("bool_or", kSelf, kFixed, "BOOLEAN"),
    scalar("ceil", "", kUp),
    scalar("ceiling", "", kUp),
    {"concat", kScalar, kOwn, kFlat, kWhole, ResultRule::kUnknown},
    {"concat_ws", kScalar, kOwn, kFlat, kWhole, kFixed, "VARCHAR"},
    scalar("contains", "BOOLEAN"),
    aggregate("corr", kWhole, kFixed, "DOUBLE"),
    {"count", kAggregate, kSkips, kFlat, kAdds, kFixed, "BIGINT"},
    aggregate("count_if", kAdds),
    {"count_star", kAggregate, kOwn, kFlat, kAdds, kFixed, "BIGINT"},
    aggregate("countif", kAdds),
    aggregate("covar_pop", kWhole, kFixed, "DOUBLE"),
    aggregate("covar_samp", kWhole, kFixed, "DOUBLE"),
    window("cume_dist", kFixed, "DOUBLE"),
    scalar("date_trunc", "", kUp),
    scalar("datetrunc", "", kUp),
    window("dense_rank", kFixed, "BIGINT"),
    scalar("ends_with", "BOOLEAN"),
    aggregate("entropy", kWhole, kFixed, "DOUBLE"),
    scalar("epoch_ms", "", kUp),
    aggregate("favg", kWhole, kFixed, "DOUBLE"),
    window("fill", ResultRule::kUnknown),
    {"first", kAggregate, kOwn, kFlat, kWhole, kFirst},
    window("first_value", kFirst),
    scalar("floor", "", kUp),
    aggregate("fsum", kWhole, kFixed, "DOUBLE"),
    {"greatest", kScalar, kOwn, kFlat, kWhole, kCommon},
    aggregate("group_concat", kWhole, kFixed, "VARCHAR"),
    aggregate("histogram"),
    aggregate("histogram_exact"),
    {"ifnull", kScalar, kOwn, kFlat, kWhole, kCommon},
    aggregate("kahan_sum", kWhole, kFixed, "DOUBLE"),
    aggregate("kurtosis", kWhole, kFixed, "DOUBLE"),
    aggregate("kurtosis_pop", kWhole, kFixed, "DOUBLE"),
    window("lag", kFirst),
    {"last", kAggregate, kOwn, kFlat, kWhole, kFirst},
    window("last_value", kFirst),
    window("lead", kFirst),
    {"least", kScalar, kOwn, kFlat, kWhole, kCommon},
    scalar("length", ""),
    {"list", kAggregate, kOwn, kFlat, kWhole, kList},
    aggregate("listagg", kWhole, kFixed, "VARCHAR"),
    scalar("lower", "VARCHAR"),
    scalar("ltrim", "VARCHAR"),
    aggregate("mad"),
    aggregate("max", kSelf, kFirst),
    aggregate("max_by", kWhole),
    aggregate("mean", kParts),
    aggregate("median"),
    aggregate("min", kSelf, kFirst),
    aggregate("min_by", kWhole),
    aggregate("mode", kWhole, kFirst),
    window("nth_value", kFirst),
    window("ntile", kFixed, "BIGINT"),
    window("percent_rank", kFixed, "DOUBLE"),
    aggregate("product", kSelf, kFixed, "DOUBLE"),
    aggregate("quantile"),
    aggregate("quantile_cont"),
    aggregate("quantile_disc"),
    window("rank", kFixed, "BIGINT"),
    window("rank_dense", kFixed, "BIGINT"),
    scalar("regexp_full_match", "BOOLEAN"),
    scalar("regexp_matches", "BOOLEAN"),
    scalar("regexp_replace", "VARCHAR"),
    aggregate("regr_avgx", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_avgy", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_count"),
    aggregate("regr_intercept", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_r2", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_slope", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_sxx", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_sxy", kWhole, kFixed, "DOUBLE"),
    aggregate("regr_syy", kWhole, kFixed, "DOUBLE"),
    scalar("replace", "VARCHAR"),
    aggregate("reservoir_quantile"),
    scalar("round", "", kUp),
    window("row_number", kFixed, "BIGINT"),
    scalar("rtrim", "VARCHAR"),
    aggregate("sem", kWhole, kFixed, "DOUBLE"),
    aggregate("skewness", kWhole, kFixed, "DOUBLE"),
    scalar("starts_with", "BOOLEAN"),
    aggregate("stddev", kWhole, kFixed, "DOUBLE"),
    aggregate("stddev_pop", kWhole, kFixed, "DOUBLE"),
    aggregate("stddev_samp", kWhole, kFixed, "DOUBLE"),
    scalar("strftime", "VARCHAR"),
    aggregate("string_agg", kWhole, kFixed, "VARCHAR"),
    scalar("strlen", "BIGINT"),
    scalar("substr", "VARCHAR"),
    scalar("substring", "VARCHAR"),
    aggregate("sum", kSelf, kSumType),
    aggregate("sum_no_overflow", kSelf),
    aggregate("sumkahan", kWhole, kFixed, "DOUBLE"),
    scalar("trim", "VARCHAR"),
    scalar("trunc", "", kUp),
    scalar("upper", "VARCHAR"),
    aggregate("var_pop", kWhole, kFixed, "DOUBLE"),
    aggregate("var_samp", kWhole, kFixed, "DOUBLE"),
    aggregate("variance", kWhole, kFixed, "DOUBLE"),
    scalar("year", "BIGINT", kUp),
    {"~~", kScalar, kNulls, kFlat, kWhole, kFixed, "BOOLEAN"},
    {"~~*", kScalar, kNulls, kFlat, kWhole, kFixed, "BOOLEAN"},
    {"~~~", kScalar, kNulls, kFlat, kWhole, kFixed, "BOOLEAN"},
});

static_assert(std::is_sorted(kFacts.begin(), kFacts.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

constexpr std::array<std::string_view, 11> kTakeLambdas = {
    "apply",      "array_apply", "array_filter", "array_reduce",   "array_transform", "filter",
    "list_apply", "list_filter", "list_reduce",  "list_transform", "reduce"};

}  // namespace

const FunctionFacts* facts_of(std::string_view name) {
  const auto found =
      std::lower_bound(kFacts.begin(), kFacts.end(), name,
                       [](const FunctionFacts& facts, auto text) { return facts.name < text; });
  return found != kFacts.end() && found->name == name ? &*found : nullptr;
}

bool is_aggregate(std::string_view name) {
  const FunctionFacts* facts = facts_of(name);
  return facts != nullptr && facts->kind == FunctionKind::kAggregate;
}

bool takes_lambda(std::string_view name) {
  return std::find(kTakeLambdas.begin(), kTakeLambdas.end(), name) != kTakeLambdas.end();
}

}  // namespace sluice::sql
