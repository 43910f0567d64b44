#include "sluice/control/internal/size_class.h"

#include <gtest/gtest.h>

#include "sluice/control/tests/stage_example.h"

namespace sluice::control {
namespace {

TEST(SizeClass, NamesTheRangeThatHoldsASize) {
  EXPECT_EQ(size_class(0), "under 1 MiB");
  EXPECT_EQ(size_class(kTestMiB - 1), "under 1 MiB");
  EXPECT_EQ(size_class(kTestMiB), "1 to 8 MiB");
  EXPECT_EQ(size_class(8 * kTestMiB), "8 to 64 MiB");
  EXPECT_EQ(size_class(64 * kTestMiB), "64 to 512 MiB");
  EXPECT_EQ(size_class(512 * kTestMiB), "0.5 to 4 GiB");
  EXPECT_EQ(size_class(4 * kTestGiB), "4 to 32 GiB");
  EXPECT_EQ(size_class(32 * kTestGiB), "over 32 GiB");
}

}  // namespace
}  // namespace sluice::control
