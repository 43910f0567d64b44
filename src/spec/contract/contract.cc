#include "sluice/contract/contract.h"

#include "sluice/contract/path.h"

namespace sluice::contract {

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
  }
  return "";
}

std::string_view to_text(RowRuleKind kind) {
  switch (kind) {
    case RowRuleKind::kRequired:
      return "required";
    case RowRuleKind::kType:
      return "type";
    case RowRuleKind::kMissing:
      return "missing";
    case RowRuleKind::kDomain:
      return "domain";
    case RowRuleKind::kRange:
      return "range";
    case RowRuleKind::kMultiple:
      return "multiple";
    case RowRuleKind::kLength:
      return "length";
    case RowRuleKind::kFormat:
      return "format";
    case RowRuleKind::kPattern:
      return "pattern";
  }
  return "";
}

std::vector<PatternUse> patterns_of(const Contract& contract) {
  std::vector<PatternUse> patterns;
  for (const RowRule& rule : contract.rules) {
    if (rule.kind == RowRuleKind::kPattern) {
      patterns.push_back({rule.pattern, place_of(rule), rule.mark});
    }
  }
  for (const TableRule& rule : contract.table_rules) {
    if (!rule.pattern.empty()) {
      patterns.push_back({rule.pattern, rule.columns.front(), rule.mark});
    }
  }
  return patterns;
}

}  // namespace sluice::contract
