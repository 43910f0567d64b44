#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/lake/manifest.h"
#include "sluice/lake/manifest_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::lake;  // NOLINT: one function
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto list = read_manifest_list(bytes, "input");
  (void)list.ok();
  for (const ManifestContent content : {ManifestContent::kData, ManifestContent::kDeletes}) {
    ManifestFile inherited;
    inherited.path = "input";
    inherited.content = content;
    inherited.counts_known = false;
    const auto manifest = read_manifest(bytes, inherited);
    (void)manifest.ok();
  }
  return 0;
}
