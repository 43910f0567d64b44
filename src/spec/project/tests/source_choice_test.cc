#include "sluice/project/source_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::project {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Project two_sources() {
  Project project;
  project.sources.resize(2);
  project.sources[0].table = "bronze.orders";
  project.sources[1].table = "bronze.customers";
  return project;
}

TEST(ChooseSources, TakesTheTableItsQuarantineOrTheBareName) {
  for (const char* wanted : {"bronze.customers", "quarantine.customers", "customers"}) {
    const auto chosen = choose_sources(two_sources(), wanted);
    ASSERT_TRUE(chosen.ok()) << wanted;
    EXPECT_THAT(*chosen, ElementsAre(1));
  }
}

TEST(ChooseSources, TakesAllWhereNoneIsNamed) {
  EXPECT_THAT(*choose_sources(two_sources(), ""), ElementsAre(0, 1));
}

TEST(ChooseSources, NamesTheNearestOfThoseThatAre) {
  const auto chosen = choose_sources(two_sources(), "bronze.order");
  ASSERT_FALSE(chosen.ok());
  EXPECT_EQ(chosen.error().kind, base::ErrorKind::kNotFound);
  EXPECT_THAT(chosen.error().message, HasSubstr("did you mean bronze.orders?"));
}

}  // namespace
}  // namespace sluice::project
