#include "sluice/decode/internal/plain_column.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sluice/decode/internal/plain_text.h"

namespace sluice::decode {

namespace {

using data::TypeKind;

/// 128 bits as DuckDB holds a HUGEINT; it asks for no alignment of 16 bytes.
struct Wide {
  std::uint64_t lower;
  std::int64_t upper;
};

constexpr std::size_t kFewValues = 16;  // that are compared one by one

/// Counts the characters of UTF-8: bytes that do not go on with one.
std::int64_t characters(std::string_view text) {
  std::int64_t count = static_cast<std::int64_t>(text.size());
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    count -= std::popcount((word >> 7) & ~(word >> 6) & 0x0101010101010101);
  }
  for (; at < text.size(); ++at) {
    count -= (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80 ? 1 : 0;
  }
  return count;
}

}  // namespace

PlainColumn::PlainColumn(const job::DecodeColumn& column) : column_(column) {
  for (const job::ValueCheck& check : column.checks) {
    tells_ = tells_ && add_check(check);
  }
}

bool PlainColumn::add_check(const job::ValueCheck& check) {
  switch (column_.type.kind) {
    case TypeKind::kString: {
      TextCheck added;
      if (check.values.size() <= kFewValues) {
        added.few.assign(check.values.begin(), check.values.end());
      } else {
        added.many.insert(check.values.begin(), check.values.end());
      }
      added.length_min = check.length_min.value_or(added.length_min);
      added.length_max = check.length_max.value_or(added.length_max);
      texts_.push_back(std::move(added));
      return !check.minimum && !check.maximum;
    }
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return add_floating_check(check);
    case TypeKind::kUuid:
      return false;
    default:
      return add_whole_check(check);
  }
}

bool PlainColumn::add_whole_check(const job::ValueCheck& check) {
  WholeCheck added;
  if (check.minimum) {
    const auto bound = read_as_whole(check.minimum->value);
    if (!bound) {
      return false;
    }
    added.minimum = *bound + (check.minimum->exclusive ? 1 : 0);
  }
  if (check.maximum) {
    const auto bound = read_as_whole(check.maximum->value);
    if (!bound) {
      return false;
    }
    added.maximum = *bound - (check.maximum->exclusive ? 1 : 0);
  }
  for (const std::string& text : check.values) {
    const auto value = read_as_whole(text);
    if (!value) {
      return false;
    }
    added.values.push_back(*value);
  }
  std::sort(added.values.begin(), added.values.end());
  whole_.push_back(std::move(added));
  return !check.length_min && !check.length_max;
}

bool PlainColumn::add_floating_check(const job::ValueCheck& check) {
  FloatingCheck added;
  if (check.minimum) {
    const auto bound = read_as_floating(check.minimum->value);
    if (!bound) {
      return false;
    }
    added.minimum = *bound;
    added.above_minimum = check.minimum->exclusive;
  }
  if (check.maximum) {
    const auto bound = read_as_floating(check.maximum->value);
    if (!bound) {
      return false;
    }
    added.maximum = *bound;
    added.below_maximum = check.maximum->exclusive;
  }
  floating_.push_back(added);
  return check.values.empty() && !check.length_min && !check.length_max;
}

std::optional<std::int64_t> PlainColumn::read_as_whole(std::string_view text) const {
  switch (column_.type.kind) {
    case TypeKind::kBoolean:
      return read_boolean(text);
    case TypeKind::kInt: {
      const auto value = read_whole(text);
      const bool fits = value && *value >= std::numeric_limits<std::int32_t>::min() &&
                        *value <= std::numeric_limits<std::int32_t>::max();
      return fits ? value : std::nullopt;
    }
    case TypeKind::kLong:
      return read_whole(text);
    case TypeKind::kDecimal:
      return read_decimal(text, column_.type.precision, column_.type.scale);
    case TypeKind::kDate:
      return read_date(text);
    case TypeKind::kTime:
      return read_time(text);
    case TypeKind::kTimestamp:
      return read_timestamp(text);
    case TypeKind::kTimestamptz:
      return read_timestamptz(text);
    default:
      return std::nullopt;
  }
}

std::optional<double> PlainColumn::read_as_floating(std::string_view text) const {
  if (column_.type.kind == TypeKind::kDouble) {
    return read_double(text);
  }
  return read_float(text);
}

bool PlainColumn::is_good(std::int64_t value) const {
  return std::all_of(whole_.begin(), whole_.end(), [value](const WholeCheck& check) {
    return value >= check.minimum && value <= check.maximum &&
           (check.values.empty() ||
            std::binary_search(check.values.begin(), check.values.end(), value));
  });
}

bool PlainColumn::is_good(double value) const {
  return std::all_of(floating_.begin(), floating_.end(), [value](const FloatingCheck& check) {
    return (check.above_minimum ? value > check.minimum : value >= check.minimum) &&
           (check.below_maximum ? value < check.maximum : value <= check.maximum);
  });
}

bool PlainColumn::is_good(std::string_view text) const {
  return std::all_of(texts_.begin(), texts_.end(), [text](const TextCheck& check) {
    if ((!check.few.empty() &&
         std::find(check.few.begin(), check.few.end(), text) == check.few.end()) ||
        (!check.many.empty() && !check.many.contains(text))) {
      return false;
    }
    const auto bytes = static_cast<std::int64_t>(text.size());
    if (check.length_min == 0 && bytes <= check.length_max) {
      return true;
    }
    const std::int64_t length = characters(text);
    return length >= check.length_min && length <= check.length_max;
  });
}

/// Puts a value in the size that DuckDB holds its type in.
void PlainColumn::put(std::int64_t value, duck::ColumnWriter& out, std::size_t row) const {
  switch (column_.type.kind) {
    case TypeKind::kBoolean:
      out.put(row, value != 0);
      return;
    case TypeKind::kInt:
    case TypeKind::kDate:
      out.put(row, static_cast<std::int32_t>(value));
      return;
    case TypeKind::kDecimal:
      if (column_.type.precision <= 4) {
        out.put(row, static_cast<std::int16_t>(value));
      } else if (column_.type.precision <= 9) {
        out.put(row, static_cast<std::int32_t>(value));
      } else if (column_.type.precision <= 18) {
        out.put(row, value);
      } else {
        out.put(row, Wide{static_cast<std::uint64_t>(value), value < 0 ? -1 : 0});
      }
      return;
    default:
      out.put(row, value);
  }
}

bool PlainColumn::take(const std::optional<std::string_view>& text, duck::ColumnWriter& out,
                       std::size_t row) const {
  if (!text) {
    out.set_null(row);
    return !column_.no_null;
  }
  if (!tells_) {
    return false;
  }
  switch (column_.type.kind) {
    case TypeKind::kFloat: {
      const auto value = read_float(*text);
      if (value) {
        out.put(row, *value);
      }
      return value && is_good(double{*value});
    }
    case TypeKind::kDouble: {
      const auto value = read_double(*text);
      if (value) {
        out.put(row, *value);
      }
      return value && is_good(*value);
    }
    case TypeKind::kUuid: {
      const auto value = read_uuid(*text);
      if (value) {
        out.put(row, *value);
      }
      return value.has_value();
    }
    default: {
      const auto value = read_as_whole(*text);
      if (value) {
        put(*value, out, row);
      }
      return value && is_good(*value);
    }
  }
}

}  // namespace sluice::decode
