#include "sluice/metastore/lease.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace sluice::metastore {

namespace {

using base::Result;
using base::Status;

constexpr std::array kMigrations = {
    Migration{"lease", 1,
              "CREATE TABLE leases ("
              "resource TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, "
              "granted_at INTEGER NOT NULL, expires_at INTEGER NOT NULL)"}};

struct Row {
  std::string holder;
  std::int64_t epoch = 0;
  std::int64_t granted_at = 0;  // or renewed
  std::int64_t expires_at = 0;
};

Result<std::optional<Row>> find(Database& database, std::string_view resource) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement query,
      database.prepare(
          "SELECT holder, epoch, granted_at, expires_at FROM leases WHERE resource = ?"));
  SLUICE_ASSIGN_OR_RETURN(const bool found, query.bind(1, resource).step());
  if (!found) {
    return std::optional<Row>();
  }
  return std::optional(
      Row{query.get_text(0), query.get_int(1), query.get_int(2), query.get_int(3)});
}

/// A lease is live until it expires. One that expires much further ahead than it was given for was
/// given by a clock that has since gone back; a small step back changes nothing.
bool is_live(const Row& row, std::int64_t now_us) {
  const std::int64_t ttl_us = row.expires_at - row.granted_at;
  return row.expires_at > now_us && row.expires_at <= now_us + 2 * ttl_us;
}

Status taken(const Lease& lease, const std::optional<Row>& row) {
  return base::conflict(fmt::format("{} is no longer held by {}{}", lease.resource, lease.holder,
                                    row ? fmt::format(": {} took it over", row->holder) : ""));
}

bool is_ours(const std::optional<Row>& row, const Lease& lease) {
  return row && row->epoch == lease.epoch && row->holder == lease.holder;
}

}  // namespace

std::span<const Migration> lease_migrations() { return kMigrations; }

Result<Lease> acquire_lease(Database& database, std::string_view resource, std::string_view holder,
                            std::int64_t ttl_us, const base::Clock& clock) {
  SLUICE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  SLUICE_ASSIGN_OR_RETURN(const auto row, find(database, resource));
  const std::int64_t now_us = clock.now().us;
  if (row && row->holder != holder && is_live(*row, now_us)) {
    return base::conflict(fmt::format("{} is held by {} until {}", resource, row->holder,
                                      base::format_iso8601({row->expires_at})));
  }
  const Lease lease{std::string(resource), std::string(holder), row ? row->epoch + 1 : 1};
  SLUICE_ASSIGN_OR_RETURN(Statement write,
                          database.prepare("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)"));
  SLUICE_RETURN_IF_ERROR(write.bind(1, resource)
                             .bind(2, holder)
                             .bind(3, lease.epoch)
                             .bind(4, now_us)
                             .bind(5, now_us + ttl_us)
                             .run());
  SLUICE_RETURN_IF_ERROR(transaction.commit());
  return lease;
}

Status put_expired_lease(Transaction& transaction, std::string_view resource, std::int64_t epoch) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      transaction.database().prepare("INSERT OR REPLACE INTO leases VALUES (?, '', ?, 0, 0)"));
  return write.bind(1, resource).bind(2, epoch).run();
}

Status renew_lease(Database& database, const Lease& lease, std::int64_t ttl_us,
                   const base::Clock& clock) {
  SLUICE_ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  SLUICE_ASSIGN_OR_RETURN(const auto row, find(database, lease.resource));
  if (!is_ours(row, lease)) {
    return taken(lease, row);
  }
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      database.prepare("UPDATE leases SET granted_at = ?, expires_at = ? WHERE resource = ?"));
  const std::int64_t now_us = clock.now().us;
  SLUICE_RETURN_IF_ERROR(
      write.bind(1, now_us).bind(2, now_us + ttl_us).bind(3, lease.resource).run());
  return transaction.commit();
}

Status release_lease(Database& database, const Lease& lease) {
  SLUICE_ASSIGN_OR_RETURN(
      Statement write,
      database.prepare(
          "UPDATE leases SET expires_at = 0 WHERE resource = ? AND holder = ? AND epoch = ?"));
  return write.bind(1, lease.resource).bind(2, lease.holder).bind(3, lease.epoch).run();
}

Status check_lease(Transaction& transaction, const Lease& lease) {
  SLUICE_ASSIGN_OR_RETURN(const auto row, find(transaction.database(), lease.resource));
  return is_ours(row, lease) ? Status() : taken(lease, row);
}

}  // namespace sluice::metastore
