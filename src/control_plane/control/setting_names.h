#pragma once

namespace sluice::control {

// Names of the settings that candidates carry.
inline constexpr const char* kThreads = "threads";
inline constexpr const char* kMemoryBytes = "memory_bytes";
inline constexpr const char* kCompression = "compression";
inline constexpr const char* kCompressionLevel = "compression_level";
inline constexpr const char* kFileBytesTarget = "file_bytes_target";

}  // namespace sluice::control
