#include "sluice/ingest/raw_zone.h"

#include <gtest/gtest.h>

namespace sluice::ingest {
namespace {

TEST(RawZone, FilesByArrivalInUtc) {
  const RawZone zone{"/w/_raw", "n1", 3};
  EXPECT_EQ(zone.path_of("bronze.flights", {1357016400000000}, 17, ".csv"),
            "/w/_raw/bronze.flights/dt=2013-01-01/hh=05/n1-3-000000017.csv");
}

}  // namespace
}  // namespace sluice::ingest
