#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sluice::decode {

/// Bytes that are read into at the end. Unlike a string it leaves room as it is, and keeps its
/// memory when it is emptied.
class TextBuffer {
 public:
  TextBuffer() = default;
  ~TextBuffer() = default;
  TextBuffer(TextBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  TextBuffer& operator=(TextBuffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const char* data() const { return bytes_.get(); }
  /// Never of a null pointer, which memchr() and its like do not take.
  std::string_view view() const {
    return size_ == 0 ? std::string_view("") : std::string_view(bytes_.get(), size_);
  }

  /// Returns so many writable bytes behind the end; they become part of it by grow().
  char* room(std::size_t bytes) {
    if (size_ + bytes > capacity_) {
      capacity_ = std::max(size_ + bytes, capacity_ + capacity_ / 2);
      auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
      if (size_ > 0) {
        std::memcpy(larger.get(), bytes_.get(), size_);
      }
      bytes_ = std::move(larger);
    }
    return bytes_.get() + size_;
  }
  void grow(std::size_t bytes) { size_ += bytes; }

  void append(std::string_view text) {
    if (!text.empty()) {
      std::memcpy(room(text.size()), text.data(), text.size());
      size_ += text.size();
    }
  }
  void append_zeros(std::size_t bytes) {
    std::memset(room(bytes), 0, bytes);
    size_ += bytes;
  }
  /// Drops all but the first bytes.
  void cut(std::size_t bytes) { size_ = std::min(size_, bytes); }
  /// Drops the first bytes.
  void drop_front(std::size_t bytes) {
    size_ -= bytes;
    if (size_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + bytes, size_);
    }
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace sluice::decode
