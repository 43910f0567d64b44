#include "sluice/api/catalog_page.h"

#include <gtest/gtest.h>

namespace sluice::api {
namespace {

RequestPath query(std::string size, std::optional<std::string> token) {
  RequestPath path;
  if (!size.empty()) {
    path.query.emplace_back("pageSize", std::move(size));
  }
  if (token) {
    path.query.emplace_back("pageToken", *std::move(token));
  }
  return path;
}

TEST(CatalogPage, GivesEverythingToAClientThatNamesNoToken) {
  const auto page = cut_page({"a", "b", "c"}, query("1", std::nullopt));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->keys.size(), 3U);
  EXPECT_FALSE(page->next_token);
}

TEST(CatalogPage, TokensLeadThroughTheWholeList) {
  std::vector<std::string> seen;
  std::optional<std::string> token = "";
  while (token) {
    const auto page = cut_page({"a", "b", "c", "d", "e"}, query("2", token));
    ASSERT_TRUE(page.ok());
    seen.insert(seen.end(), page->keys.begin(), page->keys.end());
    token = page->next_token;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST(CatalogPage, GoesOnBehindAKeyThatWasRemoved) {
  const auto first = cut_page({"a", "b", "c"}, query("2", ""));
  const auto second = cut_page({"a", "c"}, query("2", first->next_token));
  EXPECT_EQ(second->keys, std::vector<std::string>{"c"});
}

TEST(CatalogPage, RefusesSizesAndTokensThatAreNone) {
  for (const char* size : {"0", "-1", "x", "1x", "99999999999999999999999"}) {
    EXPECT_FALSE(cut_page({"a"}, query(size, "")).ok()) << size;
  }
  for (const char* token : {"x", "6", "zz", "616"}) {
    EXPECT_FALSE(cut_page({"a"}, query("", token)).ok()) << token;
  }
}

}  // namespace
}  // namespace sluice::api
