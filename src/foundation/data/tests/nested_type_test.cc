#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sluice/data/schema.h"
#include "sluice/data/type.h"

namespace sluice::data {
namespace {

/// Some type of at most `depth` levels, as parse_type() would build it.
Type some_type(int depth) {
  static const std::vector<Type> kPrimitives = {
      {TypeKind::kBoolean}, {TypeKind::kInt},       {TypeKind::kDouble}, {TypeKind::kDate},
      {TypeKind::kString},  {TypeKind::kTimestamp}, {TypeKind::kUuid},   decimal_type(9, 2)};
  const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
  if (kind == 1) {
    return list_type(some_type(depth - 1));
  }
  if (kind == 2) {
    return map_type(some_type(depth - 1), some_type(depth - 1));
  }
  if (kind == 3) {
    std::vector<Field> members;
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
      const auto name = *rc::gen::nonEmpty(
          rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab_Z9 \"'(),<>:[]"))));
      members.push_back({0, name, some_type(depth - 1), false, ""});
    }
    return struct_type(std::move(members));
  }
  return *rc::gen::elementOf(kPrimitives);
}

TEST(NestedType, SurvivesItsTextAndDuckdbName) {
  EXPECT_TRUE(rc::check("any type is read back from both of its texts", [] {
    const Type type = some_type(*rc::gen::inRange(0, 5));
    const auto read = parse_type(to_text(type));
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == type);
    const auto from_duckdb = type_from_duckdb(duckdb_name(type));
    RC_ASSERT(from_duckdb.ok());
    RC_ASSERT(*from_duckdb == type);
  }));
}

TEST(NestedType, ReadsWhatDescribePrints) {
  const auto text = [](const char* duckdb) {
    const auto type = type_from_duckdb(duckdb);
    return type.ok() ? to_text(*type) : type.error().message;
  };
  EXPECT_EQ(
      text("STRUCT(a INTEGER, \"B c\" VARCHAR[], \"order\" DATE, \"a\"\"b\" JSON, \"ü\" UUID)"),
      "struct<a: int, \"B c\": list<string>, order: date, \"a\"\"b\": string, \"ü\": uuid>");
  EXPECT_EQ(text("MAP(VARCHAR, STRUCT(x MAP(INTEGER, HUGEINT)[]))"),
            "map<string, struct<x: list<map<int, decimal(38, 0)>>>>");
  EXPECT_EQ(text("DECIMAL(9,2)[3][]"), "list<list<decimal(9, 2)>>");
  EXPECT_EQ(text("ENUM('a', 'b)''c]')[]"), "list<string>");
  EXPECT_EQ(text("STRUCT(t TIMESTAMP WITH TIME ZONE, u TINYINT)"),
            "struct<t: timestamptz, u: int>");
  EXPECT_EQ(text("STRUCT(a INTEGER, i INTERVAL[])"),
            "a table cannot hold type STRUCT(a INTEGER, i INTERVAL[]), because of INTERVAL; cast "
            "the column to another type");
  EXPECT_EQ(text("STRUCT(INTEGER, DATE)"),
            "a table cannot hold type STRUCT(INTEGER, DATE), because of a struct without names; "
            "cast the column to another type");
}

TEST(NestedType, RefusesDamagedText) {
  for (const char* name : {"STRUCT(", "STRUCT()", "STRUCT(a INTEGER", "STRUCT(\"a INTEGER)",
                           "MAP(INTEGER)", "MAP(INTEGER, )", "INTEGER[", "INTEGER[x]", "ENUM('a",
                           "DECIMAL(9,2", "INTEGER[]]", "UNION(a INTEGER)[]", "[]", ""}) {
    EXPECT_EQ(type_from_duckdb(name).error().kind, base::ErrorKind::kUnsupported) << name;
  }
  for (const char* text : {"struct<>", "struct<a>", "struct<a: int", "struct<\"a: int>", "list<>",
                           "list<int, int>", "map<int>", "list<int>>", "list", ""}) {
    EXPECT_EQ(parse_type(text).error().kind, base::ErrorKind::kInvalidInput) << text;
  }
}

TEST(NestedType, NestsOnlySoDeep) {
  std::string lists = "INTEGER";
  std::string text = "int";
  for (int i = 0; i < kTypeDepthMax; ++i) {
    lists += "[]";
    text.insert(0, "list<").push_back('>');
  }
  EXPECT_EQ(to_text(*type_from_duckdb(lists)), text);
  EXPECT_TRUE(parse_type(text).ok());
  EXPECT_EQ(type_from_duckdb(lists + "[]").error().kind, base::ErrorKind::kUnsupported);
  EXPECT_EQ(parse_type("list<" + text + ">").error().kind, base::ErrorKind::kUnsupported);
  std::string structs;
  for (int i = 0; i < 100'000; ++i) {
    structs += "STRUCT(a ";
  }
  EXPECT_EQ(type_from_duckdb(structs).error().kind, base::ErrorKind::kUnsupported);
}

TEST(NestedType, WidensInsideAsTheSpecAllows) {
  const auto widens = [](const char* from, const char* to) {
    return can_widen(*parse_type(from), *parse_type(to));
  };
  EXPECT_TRUE(widens("list<int>", "list<long>"));
  EXPECT_FALSE(widens("list<long>", "list<int>"));
  EXPECT_TRUE(widens("map<string, float>", "map<string, double>"));
  EXPECT_FALSE(widens("map<int, string>", "map<long, string>"));
  EXPECT_TRUE(widens("struct<a: int, b: date>", "struct<c: uuid, a: long>"));
  EXPECT_FALSE(widens("struct<a: int>", "struct<a: string>"));
  EXPECT_FALSE(widens("struct<a: int>", "list<int>"));
  EXPECT_FALSE(widens("map<string, int>", "struct<a: int>"));
  EXPECT_TRUE(widens("list<struct<a: decimal(9, 2)>>", "list<struct<a: decimal(12, 2), b: int>>"));
  EXPECT_FALSE(can_widen(
      *parse_type("struct<a: int>"),
      struct_type({{0, "a", {TypeKind::kInt}, false, ""}, {0, "b", {TypeKind::kInt}, true, ""}})));
  EXPECT_FALSE(can_widen(list_type({TypeKind::kInt}), list_type({TypeKind::kInt}, true)));
  EXPECT_TRUE(can_widen(list_type({TypeKind::kInt}, true), list_type({TypeKind::kInt})));
}

TEST(NestedType, FollowsARenamedMemberByItsId) {
  const Type from = struct_type({{3, "a", {TypeKind::kInt}, false, ""}});
  EXPECT_TRUE(can_widen(from, struct_type({{3, "b", {TypeKind::kLong}, false, ""}})));
  EXPECT_FALSE(can_widen(from, struct_type({{3, "b", {TypeKind::kDate}, false, ""}})));
}

TEST(NestedType, ComparesShapesWithoutIds) {
  Type with_ids = *parse_type("struct<a: list<int>>");
  with_ids.fields[0].id = 4;
  with_ids.fields[0].required = true;
  EXPECT_TRUE(same_shape(with_ids, *parse_type("struct<a: list<int>>")));
  EXPECT_FALSE(with_ids == *parse_type("struct<a: list<int>>"));
  EXPECT_FALSE(same_shape(with_ids, *parse_type("struct<a: list<long>>")));
  EXPECT_FALSE(same_shape(with_ids, *parse_type("struct<b: list<int>>")));
}

}  // namespace
}  // namespace sluice::data
