#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::job::internal {

static_assert(std::endian::native == std::endian::little, "the wire format is little-endian");

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVariant = false;
template <class... T>
inline constexpr bool kIsVariant<std::variant<T...>> = true;

__extension__ typedef __int128 WideInt;

/// Numbers that are written as their bytes. Not long double, whose padding would travel.
template <class T>
concept FixedWidth = (std::integral<T> && !std::same_as<T, bool>) || std::same_as<T, WideInt> ||
                     std::same_as<T, float> || std::same_as<T, double>;

/// Writes values in the order given. Structs are written by their `fields()` (see fields.h).
class Encoder {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

  /// Writes what lies one level deeper in a value that nests.
  template <class T>
  void deeper(const T& value) {
    put(value);
  }

  std::string take() { return std::move(bytes_); }

 private:
  template <class T>
  void put(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      put(static_cast<std::uint8_t>(value));
    } else if constexpr (FixedWidth<T>) {
      bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    } else if constexpr (std::same_as<T, std::string>) {
      put(static_cast<std::uint32_t>(value.size()));
      bytes_.append(value);
    } else if constexpr (kIsVector<T>) {
      put(static_cast<std::uint32_t>(value.size()));
      for (const auto& item : value) {
        put(item);
      }
    } else if constexpr (kIsOptional<T>) {
      put(value.has_value());
      if (value.has_value()) {
        put(*value);
      }
    } else if constexpr (kIsVariant<T>) {
      put(static_cast<std::uint8_t>(value.index()));
      std::visit([this](const auto& held) { put(held); }, value);
    } else if constexpr (!std::same_as<T, std::monostate>) {
      fields(*this, value);
    }
  }

  std::string bytes_;
};

/// Reads what Encoder wrote. After the first thing that cannot be, `ok()` is false and the rest is
/// skipped. Lists grow as their items are read, so a false count costs no memory.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }

  /// Reads what lies one level deeper in a value that nests; damaged bytes may not claim so many
  /// levels that the stack ends.
  template <class T>
  void deeper(T& value) {
    if (depth_ == kDepthMax) {
      ok_ = false;
      return;
    }
    ++depth_;
    get(value);
    --depth_;
  }

  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }

 private:
  template <class T>
  void get(T& value) {
    if (!ok_) {
      return;
    }
    if constexpr (std::same_as<T, bool>) {
      std::uint8_t byte = 0;
      get(byte);
      ok_ = ok_ && byte <= 1;
      value = byte == 1;
    } else if constexpr (FixedWidth<T>) {
      get_bytes(&value, sizeof(T));
    } else if constexpr (std::same_as<T, std::string>) {
      if (const std::size_t size = get_count(); ok_) {
        value.assign(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
      }
    } else if constexpr (kIsVector<T>) {
      const std::size_t count = get_count();
      value.clear();
      for (std::size_t i = 0; ok_ && i < count; ++i) {
        get(value.emplace_back());
      }
    } else if constexpr (kIsOptional<T>) {
      bool present = false;
      get(present);
      if (ok_ && present) {
        get(value.emplace());
      }
    } else if constexpr (kIsVariant<T>) {
      std::uint8_t index = 0;
      get(index);
      if (ok_) {
        get_alternative(value, index, std::make_index_sequence<std::variant_size_v<T>>());
      }
    } else if constexpr (!std::same_as<T, std::monostate>) {
      fields(*this, value);
    }
  }

  template <class Variant, std::size_t... I>
  void get_alternative(Variant& value, std::size_t index, std::index_sequence<I...>) {
    const bool known = ((index == I && (get(value.template emplace<I>()), true)) || ...);
    ok_ = ok_ && known;
  }

  void get_bytes(void* into, std::size_t size) {
    if (size > bytes_.size()) {
      ok_ = false;
      return;
    }
    std::memcpy(into, bytes_.data(), size);
    bytes_.remove_prefix(size);
  }

  // Every item takes a byte at least, so a count over what is left is false.
  std::size_t get_count() {
    std::uint32_t count = 0;
    get_bytes(&count, sizeof(count));
    ok_ = ok_ && count <= bytes_.size();
    return ok_ ? count : 0;
  }

  static constexpr int kDepthMax = 64;  // over data::kTypeDepthMax

  std::string_view bytes_;
  int depth_ = 0;
  bool ok_ = true;
};

}  // namespace sluice::job::internal
