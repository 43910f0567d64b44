#include "sluice/app/live_area.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

namespace sluice::app {

namespace {

constexpr std::size_t kWidthDefault = 80;
constexpr std::size_t kWidthMin = 20;

/// Columns of the terminal; a line that fills the last one would wrap on some.
std::size_t width_of(std::FILE* out) {
  winsize size = {};
  const bool known = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col >= kWidthMin;
  return (known ? size.ws_col : kWidthDefault) - 1;
}

/// Cuts at a character, not inside one.
std::string cut(const std::string& line, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U;
    if (begins && ++columns > width) {
      return line.substr(0, at);
    }
  }
  return line;
}

}  // namespace

void LiveArea::show(const std::string& above, const std::vector<std::string>& lines) {
  std::string text = drawn_ == 0 ? "" : fmt::format("\r\x1b[{}A", drawn_);
  // Lines that stay in their place are written over, not erased first: nothing flickers.
  if (drawn_ > 0 && (!above.empty() || lines.size() < drawn_)) {
    text += "\x1b[J";
  }
  text += above;
  const std::size_t width = width_of(out_);
  for (const std::string& line : lines) {
    text += cut(line, width) + "\x1b[K\n";
  }
  drawn_ = lines.size();
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

}  // namespace sluice::app
