#include "sluice/duck/result.h"

#include <gtest/gtest.h>

#include "sluice/duck/database.h"

namespace sluice::duck {
namespace {

struct Case {
  const char* sql;
  const char* type;
  const char* text;
};

class ReadsValue : public testing::TestWithParam<Case> {};

TEST_P(ReadsValue, AsItsTableType) {
  Database database = std::move(*Database::open({}));
  Connection connection = std::move(*database.connect());
  auto result = connection.query(std::string("VALUES (") + GetParam().sql + "), (NULL)");
  ASSERT_TRUE(result.ok()) << result.error().message;
  auto batch = result->next_batch();
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  const data::Column& column = (*batch)->columns[0];
  EXPECT_EQ(to_text(column.type), GetParam().type);
  EXPECT_EQ(to_text(column.values[0], column.type), GetParam().text);
  EXPECT_TRUE(data::is_null(column.values[1]));
}

INSTANTIATE_TEST_SUITE_P(
    EveryType, ReadsValue,
    testing::Values(
        Case{"true", "boolean", "true"}, Case{"-5::TINYINT", "int", "-5"},
        Case{"-300::SMALLINT", "int", "-300"}, Case{"200::UTINYINT", "int", "200"},
        Case{"60000::USMALLINT", "int", "60000"}, Case{"(-2147483648)::INT", "int", "-2147483648"},
        Case{"4294967295::UINTEGER", "long", "4294967295"},
        Case{"9223372036854775807::BIGINT", "long", "9223372036854775807"},
        Case{"18446744073709551615::UBIGINT", "decimal(20, 0)", "18446744073709551615"},
        Case{"-170141183460469231731687303715884105::HUGEINT", "decimal(38, 0)",
             "-170141183460469231731687303715884105"},
        Case{"1.5::FLOAT", "float", "1.5"}, Case{"-0.1::DOUBLE", "double", "-0.1"},
        Case{"-9.99::DECIMAL(3,2)", "decimal(3, 2)", "-9.99"},
        Case{"-1234567.89::DECIMAL(9,2)", "decimal(9, 2)", "-1234567.89"},
        Case{"1234567890123456.78::DECIMAL(18,2)", "decimal(18, 2)", "1234567890123456.78"},
        Case{"-123456789012345678901234567890.12::DECIMAL(38,2)", "decimal(38, 2)",
             "-123456789012345678901234567890.12"},
        Case{"DATE '1969-12-31'", "date", "1969-12-31"},
        Case{"TIME '23:59:59.5'", "time", "23:59:59.500000"},
        Case{"TIMESTAMP '1500-01-01 00:00:01'", "timestamp", "1500-01-01T00:00:01"},
        Case{"TIMESTAMPTZ '2013-01-01 05:00:00+00'", "timestamptz", "2013-01-01T05:00:00Z"},
        Case{"'äöü'", "string", "äöü"}, Case{"repeat('x', 20)", "string", "xxxxxxxxxxxxxxxxxxxx"},
        Case{"'{}'::JSON", "string", "{}"},
        Case{"UUID '00112233-4455-6677-8899-aabbccddeeff'", "uuid",
             "00112233-4455-6677-8899-aabbccddeeff"},
        Case{"UUID 'ff112233-4455-6677-8899-aabbccddeeff'", "uuid",
             "ff112233-4455-6677-8899-aabbccddeeff"},
        Case{"'\\xAA\\x00'::BLOB", "binary", "aa00"},
        Case{"[1, NULL]::TINYINT[]", "list<int>", "[1, null]"},
        Case{"MAP {1: [NULL], 2: NULL}", "map<int, list<int>>", "{\"1\": [null], \"2\": null}"},
        Case{"{'a': 1.5, 'b c': {'d': [DATE '2013-01-01']}}",
             "struct<a: decimal(2, 1), \"b c\": struct<d: list<date>>>",
             "{\"a\": 1.5, \"b c\": {\"d\": [\"2013-01-01\"]}}"}));

TEST(QueryResult, HasNoTypeForWhatNoTableHolds) {
  Database database = std::move(*Database::open({}));
  Connection connection = std::move(*database.connect());
  auto result = connection.query(
      "SELECT [1]::INT[1] AS a, [INTERVAL 1 DAY] AS l, row(1) AS r, "
      "{'i': INTERVAL 1 DAY} AS s, INTERVAL 1 DAY AS i, "
      "'a'::ENUM('a') AS e");
  ASSERT_TRUE(result.ok());
  for (const ResultColumn& column : result->columns()) {
    EXPECT_FALSE(column.type.has_value()) << column.name;
  }
  EXPECT_FALSE(result->next_batch().ok());
}

TEST(ColumnView, ReadsMaps) {
  Database database = std::move(*Database::open({}));
  Connection connection = std::move(*database.connect());
  auto result = connection.query("SELECT MAP {'a': 'x', 'b': NULL}");
  ASSERT_TRUE(result.ok());
  const auto more = result->next([](const ChunkView& chunk) -> base::Status {
    const ColumnView map = chunk.column(0);
    const ColumnView::Span span = map.span(0);
    EXPECT_EQ(span.end - span.begin, 2u);
    EXPECT_EQ(map.child().field(0).text(span.begin), "a");
    EXPECT_EQ(map.child().field(1).text(span.begin), "x");
    EXPECT_TRUE(map.child().field(1).is_null(span.begin + 1));
    return {};
  });
  EXPECT_TRUE(more.ok());
}

}  // namespace
}  // namespace sluice::duck
