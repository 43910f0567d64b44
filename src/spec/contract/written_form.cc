#include "sluice/contract/internal/written_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace sluice::contract::internal {

namespace {

using data::TypeKind;

/// A part of ISO 8601, in its order, and the letters that stand for it.
struct Part {
  std::string_view letters;
  std::string_view pattern;
  std::string_view before;  // in ISO 8601
  bool of_date;
};
constexpr Part kParts[] = {
    {"yyyy", "([0-9]{4})", "", true},
    {"MM", "([0-9]{2})", "-", true},
    {"dd", "([0-9]{2})", "-", true},
    {"HH", "([01][0-9]|2[0-3])", "T", false},
    {"mm", "([0-5][0-9])", ":", false},
    {"ss", "([0-5][0-9])", ":", false},
    {"S", "", ".", false},
    {"XXX", "(Z|[+-][0-9]{2}:[0-9]{2})", "", false},
};
enum : std::size_t { kYear, kMonth, kDay, kHour, kMinute, kSecond, kFraction, kZone };

constexpr std::size_t kFractionDigitsMax = 6;

/// What a run of equal letters stands for; the end when for nothing.
const Part* find_part_of(std::string_view letters) {
  if (letters == "uuuu") {
    return &kParts[kYear];
  }
  if (letters.front() == 'S' && letters.size() <= kFractionDigitsMax) {
    return &kParts[kFraction];
  }
  return std::find_if(std::begin(kParts), std::end(kParts),
                      [&](const Part& part) { return part.letters == letters; });
}

void add_literal(std::string_view text, std::string& pattern) {
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ' ' ||
                       static_cast<unsigned char>(c) >= 0x80;
    pattern += plain ? "" : "\\";
    pattern += c;
  }
}

class FormReader {
 public:
  FormReader(std::string_view format, TypeKind kind) : format_(format), kind_(kind) {}

  std::optional<WrittenForm> read(std::string& problem) {
    while (at_ < format_.size() && problem_.empty()) {
      const char c = format_[at_];
      if (c == '\'') {
        read_quoted();
      } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
        read_letters();
      } else if (std::string_view("[]{}#").find(c) != std::string_view::npos) {
        problem_ = fmt::format("'{}' is no text, and cannot be executed", c);
      } else {
        add_literal(format_.substr(at_++, 1), form_.pattern);
      }
    }
    if (problem_.empty()) {
      check_parts();
    }
    if (!problem_.empty()) {
      problem = std::move(problem_);
      return std::nullopt;
    }
    form_.format = format_;
    write_iso();
    return std::move(form_);
  }

 private:
  /// `''` is a quote, inside and outside of quotes.
  void read_quoted() {
    const std::size_t open = at_++;
    if (at_ < format_.size() && format_[at_] == '\'') {
      ++at_;
      add_literal("'", form_.pattern);
      return;
    }
    while (at_ < format_.size()) {
      if (format_[at_] != '\'') {
        add_literal(format_.substr(at_++, 1), form_.pattern);
      } else if (at_ + 1 < format_.size() && format_[at_ + 1] == '\'') {
        at_ += 2;
        add_literal("'", form_.pattern);
      } else {
        ++at_;
        return;
      }
    }
    problem_ = fmt::format("the quote at character {} is not closed", open + 1);
  }

  void read_letters() {
    const std::size_t end = std::min(format_.find_first_not_of(format_[at_], at_), format_.size());
    const std::string_view letters = format_.substr(at_, end - at_);
    at_ = end;
    const Part* part = find_part_of(letters);
    if (part == std::end(kParts)) {
      problem_ = fmt::format("'{}' cannot be executed", letters);
      return;
    }
    const auto index = static_cast<std::size_t>(part - std::begin(kParts));
    if (group_[index] != 0) {
      problem_ = fmt::format("'{}' occurs twice", letters);
      return;
    }
    group_[index] = ++groups_;
    form_.pattern += index == kFraction ? fmt::format("([0-9]{{{}}})", letters.size())
                                        : std::string(part->pattern);
  }

  bool has(std::size_t part) const { return group_[part] != 0; }

  void check_parts() {
    const bool has_date = kind_ != TypeKind::kTime;
    const bool has_time = kind_ != TypeKind::kDate;
    for (std::size_t i = 0; i < std::size(kParts); ++i) {
      if (has(i) && !(kParts[i].of_date ? has_date : has_time)) {
        problem_ = fmt::format("'{}' is no part of a {}", kParts[i].letters,
                               data::to_text(data::Type{kind_}));
        return;
      }
      if (!has(i) && kParts[i].of_date && has_date) {
        problem_ = fmt::format("'{}' is missing", kParts[i].letters);
        return;
      }
    }
    if (has(kZone) && kind_ != TypeKind::kTimestamptz) {
      problem_ = "'XXX' needs a timestamp with timezone: true";
    } else if (kind_ == TypeKind::kTime && !has(kHour)) {
      problem_ = "'HH' is missing";
    }
    // Each part of a time needs the one before.
    for (std::size_t i = kMinute; i <= kFraction && problem_.empty(); ++i) {
      if (has(i) && !has(i - 1)) {
        problem_ = fmt::format("'{}' needs '{}'", kParts[i].letters, kParts[i - 1].letters);
      }
    }
    if (problem_.empty() && (has(kHour) || has(kZone)) && !has(kMinute)) {
      problem_ = "'mm' is missing";
    }
  }

  void write_iso() {
    for (std::size_t i = 0; i < std::size(kParts); ++i) {
      if (has(i)) {
        form_.iso += form_.iso.empty() ? "" : kParts[i].before;
        form_.iso += fmt::format("\\{}", group_[i]);
      }
    }
  }

  const std::string_view format_;
  const TypeKind kind_;
  std::size_t at_ = 0;
  std::array<int, std::size(kParts)> group_{};
  int groups_ = 0;
  WrittenForm form_;
  std::string problem_;
};

}  // namespace

std::optional<WrittenForm> read_form(std::string_view format, data::TypeKind kind,
                                     std::string& problem) {
  return FormReader(format, kind).read(problem);
}

}  // namespace sluice::contract::internal
