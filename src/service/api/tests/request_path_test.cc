#include "sluice/api/request_path.h"

#include <gtest/gtest.h>

namespace sluice::api {
namespace {

TEST(RequestPath, SplitsAndDecodesSegments) {
  const auto path = parse_request_path("/iceberg/v1/namespaces/accounting%1Ftax/tables/a%20b");
  ASSERT_TRUE(path.ok());
  EXPECT_EQ(path->segments, (std::vector<std::string>{"iceberg", "v1", "namespaces",
                                                      "accounting\x1ftax", "tables", "a b"}));
}

TEST(RequestPath, DecodesTheQueryWhereAPlusIsABlank) {
  const auto path = parse_request_path("/x?parent=a%1fb&pageToken=&name=a+b&flag");
  ASSERT_TRUE(path.ok());
  EXPECT_EQ(path->parameter("parent"),
            "a\x1f"
            "b");
  EXPECT_EQ(path->parameter("pageToken"), "");
  EXPECT_EQ(path->parameter("name"), "a b");
  EXPECT_EQ(path->parameter("flag"), "");
  EXPECT_EQ(path->parameter("other"), std::nullopt);
}

TEST(RequestPath, APlusInAPathStays) {
  EXPECT_EQ(parse_request_path("/a+b")->segments.front(), "a+b");
}

TEST(RequestPath, RefusesTricks) {
  for (const char* target :
       {"",        "x",           "http://a/b", "/",      "//x",    "/x/",     "/a//b",
        "/a/../b", "/a/%2e%2e/b", "/./x",       "/a%2Fb", "/a%",    "/a%4",    "/a%zz",
        "/a%00b",  "/a%0Ab",      "/a%7F",      "/a%ff",  "/x?y=%", "/x?y=%00"}) {
    const auto path = parse_request_path(target);
    ASSERT_FALSE(path.ok()) << target;
    EXPECT_EQ(path.error().kind, base::ErrorKind::kInvalidInput) << target;
  }
}

}  // namespace
}  // namespace sluice::api
