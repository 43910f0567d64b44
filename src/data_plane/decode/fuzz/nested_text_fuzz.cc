#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/decode/internal/nested_text.h"

// Any bytes as the JSON of a nested column: a refusal that names its column, or a text that is
// JSON of the same form, so that it is read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;  // NOLINT
  if (size == 0) {
    return 0;
  }
  const auto type = data::parse_type((data[0] & 1) != 0 ? "list<struct<a: string, b: list<string>>>"
                                                        : "map<string, struct<c: string>>");
  const job::DecodeColumn column{"c", *type, false, ""};
  const auto unknown =
      (data[0] & 2) != 0 ? job::UnknownFields::kIgnore : job::UnknownFields::kRefuse;
  decode::NestedTextParser parser;
  const auto write = [&](std::string_view json, const job::DecodeColumn& of) {
    std::string text;
    decode::Refusal refusal;
    parser.write(json, of, unknown, text, refusal);
    SLUICE_CHECK(refusal.rule.empty() || refusal.column.starts_with("c"), "a refusal has a place");
    return refusal.rule.empty() ? text : "";
  };
  const std::string text = write({reinterpret_cast<const char*>(data) + 1, size - 1}, column);
  if (!text.empty() && (data[0] & 1) != 0) {
    SLUICE_CHECK(write(text, column) == text, "what was written is read as it is");
  }
  return 0;
}
