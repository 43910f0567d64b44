#include "sluice/decode/internal/plain_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using Values = std::vector<std::optional<std::string_view>>;

const std::vector<job::DecodeColumn> kColumns = {
    {"id", {data::TypeKind::kLong}, true, ""},
    {"name", {data::TypeKind::kString}, false, ""},
    {"ok", {data::TypeKind::kBoolean}, false, ""},
};

class PlainJsonTest : public testing::Test {
 protected:
  std::string text_;
  PlainJson json_{kColumns};

  std::optional<Values> read(const std::string& text) {
    text_ = text + std::string(8, '\0');
    Values values(kColumns.size());
    const bool taken = json_.read(std::string_view(text_).substr(0, text.size()), values);
    return taken ? std::optional(values) : std::nullopt;
  }
};

TEST_F(PlainJsonTest, ReadsValuesByTheirKeysInAnyOrder) {
  EXPECT_THAT(*read(R"({"id":-12.5e3,"name":"a longer text than a word","ok":true})"),
              ElementsAre("-12.5e3", "a longer text than a word", "true"));
  EXPECT_THAT(*read(R"({ "ok" : false , "id": "7" })"), ElementsAre("7", std::nullopt, "false"));
  EXPECT_THAT(*read(R"({"name": null, "id": null})"),
              ElementsAre(std::nullopt, std::nullopt, std::nullopt));
  EXPECT_THAT(*read("{}"), ElementsAre(std::nullopt, std::nullopt, std::nullopt));
  EXPECT_THAT(*read("{\"name\":\"Gr\xC3\xBC\xC3\x9F\"}"),
              ElementsAre(std::nullopt, "Gr\xC3\xBC\xC3\x9F", std::nullopt));
}

TEST_F(PlainJsonTest, LeavesWhateverIsNotUsual) {
  for (const char* text : {"",
                           "{",
                           "[]",
                           "{}x",
                           "{\"id\":1",
                           "{\"id\":1,}",
                           "{,}",
                           "{\"id\" 1}",
                           "{\"id\":}",
                           "{\"id\":01}",
                           "{\"id\":1x}",
                           "{\"id\":+1}",
                           "{\"id\":nul}",
                           "{\"id\":truex}",
                           "{\"id\":[1]}",
                           "{\"id\":{}}",
                           "{\"id\":1,\"id\":2}",
                           "{\"other\":1}",
                           "{\"name\":5}",
                           "{\"name\":true}",
                           "{\"name\":\"a\\n\"}",
                           "{\"name\":\"a\nb\"}",
                           "{\"name\":\"open}",
                           "{\"na\\u006de\":\"x\"}",
                           "{\"name\":\"\xC3\"}",
                           "{\"name\":\"\xED\xA0\x80\"}",
                           "{\"id\":1\t}"}) {
    EXPECT_FALSE(read(text)) << text;
  }
}

TEST_F(PlainJsonTest, ForgetsTheObjectBefore) {
  EXPECT_FALSE(read(R"({"id":1,"id":2})"));
  EXPECT_THAT(*read(R"({"id":3})"), ElementsAre("3", std::nullopt, std::nullopt));
}

}  // namespace
}  // namespace sluice::decode
