#include "sluice/base/utf8.h"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

TEST(Utf8, TakesCharactersOfEveryLength) {
  EXPECT_EQ(find_malformed_text("a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF"), kNone);
  EXPECT_EQ(utf8_length("\xF0\x9F\x98\x80", 0), 4U);
  EXPECT_EQ(find_malformed_text(""), kNone);
}

TEST(Utf8, FindsTheFirstByteThatIsNone) {
  EXPECT_EQ(find_malformed_text("ab\xFF"), 2U);
  EXPECT_EQ(find_malformed_text("\xC0\xAF"), 0U);          // overlong
  EXPECT_EQ(find_malformed_text("a\xE0\x80\x80"), 1U);     // overlong
  EXPECT_EQ(find_malformed_text("\xED\xA0\x80"), 0U);      // a surrogate
  EXPECT_EQ(find_malformed_text("\xF4\x90\x80\x80"), 0U);  // beyond Unicode
  EXPECT_EQ(find_malformed_text("a\xE2\x82"), 1U);         // breaks off
  EXPECT_EQ(find_malformed_text(std::string_view("a\0b", 3)), 1U);
}

}  // namespace
}  // namespace sluice::base
