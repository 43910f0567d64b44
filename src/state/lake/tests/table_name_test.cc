#include "sluice/lake/table_name.h"

#include <gtest/gtest.h>

namespace sluice::lake {
namespace {

TEST(TableName, IsWrittenAndRead) {
  const TableName name{"bronze", "flights_2013"};
  EXPECT_EQ(to_text(name), "bronze.flights_2013");
  EXPECT_EQ(*parse_table_name("bronze.flights_2013"), name);
}

TEST(TableName, RefusesWhatCouldLeaveTheWarehouse) {
  for (const char* text : {"", "a", "a.", ".b", "a.b.c", "a/b.c", "...", "a.1b", "1a.b", "a. b",
                           "a.b ", "ä.b", "a.b-c"}) {
    EXPECT_EQ(parse_table_name(text).error().kind, base::ErrorKind::kInvalidInput) << text;
  }
}

}  // namespace
}  // namespace sluice::lake
