#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"

namespace sluice::lake {

/// Writes a schema as table metadata holds it (Iceberg spec, "Appendix C: Schemas").
nlohmann::json to_json(const data::Schema& schema);

/// Reads a schema object. kCorrupt when malformed or when field ids repeat; kUnsupported, naming
/// the column and its type, for nested types, types of v3 and columns with an initial default.
base::Result<data::Schema> schema_from_json(const nlohmann::json& json, std::string_view what);

}  // namespace sluice::lake
