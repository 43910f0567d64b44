#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/yaml/reader.h"

namespace sluice::project {

/// Where a database is, with its secrets in it: never to be printed or stored.
struct Connection {
  DatabaseKind kind = DatabaseKind::kPostgres;
  std::string text;                  // a URL, or the path of a SQLite file
  std::vector<std::string> secrets;  // the parts that no message may show
};

/// Resolves `${...}` in the connection of a source that has a database. kInvalidInput, with the
/// place in the source's file: a variable is not set.
base::Result<Connection> expand_connection(const Project& project, const Source& source,
                                           yaml::EnvLookup env = yaml::process_environment());

/// Resolves `${...}` in a URL of PostgreSQL that an option of the command line has.
base::Result<Connection> expand_connection(const Project& project, const std::string& url,
                                           const std::string& option,
                                           yaml::EnvLookup env = yaml::process_environment());

/// The password in a connection, as written: behind `user:` or in `password=`; "" without one.
std::string_view password_in(std::string_view connection);

}  // namespace sluice::project
