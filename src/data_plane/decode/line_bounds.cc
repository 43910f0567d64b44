#include <cstring>

#include "sluice/decode/internal/record_bounds.h"

namespace sluice::decode {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

class LineBounds : public RecordBounds {
 public:
  bool find(std::string_view text, std::size_t& at) override {
    const auto* found =
        static_cast<const char*>(std::memchr(text.data() + at, '\n', text.size() - at));
    if (found == nullptr) {
      at = text.size();
      return false;
    }
    at = static_cast<std::size_t>(found - text.data());
    measure(text.substr(0, at));
    breaks_ = 1;
    ++at;
    return true;
  }

  Rest finish(std::string_view text) override {
    measure(text);
    breaks_ = 0;
    return begin_ == end_ && !dropped_ ? Rest::kNothing : Rest::kRecord;
  }

  void drop(std::size_t) override { dropped_ = true; }

 private:
  void measure(std::string_view line) {
    begin_ = 0;
    end_ = line.ends_with('\r') ? line.size() - 1 : line.size();
    if (!dropped_ && (line.empty() || line.find_first_not_of(kBlank) == std::string_view::npos)) {
      end_ = 0;
    }
    dropped_ = false;
  }

  bool dropped_ = false;
};

}  // namespace

std::unique_ptr<RecordBounds> line_bounds() { return std::make_unique<LineBounds>(); }

}  // namespace sluice::decode
