#include "sluice/job/progress.h"

#include <gtest/gtest.h>

namespace sluice::job {
namespace {

TEST(Progress, SurvivesItsBytes) {
  for (const Progress progress :
       {Progress{}, Progress{1, 2}, Progress{std::int64_t{1} << 62, 255}}) {
    EXPECT_EQ(*decode_progress(encode(progress)), progress);
  }
}

TEST(Progress, IsRefusedWhenItIsNone) {
  EXPECT_FALSE(decode_progress("").ok());
  EXPECT_FALSE(decode_progress(encode(Progress{}) + "x").ok());
  EXPECT_FALSE(decode_progress(std::string(16, '\xff')).ok());
}

}  // namespace
}  // namespace sluice::job
