#include "sluice/decode/internal/utf8.h"

#include <gtest/gtest.h>

namespace sluice::decode {
namespace {

TEST(Utf8, KnowsText) {
  for (const char* text : {"", "a", "plain text of more than eight bytes", "zürich",
                           "東京 and more", "😀", "\x7F", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_text(text)) << text;
  }
  for (const char* bytes :
       {"\xFF", "12345678\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xE0\x80\xAF", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE6\x9D"}) {
    EXPECT_FALSE(is_text(bytes));
  }
  EXPECT_FALSE(is_text(std::string_view("\0", 1)));
  EXPECT_FALSE(is_text(std::string_view("12345678901234\0z", 16)));
}

TEST(Utf8, EscapesWhatIsNoText) {
  EXPECT_EQ(escape_text(std::string_view("a\0b\xFFz\xC3\xBC", 7), 100), "a\\x00b\\xffzü");
  EXPECT_EQ(escape_text("\xC3", 100), "\\xc3");
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(escape_text("aaü", 3), "aa");
  EXPECT_EQ(escape_text("aaü", 4), "aaü");
  EXPECT_EQ(escape_text("a\xFF", 4), "a");
  EXPECT_EQ(escape_text("abc", 0), "");
}

}  // namespace
}  // namespace sluice::decode
