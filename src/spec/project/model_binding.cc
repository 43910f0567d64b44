#include "sluice/project/internal/model_binding.h"

#include <utility>
#include <variant>

namespace sluice::project::internal {

namespace {

void make_opaque(ModelAnalysis& result, std::string reason) {
  result.opaque = true;
  result.opaque_reason = std::move(reason);
}

}  // namespace

void bind_model(const std::string& tree, const sql::TableSchemas& schemas,
                const sql::DescribedStatement& described, ModelAnalysis& result) {
  if (tree.empty()) {
    return;  // opaque since it was parsed
  }
  auto statement = sql::read_statement(tree);
  if (!statement) {
    return make_opaque(result, statement.error().message);
  }
  auto bound = sql::bind(*std::move(statement), schemas);
  if (auto* unbound = std::get_if<sql::Unbound>(&bound)) {
    return make_opaque(result, std::move(unbound->problem.message));
  }
  auto query = std::make_shared<sql::BoundQuery>(std::get<sql::BoundQuery>(std::move(bound)));
  if (auto difference = sql::check_outputs(*query, described.columns)) {
    return make_opaque(result, *std::move(difference));
  }
  result.bound = std::move(query);
}

std::optional<sql::Unbound> explain_failure(const std::string& tree,
                                            const sql::TableSchemas& schemas) {
  if (tree.empty()) {
    return std::nullopt;
  }
  auto statement = sql::read_statement(tree);
  if (!statement) {
    return std::nullopt;
  }
  auto bound = sql::bind(*std::move(statement), schemas);
  auto* unbound = std::get_if<sql::Unbound>(&bound);
  if (unbound == nullptr || unbound->is_unsupported || unbound->problem.offset < 0) {
    return std::nullopt;
  }
  return std::move(*unbound);
}

}  // namespace sluice::project::internal
