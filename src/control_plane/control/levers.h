#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "sluice/control/lever.h"

namespace sluice::control {

/// Threads and memory of a stage.
const Lever& stage_resources_lever();
/// Compression of written data files.
const Lever& compression_lever();
/// Target size of written data files.
const Lever& file_size_lever();

/// Every lever, in the order in which a stage's decisions are taken.
std::span<const std::reference_wrapper<const Lever>> all_levers();

/// Returns a lever by name, or null.
const Lever* find_lever(std::string_view name);

}  // namespace sluice::control
