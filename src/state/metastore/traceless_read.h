#pragma once

#include <functional>
#include <string>

#include "sluice/base/result.h"
#include "sluice/metastore/database.h"

namespace sluice::metastore {

/// Reads a metastore that belongs to somebody else as it is at one moment, and changes nothing in
/// its folder, which need not be writable: no log, no index of one, no lock file. `read` may be
/// called again when a front begins or ends meanwhile, so it must only fill what it returns.
/// kNotFound when there is no such file; kUnavailable when its front comes and goes all the time;
/// else what `read` says.
base::Status read_traceless(const std::string& path,
                            const std::function<base::Status(Database&)>& read);

}  // namespace sluice::metastore
