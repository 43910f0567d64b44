#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/job/query_job.h"
#include "sluice/job/scan_input.h"

namespace sluice::job {

enum class DeliverMode : std::uint8_t {
  kReplace,  // the table has these rows and no others
  kAppend,   // these rows are added, once for each `content`
  kUpsert,   // these rows take the place of those with the same key
};

/// Writes the rows of one SELECT into a table of a PostgreSQL database in one transaction, which
/// makes the table where there is none. Done twice it leaves what once leaves.
struct DeliverJob {
  std::vector<ScanInput> inputs;
  std::vector<MemoryInput> memory;
  std::string sql;
  std::string connection;            // a URL
  std::vector<std::string> secrets;  // parts of it that no message may show
  std::string table;                 // `orders`, `sales.orders`
  DeliverMode mode = DeliverMode::kReplace;
  std::vector<std::string> key;  // columns; primary key of a table that is made; kUpsert needs it
  std::string content;           // digest of what is written, so that it is appended once
  std::string snapshots;         // for people: what was read
  bool dry_run = false;          // looks at both sides, counts the rows and writes nothing
};

struct DeliverResult {
  std::int64_t rows = 0;
  std::string table;       // with its schema
  bool created = false;    // the table was made
  bool repeated = false;   // this content had been appended before: nothing was written
  std::string definition;  // of a dry run: the statement that makes the table; "" if it is there
};

}  // namespace sluice::job
