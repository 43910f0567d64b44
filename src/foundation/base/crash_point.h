#pragma once

#include <string_view>

namespace sluice::base {

/// Marks a step of a write path at which a crash is simulated. Release builds link the empty body
/// (`crash_point_off.cc`); `sluice-crashtest` links `crash_point_on.cc`, which counts every passage
/// and, when the environment names one (`SLUICE_CRASH_AT=<name>[#n]`), kills the process with
/// SIGKILL at its n-th passage. `SLUICE_CRASH_LOG=<file>` lists passages, one name a line.
/// Names are `<module>.<operation>.<before|after>`.
void crash_point(std::string_view name);

}  // namespace sluice::base
