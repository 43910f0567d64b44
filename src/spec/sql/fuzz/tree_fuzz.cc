#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "sluice/sql/bind.h"
#include "sluice/sql/lineage.h"
#include "sluice/sql/print.h"
#include "sluice/sql/query.h"

namespace {

using sluice::data::Schema;
using sluice::data::TypeKind;

const Schema kOrders{0,
                     {{1, "id", {TypeKind::kLong}, true, ""},
                      {2, "day", {TypeKind::kDate}, false, ""},
                      {3, "amount", {TypeKind::kInt}, false, ""}},
                     {}};
const Schema kCustomers{
    0, {{1, "id", {TypeKind::kLong}, true, ""}, {2, "name", {TypeKind::kString}, false, ""}}, {}};
const Schema kDays{0, {{1, "day", {TypeKind::kDate}, true, ""}}, {}};

}  // namespace

/// Whatever the tree: it is refused, or it prints, and what binds has lineage for each output.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view tree(reinterpret_cast<const char*>(data), size);
  (void)sluice::sql::read_query(tree);
  auto statement = sluice::sql::read_statement(tree);
  if (!statement) {
    return 0;
  }
  if (sluice::sql::print(*statement->query).empty()) {
    __builtin_trap();
  }
  const sluice::sql::TableSchemas tables = {
      {"bronze.days", &kDays}, {"silver.customers", &kCustomers}, {"silver.orders", &kOrders}};
  const auto bound = sluice::sql::bind(*std::move(statement), tables);
  const auto* query = std::get_if<sluice::sql::BoundQuery>(&bound);
  if (query != nullptr && sluice::sql::column_lineage(*query).size() != query->outputs().size()) {
    __builtin_trap();
  }
  return 0;
}
