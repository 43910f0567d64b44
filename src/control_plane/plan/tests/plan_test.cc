#include "sluice/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Plan sample() {
  Plan plan;
  plan.project = "shop";
  plan.target = "dev";
  plan.variables = {{"since", "2013-01-01"}};
  plan.program_version = "1";
  plan.objects = {{"source bronze.o", "a"}, {"model gold.m", "b"}};
  PlannedRun source;
  source.table = "bronze.o";
  source.kind = "source";
  source.files = {{"/d/1.csv", 10, 5}};
  source.cpu_s = {1, 0.5, 2};
  PlannedRun model;
  model.table = "gold.m";
  model.kind = "model";
  model.snapshot = 7;
  model.inputs = {{"bronze.o", 3}};
  model.columns = {{"x", "dropped", true}};
  model.cpu_s = {1, 0.5, 2};
  plan.runs = {source, model};
  return plan;
}

TEST(Plan, ReadsWhatItWrote) {
  const Plan plan = sample();
  const auto read = parse_plan(to_json(plan));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(plan));
  EXPECT_EQ(read->runs[0].files, plan.runs[0].files);
  EXPECT_EQ(read->runs[1].columns, plan.runs[1].columns);
  EXPECT_THAT(moved(*read, plan), IsEmpty());
}

TEST(Plan, RefusesWhatIsNoPlan) {
  EXPECT_EQ(parse_plan("[]").error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(parse_plan("{").error().kind, base::ErrorKind::kInvalidInput);
  EXPECT_EQ(parse_plan("{\"format\": \"sluice-plan\", \"version\": 99}").error().kind,
            base::ErrorKind::kUnsupported);
  EXPECT_THAT(parse_plan("{\"format\": \"sluice-plan\", \"version\": 1}").error().message,
              HasSubstr("damaged"));
}

TEST(Plan, NamesEachVersionThatMoved) {
  const Plan planned = sample();
  Plan now = sample();
  now.objects["model gold.m"] = "c";
  now.runs[0].files = {{"/d/1.csv", 11, 6}, {"/d/2.csv", 1, 1}};
  now.runs[1].snapshot = 8;
  now.runs[1].inputs["bronze.o"] = 4;
  EXPECT_THAT(moved(planned, now),
              ElementsAre("model gold.m changed", "bronze.o: file /d/1.csv changed",
                          "bronze.o: new file /d/2.csv", "table gold.m is at snapshot 8, not at 7",
                          "table bronze.o, which gold.m reads, has a new snapshot"));
}

TEST(Plan, NamesAPriceThatLeftItsInterval) {
  const Plan planned = sample();
  Plan now = sample();
  now.runs[0].cpu_s.predicted = 1.9;
  EXPECT_THAT(moved(planned, now), IsEmpty());
  now.runs[0].cpu_s.predicted = 2.1;
  EXPECT_THAT(moved(planned, now), ElementsAre(HasSubstr("the price of bronze.o left")));
  now = sample();
  now.prices.cpu_hour = 1;
  EXPECT_THAT(moved(planned, now), ElementsAre(HasSubstr("prices in sluice.yaml")));
}

TEST(Plan, NamesRunsThatCameOrWent) {
  const Plan planned = sample();
  Plan now = sample();
  now.runs.erase(now.runs.begin());
  PlannedRun other;
  other.table = "gold.n";
  other.reason = "the table was never built";
  now.runs.push_back(other);
  EXPECT_THAT(moved(planned, now),
              ElementsAre(HasSubstr("bronze.o would not run"), HasSubstr("gold.n would run, too")));
}

}  // namespace
}  // namespace sluice::plan
