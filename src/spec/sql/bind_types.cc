#include <algorithm>
#include <array>

#include "sluice/base/text.h"
#include "sluice/sql/functions.h"
#include "sluice/sql/internal/binder.h"

namespace sluice::sql::internal {

namespace {

constexpr std::array<std::string_view, 6> kIntegers = {"TINYINT", "SMALLINT", "INTEGER",
                                                       "BIGINT",  "HUGEINT",  "BOOLEAN"};

bool is_integer(std::string_view type) {
  return std::find(kIntegers.begin(), kIntegers.end(), type) != kIntegers.end() &&
         type != "BOOLEAN";
}

bool is_number(std::string_view type) {
  return is_integer(type) || type == "DOUBLE" || type == "FLOAT" || type.starts_with("DECIMAL");
}

std::string type_of_sum(const std::string& type) {
  if (std::find(kIntegers.begin(), kIntegers.end(), type) != kIntegers.end()) {
    return "HUGEINT";
  }
  if (type == "DOUBLE" || type == "FLOAT") {
    return "DOUBLE";
  }
  const std::size_t comma = type.find(',');
  if (type.starts_with("DECIMAL") && comma != std::string::npos) {
    return "DECIMAL(38," + type.substr(comma + 1);
  }
  return "";
}

/// The type of `a <name> b` where it is plain: integers of one type, and doubles with any number.
std::string type_of_arithmetic(std::string_view name, const std::string& left,
                               const std::string& right) {
  if (!is_number(left) || !is_number(right)) {
    return "";
  }
  if (left == "DOUBLE" || right == "DOUBLE" ||
      (name == "/" && left != "FLOAT" && right != "FLOAT")) {
    return "DOUBLE";
  }
  return left == right && is_integer(left) && name != "**" && name != "^" ? left : "";
}

}  // namespace

std::string Binder::common_type(const std::vector<const Expression*>& expressions) const {
  std::string common;
  for (const Expression* expression : expressions) {
    const auto* constant = std::get_if<Constant>(&expression->node);
    if (constant != nullptr && constant->kind == Constant::Kind::kNull) {
      continue;
    }
    const std::string type = type_of(*expression);
    if (type.empty() || (!common.empty() && !same_type(common, type))) {
      return "";
    }
    common = type;
  }
  return common;
}

std::string Binder::type_of(const Reference& reference) const {
  if (reference.is_field) {
    return "";
  }
  if (reference.kind == ReferenceKind::kOutput) {
    const auto index = static_cast<std::size_t>(reference.output);
    return index < output_types_.size() ? output_types_[index] : "";
  }
  if (reference.kind != ReferenceKind::kColumn && reference.kind != ReferenceKind::kMerged) {
    return "";
  }
  std::string type;
  for (const ColumnId id : reference.columns) {
    const std::string& other = bound_.relations[static_cast<std::size_t>(id.relation)]
                                   .columns[static_cast<std::size_t>(id.column)]
                                   .type;
    if (!type.empty() && !same_type(type, other)) {
      return "";
    }
    type = other;
  }
  return type;
}

std::string Binder::type_of_call(std::string_view name,
                                 const std::vector<Expression>& arguments) const {
  const auto argument = [&](std::size_t i) {
    return i < arguments.size() ? type_of(arguments[i]) : std::string();
  };
  if (const FunctionFacts* facts = facts_of(name)) {
    switch (facts->result) {
      case ResultRule::kFixed:
        return std::string(facts->fixed_type);
      case ResultRule::kFirstArgument: {
        // With a count, min and max yield lists.
        const bool one = arguments.size() == 1 || facts->kind == FunctionKind::kWindow;
        const auto* constant =
            arguments.empty() ? nullptr : std::get_if<Constant>(&arguments[0].node);
        return one && constant == nullptr ? argument(0) : "";
      }
      case ResultRule::kCommon: {
        std::vector<const Expression*> all;
        for (const Expression& item : arguments) {
          if (std::holds_alternative<Constant>(item.node)) {
            return "";
          }
          all.push_back(&item);
        }
        return common_type(all);
      }
      case ResultRule::kSum:
        return type_of_sum(argument(0));
      case ResultRule::kListOfFirst: {
        const std::string type = argument(0);
        return type.empty() ? "" : type + "[]";
      }
      case ResultRule::kUnknown:
        break;
    }
    const std::string first = argument(0);
    return (name == "avg" || name == "mean") && is_number(first) ? "DOUBLE" : "";
  }
  if (arguments.size() == 2 && (name == "+" || name == "-" || name == "*" || name == "/")) {
    // A literal takes the other side's type where it fits, which is not decided here.
    for (const Expression& side : arguments) {
      if (std::holds_alternative<Constant>(side.node) && name != "/") {
        return "";
      }
    }
    return type_of_arithmetic(name, argument(0), argument(1));
  }
  if (name == "||" && argument(0) == "VARCHAR" && argument(1) == "VARCHAR") {
    return "VARCHAR";
  }
  return "";
}

std::string Binder::type_of(const Expression& expression) const {
  if (const auto* constant = std::get_if<Constant>(&expression.node)) {
    return constant->kind == Constant::Kind::kNull ? "" : constant->type;
  }
  if (const auto* ref = std::get_if<ColumnRef>(&expression.node)) {
    return type_of(ref->reference);
  }
  if (const auto* positional = std::get_if<Positional>(&expression.node)) {
    return type_of(positional->reference);
  }
  if (const auto* cast = std::get_if<Cast>(&expression.node)) {
    return cast->type.find('"') == std::string::npos ? cast->type : "";
  }
  if (const auto* call = std::get_if<Call>(&expression.node)) {
    return type_of_call(base::lower(call->name), call->arguments);
  }
  if (const auto* window = std::get_if<Window>(&expression.node)) {
    return type_of_call(base::lower(window->name), window->arguments);
  }
  if (const auto* branches = std::get_if<Case>(&expression.node)) {
    std::vector<const Expression*> all;
    for (const CaseBranch& branch : branches->branches) {
      all.push_back(&*branch.then);
    }
    if (branches->otherwise) {
      all.push_back(&*branches->otherwise);
    }
    return common_type(all);
  }
  if (std::holds_alternative<Comparison>(expression.node) ||
      std::holds_alternative<Conjunction>(expression.node) ||
      std::holds_alternative<Between>(expression.node)) {
    return "BOOLEAN";
  }
  if (const auto* subquery = std::get_if<Subquery>(&expression.node)) {
    const bool scalar = subquery->kind == SubqueryKind::kScalar;
    return !scalar                                ? "BOOLEAN"
           : subquery->query->outputs.size() == 1 ? subquery->query->outputs[0].type
                                                  : "";
  }
  if (const auto* collate = std::get_if<Collate>(&expression.node)) {
    return type_of(*collate->child);
  }
  if (const auto* node = std::get_if<Operator>(&expression.node)) {
    switch (node->kind) {
      case OperatorKind::kNot:
      case OperatorKind::kIsNull:
      case OperatorKind::kIsNotNull:
      case OperatorKind::kIn:
      case OperatorKind::kNotIn:
        return "BOOLEAN";
      case OperatorKind::kGrouping:
        return "BIGINT";
      case OperatorKind::kCoalesce: {
        std::vector<const Expression*> all;
        for (const Expression& child : node->children) {
          if (std::holds_alternative<Constant>(child.node)) {
            return "";
          }
          all.push_back(&child);
        }
        return common_type(all);
      }
      default:
        return "";
    }
  }
  return "";
}

}  // namespace sluice::sql::internal
