#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice::base {

/// Parses a JSON document whose brackets nest at most `depth_max` deep. kCorrupt with the offset of
/// the first error otherwise; `what` names the document in the message.
Result<nlohmann::json> parse_json(std::string_view text, std::string_view what, int depth_max = 64);

/// Field access on a JSON object read from storage or a peer: kCorrupt, naming `what` and the key,
/// when the field is absent or of another type.
Result<std::string> json_string(const nlohmann::json& object, const char* key,
                                std::string_view what);
Result<std::int64_t> json_int(const nlohmann::json& object, const char* key, std::string_view what);
Result<bool> json_bool(const nlohmann::json& object, const char* key, std::string_view what);

/// The same for a field that may be absent or null.
Result<std::optional<std::string>> json_string_if(const nlohmann::json& object, const char* key,
                                                  std::string_view what);
Result<std::optional<std::int64_t>> json_int_if(const nlohmann::json& object, const char* key,
                                                std::string_view what);

/// Returns the array or object under `key`; kCorrupt when it is absent or of another type.
Result<const nlohmann::json*> json_array(const nlohmann::json& object, const char* key,
                                         std::string_view what);
Result<const nlohmann::json*> json_object(const nlohmann::json& object, const char* key,
                                          std::string_view what);

}  // namespace sluice::base
