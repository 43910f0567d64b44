#include "sluice/lake/json_slices.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace sluice::lake {
namespace {

TEST(JsonSlices, CutsMembersOutAsTheyStand) {
  const auto members =
      slice_object(R"( { "a" : {"x":[1,2]} , "b\n":"}\"," ,"c":[ ] , "d": -1.5e3 } )", "x");
  ASSERT_TRUE(members.ok()) << members.error().message;
  ASSERT_EQ(members->size(), 4U);
  EXPECT_EQ(members->at(0).first, "a");
  EXPECT_EQ(members->at(0).second, R"({"x":[1,2]})");
  EXPECT_EQ(members->at(1).first, "b\n");
  EXPECT_EQ(members->at(1).second, R"("}\",")");
  EXPECT_EQ(members->at(2).second, "[ ]");
  EXPECT_EQ(members->at(3).second, "-1.5e3");
}

TEST(JsonSlices, CutsItemsOutAsTheyStand) {
  const auto items = slice_array(R"([ {"a":1}, "x,y" ,[3] ])", "x");
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 3U);
  EXPECT_EQ(items->at(0), R"({"a":1})");
  EXPECT_EQ(items->at(1), R"("x,y")");
  EXPECT_TRUE(slice_array("[]", "x")->empty());
  EXPECT_TRUE(slice_object("{ }", "x")->empty());
}

TEST(JsonSlices, RefusesWhatIsNotWhole) {
  for (const char* text :
       {"", "[", "{", "{}x", R"({"a"})", R"({"a":})", R"({"a":1,})", R"({"a":1 "b":2})",
        R"({"a":1,"a":2})", R"({"a":"x})", R"({a:1})", R"({"a":[1})", R"({1:2})", R"({"a":1)"}) {
    const auto members = slice_object(text, "doc");
    ASSERT_FALSE(members.ok()) << text;
    EXPECT_EQ(members.error().kind, base::ErrorKind::kCorrupt);
    EXPECT_NE(members.error().message.find("doc"), std::string::npos);
  }
  for (const char* text : {"", "[", "[1,]", "[,1]", "[1]]", "[1", "{}"}) {
    EXPECT_FALSE(slice_array(text, "doc").ok()) << text;
  }
}

TEST(JsonSlices, QuotesText) {
  for (const std::string text : {"plain", "quo\"te\\", "line\nbreak", "ä"}) {
    std::string out;
    append_json_string(text, out);
    EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
  }
  std::string out;
  append_json_string("\xFF", out);
  EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), "\uFFFD");
}

}  // namespace
}  // namespace sluice::lake
