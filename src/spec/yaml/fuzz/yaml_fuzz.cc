#include <cstddef>
#include <cstdint>
#include <string>

#include "sluice/yaml/document.h"

namespace {

/// Every node lies inside the text, and a map has one key per child.
void check(const sluice::yaml::Node& node) {
  if (node.mark.line < 1 || node.mark.column < 1 || node.source == nullptr) {
    __builtin_trap();
  }
  if (node.is_map() && node.keys.size() != node.children.size()) {
    __builtin_trap();
  }
  for (const sluice::yaml::Node& child : node.children) {
    check(child);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::yaml::Diagnostics diagnostics;
  const sluice::yaml::Document document = sluice::yaml::parse(
      {"fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size)}, diagnostics);
  check(document.root);
  if (diagnostics.to_text().empty() != diagnostics.empty()) {
    __builtin_trap();
  }
  return 0;
}
