#include "sluice/sql/walk.h"

namespace sluice::sql {

namespace {

/// Visits the children of a node, const or not.
template <class Visit>
struct Children {
  Visit& visit;

  template <class ExpressionBox>
  void one(ExpressionBox& box) {
    if (box) {
      visit(*box);
    }
  }
  template <class List>
  void all(List& list) {
    for (auto& item : list) {
      visit(item);
    }
  }
  template <class Orders>
  void orders(Orders& items) {
    for (auto& item : items) {
      one(item.expression);
    }
  }

  template <class Node>
  void of(Node& node) {
    using Plain = std::remove_const_t<Node>;
    if constexpr (std::is_same_v<Plain, Call>) {
      all(node.arguments);
      one(node.filter);
      orders(node.order);
    } else if constexpr (std::is_same_v<Plain, Window>) {
      all(node.arguments);
      all(node.partitions);
      orders(node.order);
      one(node.start.distance);
      one(node.end.distance);
      one(node.offset);
      one(node.default_value);
      one(node.filter);
      orders(node.argument_order);
    } else if constexpr (std::is_same_v<Plain, Cast> || std::is_same_v<Plain, Collate> ||
                         std::is_same_v<Plain, Subquery>) {
      one(node.child);
    } else if constexpr (std::is_same_v<Plain, Case>) {
      for (auto& branch : node.branches) {
        one(branch.when);
        one(branch.then);
      }
      one(node.otherwise);
    } else if constexpr (std::is_same_v<Plain, Comparison>) {
      one(node.left);
      one(node.right);
    } else if constexpr (std::is_same_v<Plain, Conjunction> || std::is_same_v<Plain, Operator>) {
      all(node.children);
    } else if constexpr (std::is_same_v<Plain, Between>) {
      one(node.input);
      one(node.lower);
      one(node.upper);
    } else if constexpr (std::is_same_v<Plain, Lambda>) {
      one(node.parameters);
      one(node.body);
    } else if constexpr (std::is_same_v<Plain, Star>) {
      one(node.selector);
      for (auto& [name, replacement] : node.replaced) {
        one(replacement);
      }
    }
  }
};

}  // namespace

void for_each_child(const Expression& expression,
                    const std::function<void(const Expression&)>& visit) {
  std::visit([&](const auto& node) { Children<decltype(visit)>{visit}.of(node); }, expression.node);
}

void for_each_child(Expression& expression, const std::function<void(Expression&)>& visit) {
  std::visit([&](auto& node) { Children<decltype(visit)>{visit}.of(node); }, expression.node);
}

}  // namespace sluice::sql
