#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/dbt/jinja.h"

// A template may be wrong in any way: it ends with an error or with text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::dbt::JinjaScope scope;
  scope.variables["items"] = sluice::dbt::JinjaValue(
      sluice::dbt::JinjaValue::List{sluice::dbt::JinjaValue("a"), sluice::dbt::JinjaValue("b")});
  (void)sluice::dbt::render_jinja({reinterpret_cast<const char*>(data), size}, scope);
  return 0;
}
