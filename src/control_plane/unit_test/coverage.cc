#include "sluice/unit_test/coverage.h"

#include <set>

#include "sluice/contract/compile.h"
#include "sluice/data/provenance.h"

namespace sluice::unit_test {

namespace {

/// What tests touched of one table.
struct Touched {
  std::int64_t tests = 0;
  std::set<std::string> columns;
  std::set<std::string> rules;
};

Touched touched(const std::string& table, const contract::Contract* contract,
                const std::vector<project::UnitTest>& tests,
                const std::vector<TestResult>& results) {
  Touched all;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const bool of_contract =
        contract != nullptr && tests[i].kind == project::UnitTestKind::kContract &&
        (tests[i].subject == contract->table || tests[i].subject == contract->file);
    if (tests[i].subject == table || of_contract) {
      ++all.tests;
      all.columns.insert(results[i].columns.begin(), results[i].columns.end());
      all.rules.insert(results[i].rules.begin(), results[i].rules.end());
    }
  }
  return all;
}

void cover(TableCoverage& covered, const Touched& all, const data::Schema& schema,
           const contract::Contract* contract) {
  covered.tests = all.tests;
  for (const data::Field& field : schema.fields) {
    if (field.name == data::kFileColumn || field.name == data::kLineColumn) {
      continue;
    }
    ++covered.columns;
    if (all.columns.contains(field.name)) {
      ++covered.columns_compared;
    } else {
      covered.columns_left.push_back(field.name);
    }
  }
  if (contract == nullptr) {
    return;
  }
  std::vector<std::string> rules;
  for (const contract::RowRule& rule : contract->rules) {
    // A model's columns have their types by then: only text of a file can break that rule.
    if (covered.kind == "source" || rule.kind != contract::RowRuleKind::kType) {
      rules.push_back(contract::rule_name(rule));
    }
  }
  for (const contract::KeyRule& key : contract->keys) {
    rules.push_back(contract::rule_name(key));
  }
  for (const std::string& rule : rules) {
    ++covered.rules;
    if (all.rules.contains(rule)) {
      ++covered.rules_broken;
    } else {
      covered.rules_left.push_back(rule);
    }
  }
}

}  // namespace

std::vector<TableCoverage> coverage(const project::Project& project,
                                    const project::Analysis& analysis,
                                    const std::vector<project::UnitTest>& tests,
                                    const std::vector<TestResult>& results) {
  std::vector<TableCoverage> tables;
  const auto contract_at = [&](const std::optional<std::size_t>& index) {
    return index ? &project.contracts[*index] : nullptr;
  };
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    const project::Source& source = project.sources[i];
    const contract::Contract* contract = contract_at(source.contract);
    TableCoverage& covered = tables.emplace_back();
    covered.table = source.table;
    covered.kind = "source";
    cover(covered, touched(source.table, contract, tests, results), analysis.sources[i], contract);
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    const project::Model& model = project.models[i];
    if (model.is_seed()) {
      continue;  // rows as somebody wrote them
    }
    const contract::Contract* contract = contract_at(model.expectations);
    TableCoverage& covered = tables.emplace_back();
    covered.table = model.table;
    covered.kind = "model";
    cover(covered, touched(model.table, contract, tests, results), analysis.models[i].schema,
          contract);
  }
  return tables;
}

}  // namespace sluice::unit_test
