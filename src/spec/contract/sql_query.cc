#include "sluice/contract/internal/sql_query.h"

#include "sluice/sql/quote.h"

namespace sluice::contract::internal {

std::string bind_placeholders(std::string_view query, const std::string& property_sql,
                              std::string& unknown) {
  std::string bound;
  while (true) {
    const std::size_t open = query.find("${");
    const std::size_t close = open == std::string_view::npos ? open : query.find('}', open);
    if (close == std::string_view::npos) {
      return bound.append(query);
    }
    const std::string_view name = query.substr(open + 2, close - open - 2);
    bound.append(query.substr(0, open));
    if (name == "object" || name == "table") {
      bound += kTablePlaceholder;
    } else if ((name == "property" || name == "column") && !property_sql.empty()) {
      bound += property_sql;
    } else if (unknown.empty()) {
      unknown = name;
    }
    query.remove_prefix(close + 1);
  }
}

std::string quoted_column(std::string_view column) { return sql::quote_identifier(column); }

}  // namespace sluice::contract::internal
