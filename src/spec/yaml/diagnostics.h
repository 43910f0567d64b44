#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/error.h"

namespace sluice::yaml {

/// A place in a text file. Both count from 1; a column counts bytes.
struct Mark {
  int line = 1;
  int column = 1;

  friend bool operator==(const Mark&, const Mark&) = default;
  friend auto operator<=>(const Mark&, const Mark&) = default;
};

/// A file as its user sees it: `file` is the name that messages print, `text` its whole contents.
struct SourceText {
  std::string file;
  std::string text;

  /// Returns the line without its line break; "" beyond the end.
  std::string_view line(int number) const;
};

/// One thing that is wrong in a file of the project, and what to do about it.
struct Diagnostic {
  std::string file;
  Mark mark;
  std::string message;
  std::string hint;  // "" or a sentence such as `did you mean 'contract'?`
  std::string text;  // the offending line, "" when the file has none there
};

/// Writes `file:line:column: message`, the offending line with a caret below, and the hint.
std::string to_text(const Diagnostic& diagnostic);

/// Collects what is wrong, so that one pass reports everything. The first kDiagnosticsMax are kept,
/// the rest only counted.
class Diagnostics {
 public:
  static constexpr std::size_t kDiagnosticsMax = 1000;

  void add(Diagnostic diagnostic);
  void add(const SourceText& source, Mark mark, std::string message, std::string hint = "");

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size() + dropped_; }
  const std::vector<Diagnostic>& items() const { return items_; }

  /// Orders by file, line and column; equal places keep the order in which they were found.
  void sort();
  void append(Diagnostics other);

  /// Writes all of them, one after the other, and how many were not kept.
  std::string to_text() const;
  /// Returns them as one kInvalidInput error. Call only when there are some.
  base::Error to_error() const;

 private:
  std::vector<Diagnostic> items_;
  std::size_t dropped_ = 0;
};

}  // namespace sluice::yaml
