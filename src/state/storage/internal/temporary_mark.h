#pragma once

namespace sluice::storage {

/// Stands between the name that a file will have and what makes its temporary name unique.
inline constexpr const char* kTemporaryMark = ".tmp-";

}  // namespace sluice::storage
