#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace sluice::app {

/// Lines at the end of a terminal's output that are drawn again in place, each redraw in one write.
/// What is printed for good goes above them. The cursor rests below, so that the program may end at
/// any moment. One thread at a time.
class LiveArea {
 public:
  explicit LiveArea(std::FILE* out) : out_(out) {}

  /// Prints `above`, whole lines or nothing, for good, and below it these lines, cut to the
  /// terminal's width, in place of the last ones.
  void show(const std::string& above, const std::vector<std::string>& lines);
  /// Removes the area.
  void clear() { show("", {}); }

 private:
  std::FILE* out_;
  std::size_t drawn_ = 0;  // lines of it that are on the screen
};

}  // namespace sluice::app
