#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/metastore/database.h"
#include "sluice/metastore/migration.h"

namespace sluice::metastore {

/// The right to change a resource (`source bronze.flights`, `model gold.daily`). Each new holder
/// gets a higher epoch, which its commits carry, so that one who was overtaken cannot commit any
/// more (fencing token).
struct Lease {
  std::string resource;
  std::string holder;
  std::int64_t epoch = 0;
};

std::span<const Migration> lease_migrations();

/// Takes a lease for `ttl_us`. One that is free, has run out, or is `holder`'s own is given with
/// the next epoch; else kConflict names the holder and until when. A clock that went backwards
/// cannot keep others out for longer than twice `ttl_us`.
base::Result<Lease> acquire_lease(Database& database, std::string_view resource,
                                  std::string_view holder, std::int64_t ttl_us,
                                  const base::Clock& clock);

/// Prolongs a lease to `ttl_us` from now. kConflict when somebody else has taken it since.
base::Status renew_lease(Database& database, const Lease& lease, std::int64_t ttl_us,
                         const base::Clock& clock);

/// Enters a lease that was held up to `epoch` and has run out, so that later holders get higher
/// ones.
base::Status put_expired_lease(Transaction& transaction, std::string_view resource,
                               std::int64_t epoch);

/// Gives a lease back; one that is no longer ours is left alone.
base::Status release_lease(Database& database, const Lease& lease);

/// Checks inside a commit's transaction that the lease is still ours, whatever the time is.
/// kConflict when it is not.
base::Status check_lease(Transaction& transaction, const Lease& lease);

}  // namespace sluice::metastore
