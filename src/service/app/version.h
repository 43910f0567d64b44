#pragma once

namespace sluice::app {

inline constexpr const char* kProgramVersion = "0.1.0";

/// Part of every model's fingerprint: another engine may give other rows.
inline constexpr const char* kEngineVersion = "duckdb 1.5.5";

}  // namespace sluice::app
