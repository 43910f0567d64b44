#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/data/internal/primitive_names.h"
#include "sluice/data/sql_quote.h"
#include "sluice/data/type.h"

namespace sluice::data {

namespace {

using base::Result;

constexpr int kFixedBytesMax = 1 << 20;

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_plain_name(std::string_view name) {
  for (const char c : name) {
    if (!is_word_char(c)) {
      return false;
    }
  }
  return !name.empty();
}

template <std::size_t N>
std::optional<std::array<int, N>> read_numbers(std::string_view text) {
  std::array<int, N> numbers = {};
  std::size_t count = 0;
  for (const std::string& part : base::split(text, ',')) {
    const std::string_view digits = base::trim(part);
    if (count == N) {
      return std::nullopt;
    }
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), numbers[count++]);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return std::nullopt;
    }
  }
  return count == N ? std::optional(numbers) : std::nullopt;
}

/// Reads a type from front to back.
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text), rest_(text) {}

  Result<Type> run() {
    SLUICE_ASSIGN_OR_RETURN(Type type, read(0));
    return rest_.empty() ? Result<Type>(std::move(type)) : Result<Type>(wrong());
  }

 private:
  base::Error wrong() const {
    return base::invalid_input(fmt::format("'{}' is not a table type", text_));
  }

  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  bool take(char c) {
    skip_spaces();
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_word() {
    std::size_t size = 0;
    while (size < rest_.size() && is_word_char(rest_[size])) {
      ++size;
    }
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }

  std::optional<std::string_view> take_until(char c) {
    const std::size_t end = rest_.find(c);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view inside = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return inside;
  }

  Result<Type> read(int depth) {
    if (depth > kTypeDepthMax) {
      return base::unsupported(fmt::format("a type may nest {} levels deep", kTypeDepthMax));
    }
    const std::string_view word = take_word();
    for (const internal::PrimitiveNames& names : internal::kPrimitiveNames) {
      if (names.iceberg == word) {
        return Type{names.kind};
      }
    }
    if (word == "decimal" && take('(')) {
      const auto inside = take_until(')');
      const auto type = inside ? internal::read_decimal(*inside) : std::nullopt;
      return type ? Result<Type>(*type) : Result<Type>(wrong());
    }
    if (word == "fixed" && take('[')) {
      const auto inside = take_until(']');
      const auto length = inside ? read_numbers<1>(*inside) : std::nullopt;
      const bool fits = length && length->front() > 0 && length->front() <= kFixedBytesMax;
      return fits ? Result<Type>(Type{TypeKind::kFixed, 0, 0, length->front(), {}})
                  : Result<Type>(wrong());
    }
    if (word == "timestamp_ns" || word == "timestamptz_ns" || word == "variant") {
      return base::unsupported(fmt::format("type '{}' is not supported yet", text_));
    }
    return read_nested(word, depth);
  }

  Result<Type> read_nested(std::string_view word, int depth) {
    if ((word != "struct" && word != "list" && word != "map") || !take('<')) {
      return wrong();
    }
    std::vector<Field> fields;
    do {
      skip_spaces();
      Field& field = fields.emplace_back();
      if (word == "struct") {
        SLUICE_ASSIGN_OR_RETURN(field.name, read_name());
      }
      SLUICE_ASSIGN_OR_RETURN(field.type, read(depth + 1));
    } while (take(','));
    if (!take('>')) {
      return wrong();
    }
    if (word == "struct") {
      return struct_type(std::move(fields));
    }
    if (fields.size() != (word == "list" ? 1U : 2U)) {
      return wrong();
    }
    return word == "list" ? list_type(std::move(fields[0].type))
                          : map_type(std::move(fields[0].type), std::move(fields[1].type));
  }

  Result<std::string> read_name() {
    std::optional<std::string> name;
    if (rest_.starts_with('"')) {
      name = internal::take_quoted(rest_);
    } else {
      name = std::string(take_word());
    }
    if (!name || name->empty() || !take(':')) {
      return wrong();
    }
    skip_spaces();
    return *std::move(name);
  }

  std::string_view text_;
  std::string_view rest_;
};

std::string nested_text(const Type& type) {
  std::string text = type.kind == TypeKind::kStruct ? "struct<"
                     : type.kind == TypeKind::kList ? "list<"
                                                    : "map<";
  for (const Field& field : type.fields) {
    text += &field == type.fields.data() ? "" : ", ";
    if (type.kind == TypeKind::kStruct) {
      text += (is_plain_name(field.name) ? field.name : quote_identifier(field.name)) + ": ";
    }
    text += to_text(field.type);
  }
  return text + ">";
}

}  // namespace

std::optional<Type> internal::read_decimal(std::string_view numbers) {
  const auto read = read_numbers<2>(numbers);
  if (!read || (*read)[0] < 1 || (*read)[0] > 38 || (*read)[1] < 0 || (*read)[1] > (*read)[0]) {
    return std::nullopt;
  }
  return decimal_type((*read)[0], (*read)[1]);
}

std::optional<std::string> internal::take_quoted(std::string_view& text) {
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (i + 1 == text.size() || text[i + 1] != '"') {
        text.remove_prefix(i + 1);
        return name;
      }
      ++i;
    }
    name += text[i];
  }
  return std::nullopt;
}

std::string to_text(const Type& type) {
  if (is_nested(type)) {
    return nested_text(type);
  }
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("decimal({}, {})", type.precision, type.scale);
  }
  if (type.kind == TypeKind::kFixed) {
    return fmt::format("fixed[{}]", type.length);
  }
  for (const internal::PrimitiveNames& names : internal::kPrimitiveNames) {
    if (names.kind == type.kind) {
      return std::string(names.iceberg);
    }
  }
  return {};
}

Result<Type> parse_type(std::string_view text) { return TypeReader(text).run(); }

}  // namespace sluice::data
