#include "sluice/unit_test/given_rows.h"

#include <gmock/gmock.h>

#include "sluice/yaml/diagnostics.h"

namespace sluice::unit_test {
namespace {

using data::TypeKind;
using testing::HasSubstr;

const data::Schema kSchema = [] {
  data::Schema schema;
  schema.fields = {{1, "id", {TypeKind::kLong}, true, ""},
                   {2, "name", {TypeKind::kString}, false, ""},
                   {3, "price", data::decimal_type(9, 2), false, ""}};
  return schema;
}();

yaml::Document parse(const std::string& text) {
  yaml::Diagnostics diagnostics;
  yaml::Document document = yaml::parse({"tests/a.yaml", text}, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  return document;
}

TEST(GivenRows, ReadsValuesByTheTypesOfTheColumns) {
  const auto document = parse("- {id: 7, name: '7', price: 1.50}\n- {id: 8}\n");
  const auto batch = given_rows(&document.root, kSchema, Unnamed::kNull);
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->columns.size(), 3u);
  EXPECT_EQ(batch->columns[0].values, (std::vector<data::Value>{std::int64_t{7}, std::int64_t{8}}));
  EXPECT_EQ(batch->columns[1].values, (std::vector<data::Value>{std::string("7"), {}}));
  EXPECT_EQ(batch->columns[2].values, (std::vector<data::Value>{data::Int128{150}, {}}));
}

TEST(GivenRows, ReadsStructsListsAndMaps) {
  data::Schema schema;
  schema.fields = {{1, "s", *data::parse_type("struct<a: int, b: string>"), false, ""},
                   {2, "l", *data::parse_type("list<struct<q: double>>"), false, ""},
                   {3, "m", *data::parse_type("map<int, date>"), false, ""}};
  const auto document =
      parse("- {s: {b: x}, l: [{q: 1.5}, ~, {}], m: {7: 2024-03-01, 8: ~}}\n- {s: ~, l: []}\n");
  const auto batch = given_rows(&document.root, schema, Unnamed::kNull);
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  const auto text = [&](std::size_t column, std::size_t row) {
    return data::to_text(batch->columns[column].values[row], batch->columns[column].type);
  };
  EXPECT_EQ(text(0, 0), R"({"a": null, "b": "x"})");
  EXPECT_EQ(text(1, 0), R"([{"q": 1.5}, null, {"q": null}])");
  EXPECT_EQ(text(2, 0), R"({"7": "2024-03-01", "8": null})");
  EXPECT_TRUE(data::is_null(batch->columns[0].values[1]));
  EXPECT_EQ(text(1, 1), "[]");
}

TEST(GivenRows, NamesThePlaceInsideOfAColumn) {
  data::Schema schema;
  schema.fields = {{1, "l", *data::parse_type("list<struct<q: int>>"), false, ""}};
  const auto said = [&](const std::string& text) {
    const auto document = parse(text);
    return given_rows(&document.root, schema, Unnamed::kNull).error().message;
  };
  EXPECT_THAT(said("- {l: [{q: 1}, {q: x}]}\n"),
              HasSubstr("'x' is no int, as column 'l[2].q' takes"));
  EXPECT_THAT(said("- {l: [{r: 1}]}\n"), HasSubstr("there is no column 'r' here"));
  EXPECT_THAT(said("- {l: {q: 1}}\n"), HasSubstr("write [value, value]"));
  EXPECT_THAT(said("- {l: [7]}\n"), HasSubstr("write {member: value}"));
}

TEST(GivenRows, LeavesColumnsOutThatNoExpectedRowNames) {
  const auto document = parse("- {price: ~, id: 1}\n");
  const auto batch = given_rows(&document.root, kSchema, Unnamed::kLeftOut);
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->columns.size(), 2u);
  EXPECT_EQ(batch->columns[0].name, "id");
  EXPECT_EQ(batch->columns[1].name, "price");
}

TEST(GivenRows, ExpectingNoRowsComparesEveryColumn) {
  const auto batch = given_rows(nullptr, kSchema, Unnamed::kLeftOut);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->columns.size(), 3u);
  EXPECT_EQ(batch->rows(), 0u);
}

TEST(GivenRows, NamesTheNearestColumnAndThePlace) {
  const auto document = parse("- {id: 1}\n- {pricee: 2}\n");
  const auto batch = given_rows(&document.root, kSchema, Unnamed::kNull);
  ASSERT_FALSE(batch.ok());
  EXPECT_THAT(batch.error().message, HasSubstr("tests/a.yaml:2:4"));
  EXPECT_THAT(batch.error().message, HasSubstr("did you mean 'price'?"));
}

TEST(GivenRows, RefusesAValueOfAnotherType) {
  const auto document = parse("- {id: many}\n");
  const auto batch = given_rows(&document.root, kSchema, Unnamed::kNull);
  ASSERT_FALSE(batch.ok());
  EXPECT_THAT(batch.error().message, HasSubstr("'many' is no long, as column 'id' takes"));
}

}  // namespace
}  // namespace sluice::unit_test
