#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"

namespace sluice::lake {

/// Writes a schema as table metadata holds it (Iceberg spec, "Appendix C: Schemas").
nlohmann::json to_json(const data::Schema& schema);

/// Brackets that the JSON of a schema may nest: three for each level of structs.
inline constexpr int kSchemaJsonDepthMax = 3 * data::kTypeDepthMax + 16;

/// Reads a schema object. kCorrupt when malformed or when field ids repeat at any level;
/// kUnsupported, naming the column and its type, for types of v3, columns with an initial default
/// and types that nest deeper than kTypeDepthMax.
base::Result<data::Schema> schema_from_json(const nlohmann::json& json, std::string_view what);

}  // namespace sluice::lake
