#pragma once

#include <string>

#include "sluice/base/result.h"

namespace sluice::metastore {

/// Writes the database as it is at one moment to the new file `path`, while others read and write
/// it; the copy is one file, checked page by page, and durable before it has its name.
/// kAlreadyExists when there is such a file; kCorrupt when the copy is damaged.
base::Status back_up(const std::string& from, const std::string& path);

/// Makes the database file `to` hold what the file `from` holds, all at once or not at all; made
/// when it is not there. kUnavailable: another process keeps it locked.
base::Status replace_content(const std::string& from, const std::string& to);

/// Puts a database file out of the way, with what SQLite keeps beside it; returns its new path.
base::Result<std::string> set_aside(const std::string& path, const std::string& suffix);

/// Gives the closed database file `from` the name `to`, where no database is, durably.
base::Status put_in_place(const std::string& from, const std::string& to);

}  // namespace sluice::metastore
