#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/base/text.h"
#include "sluice/data/value.h"
#include "sluice/sql/internal/tree_reader.h"
#include "sluice/sql/quote.h"

namespace sluice::sql::internal {

namespace {

/// Writes an integer with the decimal point `scale` digits from the right, in at least `width`
/// digits: the parser counts leading zeros.
std::string with_point(std::string digits, int width, int scale) {
  const bool negative = digits.starts_with('-');
  if (negative) {
    digits.erase(0, 1);
  }
  const auto wanted = static_cast<std::size_t>(std::max(width, scale));
  if (digits.size() < wanted) {
    digits.insert(0, wanted - digits.size(), '0');
  }
  if (scale > 0) {
    digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  }
  return (negative ? "-" : "") + digits;
}

/// A double in so many digits that it is read back as the same.
std::string double_text(double value) {
  std::string text = fmt::format("{}", value);
  // Without an exponent it would be read as a DECIMAL.
  if (text.find_first_of("en") == std::string::npos) {
    text += "e0";
  }
  return text;
}

}  // namespace

std::string date_text(std::int64_t days) {
  return data::to_text(data::Value(static_cast<std::int32_t>(days)), {data::TypeKind::kDate});
}

std::string TreeReader::number(const Json& value, std::string_view type, int width, int scale) {
  if (value.is_object()) {  // a HUGEINT, as two halves
    const Json& upper = field(value, "upper");
    const Json& lower = field(value, "lower");
    if (!upper.is_number_integer() || !lower.is_number_integer()) {
      corrupt("value");
      return "0";
    }
    const data::Int128 high = upper.get<std::int64_t>();
    const auto whole = static_cast<data::Int128>((static_cast<unsigned __int128>(high) << 64) |
                                                 lower.get<std::uint64_t>());
    return with_point(data::int128_to_text(whole), width, scale);
  }
  if (type == "DOUBLE" || type == "FLOAT") {
    if (value.is_number()) {
      return double_text(value.get<double>());
    }
  } else if (value.is_number_unsigned()) {
    return with_point(std::to_string(value.get<std::uint64_t>()), width, scale);
  } else if (value.is_number_integer()) {
    return with_point(std::to_string(value.get<std::int64_t>()), width, scale);
  }
  corrupt("value");
  return "0";
}

Constant TreeReader::constant(const Json& value) {
  Constant constant;
  if (!status_) {
    return constant;
  }
  const Json& type_node = field(value, "type");
  constant.type = type(type_node);
  if (flag(value, "is_null")) {
    return constant;
  }
  const std::string id = text(type_node, "id");
  const Json& content = field(value, "value");
  if (id == "VARCHAR") {
    constant.kind = Constant::Kind::kText;
    constant.text = text(value, "value");
  } else if (id == "BOOLEAN") {
    constant.kind = Constant::Kind::kNumber;
    constant.text = flag(value, "value") ? "TRUE" : "FALSE";
  } else if (id == "DECIMAL") {
    const Json& info = field(type_node, "type_info");
    const auto digits_of = [&](const char* key) {
      const Json& digits = info.is_object() ? field(info, key) : info;
      constexpr std::uint64_t kDigitsMax = 38;
      return digits.is_number_unsigned()
                 ? static_cast<int>(std::min(digits.get<std::uint64_t>(), kDigitsMax))
                 : 0;
    };
    constant.kind = Constant::Kind::kNumber;
    constant.text = number(content, "DECIMAL", digits_of("width"), digits_of("scale"));
  } else if (id == "DATE" && content.is_number_integer()) {
    constant.kind = Constant::Kind::kText;
    constant.text = date_text(content.get<std::int32_t>());
  } else if (id == "LIST" && content.is_object() && field(content, "children").empty()) {
    constant.kind = Constant::Kind::kOmitted;
  } else if (id == "TINYINT" || id == "SMALLINT" || id == "INTEGER" || id == "BIGINT" ||
             id == "HUGEINT" || id == "UTINYINT" || id == "USMALLINT" || id == "UINTEGER" ||
             id == "UBIGINT" || id == "UHUGEINT" || id == "DOUBLE" || id == "FLOAT") {
    constant.kind = Constant::Kind::kNumber;
    constant.text = number(content, id, 0, 0);
  } else if (id != "NULL") {
    unsupported("a literal of type " + constant.type);
  }
  return constant;
}

std::string TreeReader::struct_type(const Json& info, std::string_view keyword) {
  std::string members;
  for (const Json& member : list(info, "child_types")) {
    const std::string name = text(member, "first");
    if (keyword == "UNION" && name.empty()) {
      continue;  // the tag
    }
    members += members.empty() ? "" : ", ";
    members += quote_identifier(name) + " " + type(field(member, "second"));
  }
  return fmt::format("{}({})", keyword, members);
}

std::string TreeReader::type(const Json& node) {
  if (!status_) {
    return "";
  }
  std::string id = text(node, "id");
  const Json& info = field(node, "type_info");
  if (info.is_null()) {
    return id == "NULL" ? "\"NULL\"" : id;
  }
  const auto unsigned_of = [&](const char* key) {
    const Json& value = field(info, key);
    return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
  };
  if (!text(info, "alias").empty() || has(info, "extension_info")) {
    if (text(info, "alias") == "JSON") {
      return "JSON";
    }
    unsupported("type " + text(info, "alias"));
  }
  const std::string kind = text(info, "type");
  if (id == "DECIMAL") {
    return fmt::format("DECIMAL({}, {})", unsigned_of("width"), unsigned_of("scale"));
  }
  if (id == "LIST") {
    return type(field(info, "child_type")) + "[]";
  }
  if (id == "ARRAY") {
    return fmt::format("{}[{}]", type(field(info, "child_type")), unsigned_of("size"));
  }
  if (id == "STRUCT" || id == "UNION") {
    return struct_type(info, id);
  }
  if (id == "MAP") {
    const Json& pair = field(info, "child_type");
    const Json& members = pair.is_object() ? list(field(pair, "type_info"), "child_types") : pair;
    if (!members.is_array() || members.size() != 2) {
      corrupt("child_types");
      return "";
    }
    const std::string key = type(field(members[0], "second"));
    return fmt::format("MAP({}, {})", key, type(field(members[1], "second")));
  }
  if (id == "UNBOUND" && list(info, "user_type_modifiers").empty()) {
    const std::string schema = text(info, "schema");
    return (schema.empty() ? "" : quote_identifier(schema) + ".") +
           quote_identifier(text(info, "name"));
  }
  if (kind == "STRING_TYPE_INFO" && text(info, "collation").empty()) {
    return id;
  }
  unsupported("type " + (id == "UNBOUND" ? text(info, "name") : id));
  return "";
}

}  // namespace sluice::sql::internal
