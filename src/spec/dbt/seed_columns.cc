#include "sluice/dbt/internal/seed_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sluice/base/text.h"

namespace sluice::dbt::internal {

namespace {

using base::Result;

/// Cuts CSV text into records; quoted fields may hold separators and line breaks.
class CsvText {
 public:
  explicit CsvText(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      text_.remove_prefix(3);
    }
  }

  bool at_end() const { return text_.empty(); }

  std::vector<std::string> record() {
    std::vector<std::string> fields(1);
    bool quoted = false;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (quoted) {
        if (c == '"' && text_.starts_with('"')) {
          fields.back() += '"';
          text_.remove_prefix(1);
        } else if (c == '"') {
          quoted = false;
        } else {
          fields.back() += c;
        }
      } else if (c == '"' && fields.back().empty()) {
        quoted = true;
      } else if (c == ',') {
        fields.emplace_back();
      } else if (c == '\n') {
        return fields;
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    return fields;
  }

 private:
  std::string_view text_;
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Says whether the text has this form: `9` a digit, anything else itself.
bool has_form(std::string_view text, std::string_view form) {
  return text.size() == form.size() &&
         std::equal(text.begin(), text.end(), form.begin(), [](unsigned char c, char wanted) {
           return wanted == '9' ? std::isdigit(c) != 0 : c == static_cast<unsigned char>(wanted);
         });
}

bool is_timestamp(std::string_view text) {
  if (text.size() < 19) {
    return false;
  }
  const bool dated = has_form(text.substr(0, 19), "9999-99-99 99:99:99") ||
                     has_form(text.substr(0, 19), "9999-99-99T99:99:99");
  return dated && (text.size() == 19 ||
                   (text[19] == '.' && text.size() <= 26 && all_digits(text.substr(20))));
}

/// What every value of a column so far allows.
struct ColumnForm {
  bool any = false;
  bool whole = true;
  bool decimal = true;
  bool date = true;
  bool timestamp = true;
  bool boolean = true;
  std::size_t whole_digits = 1;
  std::size_t fraction_digits = 0;

  void see(std::string_view text) {
    if (text.empty()) {
      return;
    }
    any = true;
    const std::string lower = base::lower(text);
    boolean &= lower == "true" || lower == "false";
    date &= has_form(text, "9999-99-99");
    timestamp &= is_timestamp(text);
    see_number(text);
  }

  void see_number(std::string_view text) {
    if (text.starts_with('-')) {
      text.remove_prefix(1);
    }
    const std::size_t point = text.find('.');
    const std::string_view before = text.substr(0, point);
    const std::string_view behind =
        point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    // A number that begins with 0 is a code: a postal code loses nothing as text.
    const bool code = before.size() > 1 && before.front() == '0';
    decimal &=
        all_digits(before) && !code && (point == std::string_view::npos || all_digits(behind));
    whole &= decimal && point == std::string_view::npos;
    whole_digits = std::max(whole_digits, before.size());
    fraction_digits = std::max(fraction_digits, behind.size());
  }

  std::string type() const {
    if (!any) {
      return "varchar";
    }
    if (boolean) {
      return "boolean";
    }
    if (whole && whole_digits <= 18) {
      return "bigint";
    }
    if (decimal) {
      const std::size_t digits = whole_digits + fraction_digits;
      return digits <= 38
                 ? fmt::format("decimal({},{})", std::max<std::size_t>(digits, 18), fraction_digits)
                 : "double";
    }
    return date ? "date" : timestamp ? "timestamp" : "varchar";
  }
};

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> seed_columns(std::string_view csv) {
  CsvText text(csv);
  const std::vector<std::string> names = text.record();
  if (names.size() == 1 && names[0].empty()) {
    return base::invalid_input("has no header");
  }
  std::vector<ColumnForm> forms(names.size());
  for (int record = 1; !text.at_end(); ++record) {
    const std::vector<std::string> fields = text.record();
    if (fields.size() == 1 && fields[0].empty()) {
      continue;
    }
    if (fields.size() != names.size()) {
      return base::invalid_input(fmt::format("record {} has {} fields, the header {}", record,
                                             fields.size(), names.size()));
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      forms[i].see(fields[i]);
    }
  }
  std::vector<std::pair<std::string, std::string>> columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns.emplace_back(names[i], forms[i].type());
  }
  return columns;
}

}  // namespace sluice::dbt::internal
