#include <gtest/gtest.h>

#include "sluice/control/levers.h"
#include "sluice/control/policy.h"
#include "sluice/control/setting_names.h"
#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

TEST(Compression, IsZstdOneByDefault) {
  const Decision decision = choose(compression_lever(), stage_example(), {}, {}, 1).value();
  EXPECT_EQ(config_text(decision.applied_candidate().config, kCompression), "zstd");
  EXPECT_EQ(config_int(decision.applied_candidate().config, kCompressionLevel), 1);
  EXPECT_EQ(decision.propensity, 1.0);
}

TEST(Compression, IsWhatTheProjectForces) {
  LeverPolicies policies;
  for (const auto& [name, codec, level] :
       {std::tuple{"snappy", "snappy", 0}, std::tuple{"zstd-3", "zstd", 3}}) {
    policies.levers["compression"].force = name;
    const Decision decision = choose(compression_lever(), stage_example(), policies, {}, 1).value();
    EXPECT_EQ(config_text(decision.applied_candidate().config, kCompression), codec);
    EXPECT_EQ(config_int(decision.applied_candidate().config, kCompressionLevel), level);
    EXPECT_EQ(decision.policy, kForcedPolicy);
  }
}

TEST(Compression, PricesLighterCodecsLower) {
  const Decision decision = choose(compression_lever(), stage_example(), {}, {}, 1).value();
  ASSERT_EQ(decision.candidates.size(), 3u);
  EXPECT_LT(decision.candidates[1].cost.predicted_s, decision.candidates[0].cost.predicted_s);
  EXPECT_LT(decision.candidates[2].cost.predicted_s, decision.candidates[1].cost.predicted_s);
}

TEST(Compression, DoesNotKnowTheWorkOfACodecThatItDoesNotOffer) {
  EXPECT_EQ(compression_lever().work_factor(
                {{kCompression, "gzip"}, {kCompressionLevel, std::int64_t{6}}}),
            std::nullopt);
}

}  // namespace
}  // namespace sluice::control
