#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "sluice/base/check.h"
#include "sluice/base/error.h"

namespace sluice::base {

/// Holds either a value or the Error that prevented it. Read the value only after `ok()`.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    SLUICE_CHECK(ok(), error_text());
    return std::get<0>(state_);
  }
  const T& value() const& {
    SLUICE_CHECK(ok(), error_text());
    return std::get<0>(state_);
  }
  T&& value() && {
    SLUICE_CHECK(ok(), error_text());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  T value_or(T other) && { return ok() ? std::get<0>(std::move(state_)) : std::move(other); }

 private:
  const char* error_text() const { return ok() ? "" : std::get<1>(state_).message.c_str(); }

  std::variant<T, Error> state_;
};

/// The outcome of an operation that yields nothing: success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

inline Status ok_status() { return {}; }

}  // namespace sluice::base

#define SLUICE_CONCAT_INNER(a, b) a##b
#define SLUICE_CONCAT(a, b) SLUICE_CONCAT_INNER(a, b)

/// Returns the error of `expr` (a Status or Result) from the enclosing function, if it has one.
#define SLUICE_RETURN_IF_ERROR(expr)                     \
  do {                                                   \
    if (auto sluice_status_ = (expr); !sluice_status_) { \
      return std::move(sluice_status_).error();          \
    }                                                    \
  } while (false)

/// Evaluates `expr` (a Result<T>) and binds its value to `target`, or returns its error.
#define SLUICE_ASSIGN_OR_RETURN(target, expr) \
  SLUICE_ASSIGN_OR_RETURN_INNER(SLUICE_CONCAT(sluice_result_, __LINE__), target, expr)
#define SLUICE_ASSIGN_OR_RETURN_INNER(result, target, expr) \
  auto result = (expr);                                     \
  if (!result) {                                            \
    return std::move(result).error();                       \
  }                                                         \
  target = std::move(result).value()
