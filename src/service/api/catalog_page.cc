#include "sluice/api/catalog_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sluice/base/digest.h"

namespace sluice::api {

namespace {

using base::Result;

constexpr std::size_t kPageSizeDefault = 1000;
constexpr int kHex = 16;

Result<std::size_t> page_size(const RequestPath& path) {
  const auto text = path.parameter("pageSize");
  if (!text) {
    return kPageSizeDefault;
  }
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
  if (error != std::errc() || end != text->data() + text->size() || size == 0) {
    return base::invalid_input(fmt::format("pageSize is a number from 1, not '{}'", *text));
  }
  return size;
}

Result<std::string> key_of(const std::string& token) {
  std::string key;
  bool whole = token.size() % 2 == 0;
  for (std::size_t at = 0; whole && at < token.size(); at += 2) {
    unsigned char byte = 0;
    const char* digits = token.data() + at;
    const auto [end, error] = std::from_chars(digits, digits + 2, byte, kHex);
    whole = error == std::errc() && end == digits + 2;
    key.push_back(static_cast<char>(byte));
  }
  if (!whole) {
    return base::invalid_input("pageToken is not one that this catalog gave");
  }
  return key;
}

}  // namespace

Result<Page> cut_page(std::vector<std::string> keys, const RequestPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const std::size_t size, page_size(path));
  const auto token = path.parameter("pageToken");
  if (!token) {
    return Page{std::move(keys), std::nullopt};
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string after, key_of(*token));
  const auto first =
      after.empty() ? keys.begin() : std::upper_bound(keys.begin(), keys.end(), after);
  const auto left = static_cast<std::size_t>(keys.end() - first);
  Page page;
  page.keys.assign(first, first + static_cast<std::ptrdiff_t>(std::min(left, size)));
  if (left > size) {
    page.next_token = base::to_hex(page.keys.back());
  }
  return page;
}

}  // namespace sluice::api
