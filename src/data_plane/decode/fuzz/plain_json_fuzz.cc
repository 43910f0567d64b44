#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/plain_json.h"

// Whatever bytes it takes, the values lie in them, numbers are JSON's, and the same bytes are taken
// again with the same values.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;  // NOLINT
  const std::vector<job::DecodeColumn> columns = {{"id", {data::TypeKind::kLong}, true, ""},
                                                  {"name", {data::TypeKind::kString}, false, ""},
                                                  {"on", {data::TypeKind::kBoolean}, false, ""}};
  const std::string padded =
      std::string(reinterpret_cast<const char*>(data), size) + std::string(8, '\0');
  const std::string_view text = std::string_view(padded).substr(0, size);
  decode::PlainJson json(columns);
  std::vector<std::optional<std::string_view>> values(columns.size());
  if (!json.read(text, values)) {
    return 0;
  }
  SLUICE_CHECK(text.starts_with('{') && text.ends_with('}'), "an object is taken whole");
  for (const auto& value : values) {
    SLUICE_CHECK(!value || (value->data() >= text.data() &&
                            value->data() + value->size() <= text.data() + text.size()),
                 "a value lies in the object");
  }
  std::vector<std::optional<std::string_view>> again(columns.size());
  SLUICE_CHECK(json.read(text, again) && again == values, "an object has one meaning");
  return 0;
}
