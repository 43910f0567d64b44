#pragma once

#include <memory>
#include <string_view>

#include "sluice/yaml/document.h"

namespace sluice::contract::internal {

/// A JSON Schema of draft 2019-09 that judges YAML trees, with the place of whatever is wrong. It
/// knows the keywords that the Open Data Contract Standard uses, `unevaluatedProperties` among
/// them; `format` only describes, as that draft has it. Immutable, so threads may share it.
class JsonSchema {
 public:
  /// `text` is a schema of ours, built into the program; another keyword in it is a bug.
  explicit JsonSchema(std::string_view text);
  ~JsonSchema();

  void check(const yaml::Node& root, yaml::Diagnostics& diagnostics) const;

 private:
  struct Rules;
  std::unique_ptr<const Rules> rules_;
};

}  // namespace sluice::contract::internal
