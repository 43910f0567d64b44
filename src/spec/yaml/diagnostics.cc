#include "sluice/yaml/diagnostics.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace sluice::yaml {

namespace {

constexpr std::size_t kShownLineBytesMax = 160;

/// Copies the blanks of the line, so that the caret stands right under tabs too.
std::string caret_line(std::string_view line, int column) {
  std::string carets;
  for (int i = 1; i < column && static_cast<std::size_t>(i) <= line.size(); ++i) {
    const unsigned char byte = static_cast<unsigned char>(line[static_cast<std::size_t>(i) - 1]);
    const bool continues_character = (byte & 0xC0U) == 0x80U;
    if (!continues_character) {
      carets += byte == '\t' ? '\t' : ' ';
    }
  }
  return carets + "^";
}

}  // namespace

std::string_view SourceText::line(int number) const {
  std::size_t begin = 0;
  for (int at = 1; at < number; ++at) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) {
      return {};
    }
    ++begin;
  }
  std::size_t end = std::min(text.find('\n', begin), text.size());
  if (end > begin && text[end - 1] == '\r') {
    --end;
  }
  return std::string_view(text).substr(begin, end - begin);
}

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file + ":" + std::to_string(diagnostic.mark.line) + ":" +
                     std::to_string(diagnostic.mark.column) + ": " + diagnostic.message + "\n";
  if (!diagnostic.text.empty()) {
    text += "  " + diagnostic.text + "\n";
    text += "  " + caret_line(diagnostic.text, diagnostic.mark.column) + "\n";
  }
  if (!diagnostic.hint.empty()) {
    text += "  hint: " + diagnostic.hint + "\n";
  }
  return text;
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (items_.size() >= kDiagnosticsMax) {
    ++dropped_;
    return;
  }
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::add(const SourceText& source, Mark mark, std::string message, std::string hint) {
  std::string_view line = source.line(mark.line);
  if (line.size() > kShownLineBytesMax) {
    line = {};
  }
  add(Diagnostic{source.file, mark, std::move(message), std::move(hint), std::string(line)});
}

void Diagnostics::sort() {
  std::stable_sort(items_.begin(), items_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.mark) < std::tie(b.file, b.mark);
  });
}

void Diagnostics::append(Diagnostics other) {
  for (Diagnostic& item : other.items_) {
    add(std::move(item));
  }
  dropped_ += other.dropped_;
}

std::string Diagnostics::to_text() const {
  std::string text;
  for (const Diagnostic& item : items_) {
    text += yaml::to_text(item);
  }
  if (dropped_ > 0) {
    text += "and " + std::to_string(dropped_) + " more\n";
  }
  return text;
}

base::Error Diagnostics::to_error() const {
  std::string text = to_text();
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return base::invalid_input(std::move(text));
}

}  // namespace sluice::yaml
