#include "sluice/app/text_table.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace sluice::app {

namespace {

constexpr std::size_t kWidthDefault = 120;
constexpr std::size_t kWidthMin = 40;
constexpr std::size_t kLastColumnMin = 16;
constexpr std::size_t kColumnMax = 40;
constexpr std::size_t kGap = 2;

bool begins_character(char c) { return (c & 0xC0) != 0x80; }

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace

std::size_t line_width(std::FILE* out) {
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::max<std::size_t>(size.ws_col, kWidthMin);
  }
  const char* columns = std::getenv("COLUMNS");
  const long given = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return given > 0 ? std::max(static_cast<std::size_t>(given), kWidthMin) : kWidthDefault;
}

std::string fit_text(std::string text, std::size_t columns) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = ' ';
    }
  }
  if (width_of(text) <= columns) {
    return text;
  }
  std::size_t seen = 0;
  std::size_t end = 0;
  while (end < text.size() && (!begins_character(text[end]) || ++seen < columns)) {
    ++end;
  }
  return text.substr(0, end) + "…";
}

TextTable::TextTable(std::vector<std::string> header, std::vector<bool> right)
    : right_(std::move(right)) {
  right_.resize(header.size(), false);
  rows_.push_back(std::move(header));
}

void TextTable::add(std::vector<std::string> row) {
  row.resize(right_.size());
  rows_.push_back(std::move(row));
}

void TextTable::print(std::FILE* out, std::size_t width) const {
  std::vector<std::size_t> widths(right_.size(), 0);
  std::size_t taken = 0;
  for (std::size_t column = 0; column + 1 < widths.size(); ++column) {
    for (const auto& row : rows_) {
      widths[column] = std::max(widths[column], std::min(width_of(row[column]), kColumnMax));
    }
    taken += widths[column] + kGap;
  }
  widths.back() = std::max(kLastColumnMin, width > taken ? width - taken : 0);
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < widths.size(); ++column) {
      const std::string cell = fit_text(row[column], widths[column]);
      const bool last = column + 1 == widths.size();
      const std::string gap(last ? 0 : widths[column] - width_of(cell), ' ');
      line += right_[column] ? gap + cell : cell + gap;
      line += last ? "" : std::string(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print(out, "{}\n", line);
  }
}

}  // namespace sluice::app
