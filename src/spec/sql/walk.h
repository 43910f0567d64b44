#pragma once

#include <functional>

#include "sluice/sql/statement.h"

namespace sluice::sql {

/// Calls `visit` for each expression directly below this one. A subquery's query is not entered;
/// its left side is.
void for_each_child(const Expression& expression,
                    const std::function<void(const Expression&)>& visit);
void for_each_child(Expression& expression, const std::function<void(Expression&)>& visit);

}  // namespace sluice::sql
