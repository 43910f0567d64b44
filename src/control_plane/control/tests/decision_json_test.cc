#include "sluice/control/internal/decision_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::control {
namespace {

Candidate candidate_example() {
  return {"all",
          {{"threads", std::int64_t{2}}, {"compression", "zstd"}},
          {1.5, 0.5, 3.0},
          {{"memory", ""}, {"threads", "9 threads, 8 configured"}}};
}

TEST(DecisionJson, ReadsBackCandidates) {
  const auto read = candidates_from_json(to_json(std::vector{candidate_example()}).dump()).value();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].name, "all");
  EXPECT_EQ(read[0].config, candidate_example().config);
  EXPECT_EQ(read[0].checks, candidate_example().checks);
  EXPECT_EQ(read[0].cost.predicted_s, 1.5);
  EXPECT_EQ(read[0].cost.low_s, 0.5);
  EXPECT_EQ(read[0].cost.high_s, 3.0);
}

TEST(DecisionJson, ReadsBackFeatures) {
  const Context context = {{{"input_bytes", 12.0}, {"kind", std::string("decode")}}, "small"};
  EXPECT_EQ(features_from_json(to_json(context).dump()).value(), context.features);
}

TEST(DecisionJson, CallsAnythingElseCorrupt) {
  for (const char* text : {"", "{}", "3", "[3]", "[{}]", R"([{"name": 1}])", R"([{"name": "a"}])",
                           R"([{"name": "a", "config": {}}])", R"([{"name": "a", "value": null}])",
                           R"([{"name": "a", "config": [{"name": "n", "value": 1.5}]}])",
                           R"([{"name": "a", "config": [], "predicted_s": "x"}])",
                           R"([{"name": "a", "config": [], "predicted_s": 1, "low_s": 1,
                                "high_s": 1}])",
                           R"([{"name": "a", "config": [], "predicted_s": 1, "low_s": 1,
                                "high_s": 1, "checks": [{}]}])"}) {
    EXPECT_EQ(candidates_from_json(text).error().kind, base::ErrorKind::kCorrupt) << text;
  }
  for (const char* text :
       {"", "{}", "[3]", "[{}]", R"([{"name": "a"}])", R"([{"name": "a", "value": []}])"}) {
    EXPECT_EQ(features_from_json(text).error().kind, base::ErrorKind::kCorrupt) << text;
  }
}

}  // namespace
}  // namespace sluice::control
