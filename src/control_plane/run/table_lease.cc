#include "sluice/run/table_lease.h"

namespace sluice::run {

namespace {

constexpr const char* kFrontHolder = "front";
constexpr std::int64_t kLeaseTtlUs = std::int64_t{10} * 60 * 1'000'000;

}  // namespace

base::Result<metastore::Lease> lease_table(RunContext& context, const std::string& table) {
  return metastore::acquire_lease(context.database, table, kFrontHolder, kLeaseTtlUs,
                                  context.clock);
}

}  // namespace sluice::run
