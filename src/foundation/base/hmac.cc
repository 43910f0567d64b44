#include "sluice/base/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "sluice/base/check.h"
#include "sluice/base/digest.h"

namespace sluice::base {

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &size);
  SLUICE_CHECK(done != nullptr, "HMAC-SHA-256");
  return to_hex({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace sluice::base
