#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace sluice::app {

/// Columns that lines on this stream may take: the terminal's, else $COLUMNS, else 120.
std::size_t line_width(std::FILE* out);

/// Keeps a text on one line (control characters become spaces) and within `columns` of a terminal,
/// counting code points; what is cut ends in "…".
std::string fit_text(std::string text, std::size_t columns);

/// A table for people whose last column takes what the line has left.
class TextTable {
 public:
  /// Columns named in `right` are aligned to the right.
  TextTable(std::vector<std::string> header, std::vector<bool> right);

  void add(std::vector<std::string> row);
  void print(std::FILE* out, std::size_t width) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
  std::vector<bool> right_;
};

}  // namespace sluice::app
