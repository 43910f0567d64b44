#include "sluice/base/json_fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::base {
namespace {

TEST(JsonFields, NamesTheDocumentAndTheKeyThatIsWrong) {
  const auto document = parse_json(R"({"a": 1, "b": "x", "c": null})", "v1.metadata.json");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(*json_int(*document, "a", "doc"), 1);
  EXPECT_EQ(*json_string(*document, "b", "doc"), "x");
  EXPECT_EQ(*json_int_if(*document, "c", "doc"), std::nullopt);
  const auto wrong = json_int(*document, "b", "v1.metadata.json");
  EXPECT_EQ(wrong.error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(wrong.error().message, "v1.metadata.json: field 'b' is missing or not an integer");
}

TEST(JsonFields, RefusesBrokenAndDeepDocuments) {
  EXPECT_EQ(parse_json("{\"a\":", "doc").error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(parse_json(std::string(100'000, '['), "doc").error().kind, ErrorKind::kCorrupt);
  EXPECT_TRUE(parse_json(R"(["[[[[\"[[["])", "doc", 2).ok());
}

}  // namespace
}  // namespace sluice::base
