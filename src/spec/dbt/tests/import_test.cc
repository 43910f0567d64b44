#include "sluice/dbt/import.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

namespace sluice::dbt {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    root_ = std::filesystem::temp_directory_path() /
            ("sluice-dbt-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(root_);
    write("dbt_project.yml",
          "name: cafe\nvars:\n  first_year: 2020\nmodels:\n  cafe:\n    +materialized: view\n"
          "    marts:\n      +materialized: table\n      +tags: nightly\n");
  }
  ~ImportTest() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  Import import() {
    auto done = import_project(root_);
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
    return done.ok() ? std::move(*done) : Import();
  }

  std::filesystem::path root_;
};

auto left(const std::string& file, const std::string& what, const std::string& reason) {
  return Contains(AllOf(Field(&LeftOver::file, file), Field(&LeftOver::what, HasSubstr(what)),
                        Field(&LeftOver::reason, HasSubstr(reason))));
}

TEST_F(ImportTest, ModelsRefersToModelsSeedsAndSourcesByOurNames) {
  write("seeds/raw_orders.csv", "id,amount\n1,5\n");
  write("models/sources.yml",
        "sources:\n  - name: till\n    tables: [{name: Payments, description: From the till}]\n");
  write("models/staging/stg_orders.sql", "select * from {{ ref('raw_orders') }}\n");
  write("models/marts/orders.sql",
        "select o.id from {{ ref('stg_orders') }} o join {{ source('till', 'Payments') }} p "
        "using (id) where year >= {{ var('first_year') }}");
  const Import done = import();
  EXPECT_EQ(done.name, "cafe");
  EXPECT_EQ(done.files.at("seeds/raw_orders.csv"), "id,amount\n1,5\n");
  EXPECT_EQ(done.files.at("models/staging/stg_orders.sql"), "select * from seeds.raw_orders\n");
  EXPECT_THAT(done.files.at("models/marts/orders.sql"),
              HasSubstr("tags: [nightly]\n---*/\nselect o.id from staging.stg_orders o join "
                        "bronze.payments p using (id) where year >= 2020\n"));
  EXPECT_THAT(done.files.at("sources/payments.yaml"),
              AllOf(HasSubstr("source: bronze.payments"), HasSubstr("From the till")));
  EXPECT_THAT(done.left, left("models/sources.yml", "till.Payments", "set path"));
  EXPECT_THAT(done.left, left("models/staging/stg_orders.sql", "view", "table here"));
}

TEST_F(ImportTest, ConfigInAModelWinsAndItsIncrementalBranchIsLeftOut) {
  write("models/marts/days.sql",
        "{{ config(materialized='incremental', unique_key='day', schema='gold') }}\n"
        "select day from t.x{% if is_incremental() %} where day > (select max(day) from {{ this }})"
        "{% endif %}\n");
  const Import done = import();
  EXPECT_THAT(
      done.files.at("models/gold/days.sql"),
      AllOf(HasSubstr("key: [day]"), HasSubstr("select day from t.x\n"), Not(HasSubstr("max"))));
  EXPECT_THAT(done.left, left("models/marts/days.sql", "incremental branch", "derived"));
}

TEST_F(ImportTest, MacrosOfTheProjectAreCalled) {
  write("macros/money.sql",
        "{% macro dollars(column) -%} ({{ column }} / 100)::decimal(9,2) {%- endmacro %}");
  write("models/marts/orders.sql", "select {{ dollars('cents') }} as amount from t.x");
  EXPECT_THAT(import().files.at("models/marts/orders.sql"),
              HasSubstr("select (cents / 100)::decimal(9,2) as amount from t.x"));
}

TEST_F(ImportTest, WhatCannotBeImportedIsListedWithItsReason) {
  write("models/marts/a.sql", "select {{ dbt_utils.star(from=ref('b')) }} from x.y");
  write("models/marts/b.sql", "select 1 as x from {{ ref('gone') }}");
  write("models/marts/c.py", "def model(dbt, session): pass\n");
  write("snapshots/s.sql", "{% snapshot s %}select 1{% endsnapshot %}");
  write("tests/no_negative.sql", "select * from {{ ref('a') }} where x < 0");
  write("packages.yml", "packages: []\n");
  const Import done = import();
  EXPECT_TRUE(done.models.empty());
  EXPECT_THAT(done.left, left("models/marts/a.sql", "model a", "'dbt_utils.star()' is not known"));
  EXPECT_THAT(done.left, left("models/marts/b.sql", "model b", "ref('gone')"));
  EXPECT_THAT(done.left, left("models/marts/c.py", "model c", "Python"));
  EXPECT_THAT(done.left, left("snapshots/s.sql", "snapshot s", "not built"));
  EXPECT_THAT(done.left, left("tests/no_negative.sql", "test no_negative", "type sql"));
  EXPECT_THAT(done.left, left("packages.yml", "packages", "not read"));
}

