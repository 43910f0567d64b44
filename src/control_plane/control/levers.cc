#include "sluice/control/levers.h"

#include <array>

namespace sluice::control {

std::span<const std::reference_wrapper<const Lever>> all_levers() {
  static const std::array<std::reference_wrapper<const Lever>, 3> kLevers = {
      stage_resources_lever(), compression_lever(), file_size_lever()};
  return kLevers;
}

const Lever* find_lever(std::string_view name) {
  for (const Lever& lever : all_levers()) {
    if (lever.name == name) {
      return &lever;
    }
  }
  return nullptr;
}

}  // namespace sluice::control
