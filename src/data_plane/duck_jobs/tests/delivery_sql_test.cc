#include "sluice/duck_jobs/internal/delivery_sql.h"

#include <gtest/gtest.h>

namespace sluice::duck_jobs {
namespace {

const std::vector<DeliveredColumn> kColumns = {delivered_column("id", "BIGINT"),
                                               delivered_column("tags", "VARCHAR[]"),
                                               delivered_column("a\"b", "DECIMAL(9,2)")};

TEST(DeliverySql, TypesHaveTheirCounterparts) {
  EXPECT_EQ(kColumns[0].type, "bigint");
  EXPECT_EQ(kColumns[1].type, "jsonb");
  EXPECT_EQ(kColumns[2].type, "numeric(9,2)");
  EXPECT_EQ(delivered_column("t", "TIMESTAMP WITH TIME ZONE").type, "timestamp with time zone");
  EXPECT_EQ(delivered_column("b", "BLOB").type, "bytea");
  EXPECT_EQ(delivered_column("i", "INTERVAL").type, "text");
}

TEST(DeliverySql, AColumnMayBeWiderButNeverNarrower) {
  EXPECT_TRUE(holds_type("bigint", "integer"));
  EXPECT_FALSE(holds_type("integer", "bigint"));
  EXPECT_TRUE(holds_type("numeric", "numeric(9,2)"));
  EXPECT_TRUE(holds_type("numeric(10,3)", "numeric(9,2)"));
  EXPECT_FALSE(holds_type("numeric(9,3)", "numeric(9,2)"));
  EXPECT_FALSE(holds_type("double precision", "numeric(9,2)"));
  EXPECT_TRUE(holds_type("character varying(20)", "text"));
  EXPECT_FALSE(holds_type("character(20)", "text"));
  EXPECT_FALSE(holds_type("date", "timestamp without time zone"));
}

TEST(DeliverySql, ATableIsMadeWithItsKey) {
  EXPECT_EQ(create_table(postgres_table("public", "t"), kColumns, std::vector<std::string>{"id"}),
            "CREATE TABLE \"public\".\"t\" (\"id\" bigint, \"tags\" jsonb, \"a\"\"b\" "
            "numeric(9,2), PRIMARY KEY (\"id\"))");
}

TEST(DeliverySql, RowsTakeThePlaceOfThoseWithTheirKey) {
  EXPECT_EQ(move_rows("s", "t", kColumns, std::vector<std::string>{"id"}),
            "INSERT INTO t (\"id\", \"tags\", \"a\"\"b\") SELECT \"id\", \"tags\"::jsonb, "
            "\"a\"\"b\" FROM s ON CONFLICT (\"id\") DO UPDATE SET \"tags\" = EXCLUDED.\"tags\", "
            "\"a\"\"b\" = EXCLUDED.\"a\"\"b\"");
  const std::vector<DeliveredColumn> only_key = {kColumns[0]};
  EXPECT_TRUE(
      move_rows("s", "t", only_key, std::vector<std::string>{"id"}).ends_with("DO NOTHING"));
}

}  // namespace
}  // namespace sluice::duck_jobs
