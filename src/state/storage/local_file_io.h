#pragma once

#include <memory>

#include "sluice/storage/file_io.h"

namespace sluice::storage {

/// Files of this machine.
std::unique_ptr<FileIo> make_local_file_io();

}  // namespace sluice::storage
