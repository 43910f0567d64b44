#include "sluice/api/request_path.h"

#include <fmt/format.h>

#include "sluice/base/utf8.h"

namespace sluice::api {

namespace {

using base::Result;

constexpr char kUnitSeparator = '\x1f';
constexpr char kDelete = '\x7f';

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
      if (high < 0 || low < 0) {
        return base::invalid_input(
            fmt::format("'{}' is no escape: it is written %XX", text.substr(at, 3)));
      }
      c = static_cast<char>(high * 16 + low);
      at += 2;
    } else if (c == '+' && plus_is_blank) {
      c = ' ';
    }
    const bool control = (c >= 0 && c < ' ' && c != kUnitSeparator) || c == kDelete;
    if (control) {
      return base::invalid_input("the path holds a control character");
    }
    decoded.push_back(c);
  }
  if (base::find_malformed_text(decoded) != std::string_view::npos) {
    return base::invalid_input("the path is not UTF-8");
  }
  return decoded;
}

}  // namespace

std::optional<std::string> RequestPath::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

Result<RequestPath> parse_request_path(std::string_view target) {
  if (!target.starts_with('/')) {
    return base::invalid_input("the request's target is not a path");
  }
  RequestPath path;
  const std::size_t mark = target.find('?');
  std::string_view rest = target.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  while (true) {
    const std::size_t slash = rest.find('/');
    SLUICE_ASSIGN_OR_RETURN(std::string segment, decode(rest.substr(0, slash), false));
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find('/') != std::string::npos) {
      return base::invalid_input(fmt::format("'{}' is no part of a path here", segment));
    }
    path.segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) {
      break;
    }
    rest = rest.substr(slash + 1);
  }
  std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    SLUICE_ASSIGN_OR_RETURN(std::string name, decode(pair.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      SLUICE_ASSIGN_OR_RETURN(value, decode(pair.substr(equals + 1), true));
    }
    path.query.emplace_back(std::move(name), std::move(value));
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
  return path;
}

}  // namespace sluice::api
