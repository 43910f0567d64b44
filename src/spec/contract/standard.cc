#include "sluice/contract/standard.h"

#include "sluice/contract/internal/json_schema.h"
#include "sluice/contract/internal/odcs_schemas.h"

namespace sluice::contract {

namespace {

using internal::JsonSchema;

const JsonSchema& schema_of(std::string_view version) {
  if (version.starts_with("v3.0.")) {
    static const JsonSchema kSchema(internal::kOdcs302);
    return kSchema;
  }
  if (version.starts_with("v3.1.")) {
    static const JsonSchema kSchema(internal::kOdcs310);
    return kSchema;
  }
  static const JsonSchema kSchema(internal::kOdcs320);
  return kSchema;
}

}  // namespace

void check_standard(const yaml::Node& root, yaml::Diagnostics& diagnostics) {
  const yaml::Node* version = root.find("apiVersion");
  schema_of(version == nullptr ? "" : version->text).check(root, diagnostics);
}

}  // namespace sluice::contract
