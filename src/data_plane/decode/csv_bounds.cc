#include <algorithm>
#include <array>
#include <cstring>

#include "sluice/decode/internal/record_bounds.h"

namespace sluice::decode {

namespace {

class CsvBounds : public RecordBounds {
 public:
  explicit CsvBounds(const job::CsvDialect& dialect) : dialect_(dialect) {
    matters_[static_cast<unsigned char>(dialect.delimiter)] = true;
    matters_['\n'] = true;
  }

  bool find(std::string_view text, std::size_t& at) override {
    if (begun_ == 0 && at == 0) {
      breaks_ = 0;
      if (find_plain_line(text, at)) {
        end_region(text, at);
        return true;
      }
    }
    while (at < text.size()) {
      if (step(text, at)) {
        end_region(text, at);
        return true;
      }
    }
    begun_ += at;
    return false;
  }

  Rest finish(std::string_view text) override {
    begin_ = 0;
    end_ = comment_ ? 0 : text.size();
    return end_ == 0 ? Rest::kNothing : Rest::kRecord;
  }

  void drop(std::size_t) override { begun_ = 1; }

 private:
  /// True, and behind its line break, when the region is one line without a quote in it.
  bool find_plain_line(std::string_view text, std::size_t& at) {
    const std::size_t found = text.find('\n');
    if (found == std::string_view::npos || (!text.empty() && text[0] == dialect_.comment) ||
        (dialect_.quote != 0 && std::memchr(text.data(), dialect_.quote, found) != nullptr)) {
      return false;
    }
    ++breaks_;
    at = found + 1;
    return true;
  }

  /// Says where the record of the region is that ends before `at`.
  void end_region(std::string_view text, std::size_t at) {
    begin_ = 0;
    end_ = at - 1;
    if (end_ > 0 && text[end_ - 1] == '\r') {
      --end_;
    }
    if (comment_) {
      end_ = 0;
    }
    begun_ = 0;
    comment_ = false;
    state_ = State::kFieldStart;
  }

  enum class State { kFieldStart, kUnquoted, kQuoted, kEscaped, kQuoteInQuoted };

  /// Takes one byte, or a run of bytes that change nothing; true behind the region's line break.
  bool step(std::string_view text, std::size_t& at) {
    switch (state_) {
      case State::kFieldStart:
        return begin_field(text, at);
      case State::kUnquoted:
        return leave_unquoted(text, at);
      case State::kQuoted:
        leave_quoted(text, at);
        return false;
      case State::kEscaped:
        breaks_ += text[at++] == '\n' ? 1 : 0;
        state_ = State::kQuoted;
        return false;
      case State::kQuoteInQuoted:
        if (text[at] == dialect_.quote) {
          ++at;
          state_ = State::kQuoted;
          return false;
        }
        state_ = State::kUnquoted;
        return false;
    }
    return false;
  }

  bool begin_field(std::string_view text, std::size_t& at) {
    if (begun_ == 0 && at == 0 && dialect_.comment != 0 && text[0] == dialect_.comment) {
      comment_ = true;
    }
    if (!comment_ && dialect_.quote != 0 && text[at] == dialect_.quote) {
      ++at;
      state_ = State::kQuoted;
      return false;
    }
    state_ = State::kUnquoted;
    return leave_unquoted(text, at);
  }

  bool leave_unquoted(std::string_view text, std::size_t& at) {
    const char* bytes = text.data();
    const std::size_t size = text.size();
    if (dialect_.quote == 0 || comment_) {
      const auto* found = static_cast<const char*>(std::memchr(bytes + at, '\n', size - at));
      at = found == nullptr ? size : static_cast<std::size_t>(found - bytes);
    } else {
      while (at < size && !matters_[static_cast<unsigned char>(bytes[at])]) {
        ++at;
      }
    }
    if (at == size) {
      return false;
    }
    if (bytes[at++] == '\n') {
      ++breaks_;
      return true;
    }
    state_ = State::kFieldStart;
    return false;
  }

  void leave_quoted(std::string_view text, std::size_t& at) {
    while (at < text.size()) {
      const char c = text[at++];
      if (c == '\n') {
        ++breaks_;
      } else if (dialect_.escape != 0 && dialect_.escape != dialect_.quote &&
                 c == dialect_.escape) {
        state_ = State::kEscaped;
        return;
      } else if (c == dialect_.quote) {
        state_ = State::kQuoteInQuoted;
        return;
      }
    }
  }

  const job::CsvDialect dialect_;
  std::array<bool, 256> matters_{};  // bytes that end a run in an unquoted field
  State state_ = State::kFieldStart;
  std::size_t begun_ =
      0;  // bytes of the region that were looked at by earlier calls; 0 at its start
  bool comment_ = false;
};

}  // namespace

std::unique_ptr<RecordBounds> csv_bounds(const job::CsvDialect& dialect) {
  return std::make_unique<CsvBounds>(dialect);
}

}  // namespace sluice::decode