TEST_F(ImportTest, TestsBecomeRulesOfAContract) {
  write("models/marts/orders.sql", "select 1 as id, 'open' as status, 2 as customer_id");
  write("models/marts/customers.sql", "select 2 as id");
  write("models/marts/schema.yml", R"(models:
  - name: orders
    description: "One row an order: \"paid\" or not"
    columns:
      - name: id
        description: The key
        data_tests: [unique, not_null]
      - name: status
        tests:
          - accepted_values: {values: [open, paid]}
          - not_null: {config: {severity: warn}}
      - name: customer_id
        tests:
          - relationships: {arguments: {to: ref('customers'), field: id}}
          - dbt_utils.at_least_one
)");
  const Import done = import();
  const auto orders = std::find_if(done.models.begin(), done.models.end(),
                                   [](const auto& one) { return one.table == "marts.orders"; });
  ASSERT_NE(orders, done.models.end());
  const std::string contract = contract_text(
      *orders, {{"id", "integer"}, {"status", "varchar"}, {"customer_id", "integer"}});
  EXPECT_THAT(contract, HasSubstr(R"(      - name: "id"
        physicalType: "integer"
        description: "The key"
        required: true
        unique: true
)"));
  EXPECT_THAT(contract, HasSubstr(R"(metric: invalidValues
            arguments: { validValues: ["open", "paid"] }
            mustBe: 0
          - type: library
            metric: nullValues
            mustBe: 0
            severity: warning
)"));
  EXPECT_THAT(contract, HasSubstr("relationships:\n          - to: marts.customers.id\n"));
  EXPECT_THAT(done.left, left("models/marts/schema.yml",
                              "dbt_utils.at_least_one of orders.customer_id", "type sql"));
  EXPECT_THAT(done.files.at("models/marts/orders.sql"),
              HasSubstr(R"(description: "One row an order: \"paid\" or not")"));
}

TEST_F(ImportTest, SeedsGetTheNarrowestTypesThatAllTheirValuesHave) {
  write("seeds/odd.csv",
        "id,price,day,at,flag,zip,name,none\n"
        "1,1.50,2024-01-01,2024-01-01 10:00:00,true,01234,\"a, \"\"b\"\"\",\n"
        "-2,20,2024-01-02,2024-01-02T10:00:00.5,FALSE,99999,,\n");
  write("seeds/torn.csv", "a,b\n1\n");
  const Import done = import();
  ASSERT_EQ(done.seeds.size(), 1U);
  std::vector<std::string> types;
  for (const ColumnDescription& column : done.seeds[0].columns) {
    types.push_back(column.data_type);
  }
  EXPECT_THAT(types, ElementsAre("bigint", "decimal(18,2)", "date", "timestamp", "boolean",
                                 "varchar", "varchar", "varchar"));
  EXPECT_THAT(done.left, left("seeds/torn.csv", "seed torn", "line 2: 1 fields"));
}

TEST_F(ImportTest, ALargeSeedBecomesASource) {
  std::string rows = "id,amount\n";
  for (int i = 0; rows.size() <= 1 << 20; ++i) {
    rows += std::to_string(i) + ",5\n";
  }
  write("seeds/large.csv", rows);
  const Import done = import();
  EXPECT_EQ(done.files.at("data/seeds/large.csv"), rows);
  EXPECT_THAT(done.files.at("sources/large.yaml"),
              AllOf(HasSubstr("source: bronze.large"), HasSubstr("data/seeds/large.csv")));
  EXPECT_THAT(done.left, left("seeds/large.csv", "replacing seed large", "too large"));
}

TEST_F(ImportTest, TablesWithNothingToSayGetNoContract) {
  write("models/marts/a.sql", "select 1 as id");
  const Import done = import();
  ASSERT_EQ(done.models.size(), 1U);
  EXPECT_EQ(contract_text(done.models[0], {{"id", "integer"}}), "");
}

TEST_F(ImportTest, AFolderWithoutAProjectIsNamed) {
  std::filesystem::remove(root_ / "dbt_project.yml");
  const auto done = import_project(root_);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, base::ErrorKind::kNotFound);
  EXPECT_THAT(done.error().message, HasSubstr("dbt_project.yml"));
}

}  // namespace
}  // namespace sluice::dbt
