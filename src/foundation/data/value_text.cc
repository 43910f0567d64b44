#include <fmt/format.h>

#include "sluice/base/clock.h"
#include "sluice/base/digest.h"
#include "sluice/data/value.h"

namespace sluice::data {

namespace {

constexpr std::int64_t kUsPerDay = 86'400'000'000;

std::string decimal_to_text(Int128 unscaled, int scale) {
  std::string text = int128_to_text(unscaled < 0 ? -unscaled : unscaled);
  if (scale > 0) {
    if (text.size() <= static_cast<std::size_t>(scale)) {
      text.insert(0, scale + 1 - text.size(), '0');
    }
    text.insert(text.size() - scale, ".");
  }
  return unscaled < 0 ? "-" + text : text;
}

std::string time_to_text(std::int64_t us) {
  std::string text = fmt::format("{:02}:{:02}:{:02}", us / 3'600'000'000, us / 60'000'000 % 60,
                                 us / 1'000'000 % 60);
  if (us % 1'000'000 != 0) {
    text += fmt::format(".{:06}", us % 1'000'000);
  }
  return text;
}

std::string uuid_to_text(const std::string& bytes) {
  std::string text = base::to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) {
    if (text.size() > at) {
      text.insert(at, "-");
    }
  }
  return text;
}

std::string quote_json(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

bool stands_bare(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kInt:
    case TypeKind::kLong:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      return true;
    default:
      return is_nested(type);
  }
}

std::string item_text(const Value& value, const Type& type) {
  if (is_null(value)) {
    return "null";
  }
  return stands_bare(type) ? to_text(value, type) : quote_json(to_text(value, type));
}

std::string nested_text(const std::vector<Value>& items, const Type& type) {
  std::string text;
  if (type.kind == TypeKind::kList) {
    for (const Value& item : items) {
      text += (text.empty() ? "" : ", ") + item_text(item, type.fields[0].type);
    }
    return "[" + text + "]";
  }
  const bool is_map = type.kind == TypeKind::kMap;
  const std::size_t step = is_map ? 2 : 1;
  SLUICE_CHECK(is_map ? items.size() % 2 == 0 : items.size() == type.fields.size(),
               "a nested value has the items of its type");
  for (std::size_t i = 0; i < items.size(); i += step) {
    const std::string name = is_map ? to_text(items[i], type.fields[0].type) : type.fields[i].name;
    const Type& held = is_map ? type.fields[1].type : type.fields[i].type;
    text +=
        (text.empty() ? "" : ", ") + quote_json(name) + ": " + item_text(items[i + step - 1], held);
  }
  return "{" + text + "}";
}

}  // namespace

std::string to_text(const Value& value, const Type& type) {
  if (is_null(value)) {
    return {};
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return std::get<bool>(value) ? "true" : "false";
    case TypeKind::kInt:
      return fmt::format("{}", std::get<std::int32_t>(value));
    case TypeKind::kLong:
      return fmt::format("{}", std::get<std::int64_t>(value));
    case TypeKind::kFloat:
      return fmt::format("{}", std::get<float>(value));
    case TypeKind::kDouble:
      return fmt::format("{}", std::get<double>(value));
    case TypeKind::kDecimal:
      return decimal_to_text(std::get<Int128>(value), type.scale);
    case TypeKind::kDate:
      return base::format_iso8601({std::get<std::int32_t>(value) * kUsPerDay}).substr(0, 10);
    case TypeKind::kTime:
      return time_to_text(std::get<std::int64_t>(value));
    case TypeKind::kTimestamp: {
      std::string text = base::format_iso8601({std::get<std::int64_t>(value)});
      text.pop_back();
      return text;
    }
    case TypeKind::kTimestamptz:
      return base::format_iso8601({std::get<std::int64_t>(value)});
    case TypeKind::kString:
      return std::get<std::string>(value);
    case TypeKind::kUuid:
      return uuid_to_text(std::get<std::string>(value));
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return base::to_hex(std::get<std::string>(value));
    case TypeKind::kStruct:
    case TypeKind::kMap:
    case TypeKind::kList:
      return nested_text(std::get<NestedValue>(value).items(), type);
  }
  return {};
}

}  // namespace sluice::data
