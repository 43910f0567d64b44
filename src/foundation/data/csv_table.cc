#include "sluice/data/csv_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <set>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/base/utf8.h"

namespace sluice::data {

namespace {

using base::Result;
using base::Status;

using Record = std::vector<std::optional<std::string>>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kLongDigits = 18;  // any number of that many fits into 64 bits
constexpr std::size_t kDecimalDigits = 38;

/// Cuts text into records; quoted fields may hold separators and line breaks.
class Records {
 public:
  explicit Records(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) {
      at_ = kByteOrderMark.size();
    }
  }

  bool at_end() const { return at_ == text_.size(); }
  int line() const { return line_; }

  Result<Record> next() {
    Record record;
    while (true) {
      SLUICE_ASSIGN_OR_RETURN(auto field, read_field());
      record.push_back(std::move(field));
      if (at_end() || take_line_break()) {
        return record;
      }
      ++at_;  // the comma
    }
  }

 private:
  bool take_line_break() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
      ++at_;
    }
    if (text_[at_] != '\n' && text_[at_] != '\r') {
      return false;
    }
    ++at_;
    ++line_;
    return true;
  }

  Result<std::optional<std::string>> read_field() {
    if (!at_end() && text_[at_] == '"') {
      return read_quoted();
    }
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    const std::string_view field = text_.substr(at_, end - at_);
    at_ = end;
    return field.empty() ? std::nullopt : std::optional<std::string>(field);
  }

  Result<std::optional<std::string>> read_quoted() {
    const int begun = line_;
    std::string field;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] != '"') {
        line_ += text_[at_] == '\n' ? 1 : 0;
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += '"';
        ++at_;
      } else {
        ++at_;
        if (!at_end() && std::string_view(",\r\n").find(text_[at_]) == std::string_view::npos) {
          return base::invalid_input(fmt::format("line {}: text behind a closing quote", line_));
        }
        return std::optional<std::string>(std::move(field));
      }
    }
    return base::invalid_input(fmt::format("line {}: a quote that does not end", begun));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

Status take_header(Record header, CsvTable& table) {
  std::set<std::string> seen;
  for (std::optional<std::string>& name : header) {
    const std::string column(base::trim(name.value_or("")));
    if (column.empty()) {
      return base::invalid_input(
          fmt::format("line 1: column {} has no name", table.names.size() + 1));
    }
    if (!seen.insert(base::lower(column)).second) {
      return base::invalid_input(fmt::format("line 1: two columns are named '{}'", column));
    }
    table.names.push_back(column);
  }
  return {};
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The number in two or four digits; -1 for anything else.
int digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return all_digits(text) && error == std::errc() && end == text.data() + text.size() ? number : -1;
}

/// 2024-02-29
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return false;
  }
  const int year = digits(text.substr(0, 4));
  const int month = digits(text.substr(5, 2));
  const int day = digits(text.substr(8, 2));
  return year > 0 && month > 0 && day > 0 &&
         std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
             .ok();
}

/// 2024-02-29 23:59:59.999999, or with a T
bool is_timestamp(std::string_view text) {
  if (text.size() < 19 || !is_date(text.substr(0, 10)) || (text[10] != ' ' && text[10] != 'T') ||
      text[13] != ':' || text[16] != ':') {
    return false;
  }
  const auto within = [](int number, int limit) { return number >= 0 && number < limit; };
  const bool timed = within(digits(text.substr(11, 2)), 24) &&
                     within(digits(text.substr(14, 2)), 60) &&
                     within(digits(text.substr(17, 2)), 60);
  const std::string_view rest = text.substr(19);
  return timed &&
         (rest.empty() || (rest.size() <= 7 && rest[0] == '.' && all_digits(rest.substr(1))));
}

/// What every value of a column so far allows.
struct ColumnForm {
  bool any = false;
  bool boolean = true;
  bool date = true;
  bool timestamp = true;
  bool number = true;
  std::size_t whole_digits = 1;
  std::size_t fraction_digits = 0;

  void see(const std::string& text) {
    any = true;
    const std::string lower = base::lower(text);
    boolean &= lower == "true" || lower == "false";
    date &= is_date(text);
    timestamp &= is_timestamp(text);
    see_number(text);
  }

  void see_number(std::string_view text) {
    if (text.starts_with('-')) {
      text.remove_prefix(1);
    }
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const bool fractional = point != std::string_view::npos;
    const std::string_view fraction = fractional ? text.substr(point + 1) : std::string_view();
    const bool code = whole.size() > 1 && whole.front() == '0';
    number &= all_digits(whole) && !code && (!fractional || all_digits(fraction));
    whole_digits = std::max(whole_digits, whole.size());
    fraction_digits = std::max(fraction_digits, fraction.size());
  }

  Type number_type() const {
    if (fraction_digits == 0 && whole_digits <= kLongDigits) {
      return {TypeKind::kLong};
    }
    const std::size_t all = whole_digits + fraction_digits;
    if (all > kDecimalDigits) {
      return {TypeKind::kDouble};
    }
    return decimal_type(static_cast<int>(std::max(all, kLongDigits)),
                        static_cast<int>(fraction_digits));
  }

  Type type() const {
    if (!any) {
      return {TypeKind::kString};
    }
    return boolean     ? Type{TypeKind::kBoolean}
           : number    ? number_type()
           : date      ? Type{TypeKind::kDate}
           : timestamp ? Type{TypeKind::kTimestamp}
                       : Type{TypeKind::kString};
  }
};

}  // namespace

Result<CsvTable> parse_csv_table(std::string_view text) {
  if (const std::size_t bad = base::find_malformed_text(text); bad != std::string_view::npos) {
    return base::invalid_input(fmt::format("line {}: not UTF-8 text",
                                           1 + std::count(text.begin(), text.begin() + bad, '\n')));
  }
  Records records(text);
  if (records.at_end()) {
    return base::invalid_input("has no header");
  }
  CsvTable table;
  SLUICE_ASSIGN_OR_RETURN(Record header, records.next());
  SLUICE_RETURN_IF_ERROR(take_header(std::move(header), table));
  while (!records.at_end()) {
    const int line = records.line();
    SLUICE_ASSIGN_OR_RETURN(Record record, records.next());
    if (record.size() == 1 && !record[0] && table.names.size() > 1) {
      continue;
    }
    if (record.size() != table.names.size()) {
      return base::invalid_input(fmt::format("line {}: {} fields where the header has {}", line,
                                             record.size(), table.names.size()));
    }
    table.records.push_back(std::move(record));
  }
  return table;
}

Type narrowest_type(const CsvTable& table, std::size_t column) {
  ColumnForm form;
  for (const auto& record : table.records) {
    if (record[column]) {
      form.see(*record[column]);
    }
  }
  return form.type();
}

}  // namespace sluice::data
