#include "sluice/contract/internal/text_format.h"

#include <algorithm>
#include <iterator>

namespace sluice::contract::internal {

namespace {

constexpr TextFormat kFormats[] = {
    {"password", "", ""},
    {"binary", "", ""},
    {"byte", "text in Base64 (RFC 4648)",
     "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"},
    {"email", "an e-mail address", R"(^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$)"},
    {"uuid", "a UUID (RFC 4122)", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
    {"uri", "a URI (RFC 3986)",
     R"(^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$)"},
    {"hostname", "a host name (RFC 1123)",
     "^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*"
     "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"},
    {"ipv4", "an IPv4 address",
     "^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}"
     "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])$"},
    {"ipv6", "an IPv6 address",
     "^(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,7}:|"
     "([0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,5}(:[0-9A-Fa-f]{1,4}){1,2}|"
     "([0-9A-Fa-f]{1,4}:){1,4}(:[0-9A-Fa-f]{1,4}){1,3}|"
     "([0-9A-Fa-f]{1,4}:){1,3}(:[0-9A-Fa-f]{1,4}){1,4}|"
     "([0-9A-Fa-f]{1,4}:){1,2}(:[0-9A-Fa-f]{1,4}){1,5}|"
     "[0-9A-Fa-f]{1,4}:(:[0-9A-Fa-f]{1,4}){1,6}|:((:[0-9A-Fa-f]{1,4}){1,7}|:))$"}};

}  // namespace

const TextFormat* find_text_format(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kFormats), std::end(kFormats),
                   [&](const TextFormat& format) { return format.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

std::vector<std::string> text_format_names() {
  std::vector<std::string> names;
  for (const TextFormat& format : kFormats) {
    names.emplace_back(format.name);
  }
  return names;
}

}  // namespace sluice::contract::internal
