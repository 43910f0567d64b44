#include "sluice/worker/internal/usage_meter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include "sluice/worker/tests/sanitizer.h"

namespace sluice::worker::internal {
namespace {

void touch_mib(std::size_t mib, std::chrono::milliseconds hold = {}) {
  const auto bytes = std::make_unique<char[]>(mib << 20);
  std::memset(bytes.get(), 1, mib << 20);
  std::this_thread::sleep_for(hold);
}

TEST(UsageMeter, SeesThePeakOfMemoryThatIsGivenBack) {
  SLUICE_SKIP_UNDER_ADDRESS_SANITIZER();
  UsageMeter meter;
  touch_mib(200);
  EXPECT_NEAR(static_cast<double>(meter.stop().memory_peak_bytes), 200.0 * (1 << 20),
              10.0 * (1 << 20));
}

TEST(UsageMeter, ForgetsThePeakOfBefore) {
  SLUICE_SKIP_UNDER_ADDRESS_SANITIZER();
  touch_mib(200);
  UsageMeter meter;
  touch_mib(20);
  const auto usage = meter.stop();
  EXPECT_GE(usage.memory_peak_bytes, 19 << 20);
  EXPECT_LE(usage.memory_peak_bytes, 25 << 20);
}

TEST(UsageMeter, SamplesWhereTheHighWaterMarkIsNotToBeHad) {
  SLUICE_SKIP_UNDER_ADDRESS_SANITIZER();
  UsageMeter meter(PeakSource::kSampling);
  touch_mib(100, std::chrono::milliseconds(100));
  EXPECT_NEAR(static_cast<double>(meter.stop().memory_peak_bytes), 100.0 * (1 << 20),
              5.0 * (1 << 20));
}

TEST(UsageMeter, CountsBytesReadAndWritten) {
  std::string path = "/tmp/sluice_usage_XXXXXX";
  const int file = ::mkstemp(path.data());
  ASSERT_GE(file, 0);
  const std::string bytes(3 << 20, 'x');
  UsageMeter meter;
  ASSERT_EQ(::write(file, bytes.data(), bytes.size()), 3 << 20);
  std::string back(1 << 20, '\0');
  ASSERT_EQ(::pread(file, back.data(), back.size(), 0), 1 << 20);
  const auto usage = meter.stop();
  ::close(file);
  ::unlink(path.c_str());
  EXPECT_NEAR(static_cast<double>(usage.written_bytes), 3 << 20, 64 << 10);
  EXPECT_NEAR(static_cast<double>(usage.read_bytes), 1 << 20, 64 << 10);
}

TEST(UsageMeter, CountsSleepAsWallAndNotAsCpu) {
  UsageMeter meter;
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto usage = meter.stop();
  EXPECT_GE(usage.wall_us, 100'000);
  EXPECT_LT(usage.cpu_us, 50'000);
}

}  // namespace
}  // namespace sluice::worker::internal
