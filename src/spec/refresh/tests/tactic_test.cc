#include "sluice/refresh/tactic.h"

#include <gtest/gtest.h>

namespace sluice::refresh {
namespace {

TEST(Tactic, FullIsAlwaysLegalAndSaysWhy) {
  project::Model model;
  project::ModelAnalysis analysis;
  analysis.sql = "SELECT 1 AS x";
  auto tactics = legal_tactics(model, analysis);
  ASSERT_EQ(tactics.size(), 1u);
  EXPECT_EQ(tactics[0].sql, "SELECT 1 AS x");
  EXPECT_TRUE(tactics[0].replaces);
  EXPECT_EQ(tactics[0].reason, "no incremental tactic is built yet");
  analysis.opaque = true;
  EXPECT_NE(legal_tactics(model, analysis)[0].reason.find("only a full refresh"),
            std::string::npos);
  model.refresh = project::RefreshMode::kFull;
  EXPECT_NE(legal_tactics(model, analysis)[0].reason.find("declares"), std::string::npos);
}

}  // namespace
}  // namespace sluice::refresh
