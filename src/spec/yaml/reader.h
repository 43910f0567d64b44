#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/yaml/document.h"

namespace sluice::yaml {

/// Looks a variable of the environment up; nullopt when it is not set.
using EnvLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// A key that the documentation names and this version cannot act upon.
struct UnsupportedKey {
  std::string_view name;
  std::string_view instead;  // "" or what to do until then
};

/// Reads typed values out of nodes. A value of the wrong shape becomes a diagnostic at its place
/// and nullopt, so that reading goes on. Scalars have `${NAME}`, `${NAME:-default}` and `$$`
/// expanded when an environment was given; a variable that is not set is a diagnostic. The
/// diagnostics must outlive the reader.
class Reader {
 public:
  explicit Reader(Diagnostics& diagnostics, EnvLookup env = {});

  Diagnostics& diagnostics() { return *diagnostics_; }
  void add(const Node& node, std::string message, std::string hint = "");
  void add_at_key(const Node& map, std::string_view key, std::string message,
                  std::string hint = "");

  std::optional<std::string> text(const Node& node, std::string_view what);
  std::optional<std::int64_t> integer(const Node& node, std::string_view what, std::int64_t minimum,
                                      std::int64_t maximum);
  /// A decimal number such as `0.04`.
  std::optional<double> number(const Node& node, std::string_view what, double minimum,
                               double maximum);
  std::optional<bool> boolean(const Node& node, std::string_view what);
  /// A list of scalars, or one scalar as a list of one.
  std::optional<std::vector<std::string>> texts(const Node& node, std::string_view what);
  /// `2s`, `5m`, `500ms`, `1h`, `7d`; in milliseconds. A bare number is refused.
  std::optional<std::int64_t> duration_ms(const Node& node, std::string_view what);
  /// `4GiB`, `512MiB`, `1.5GB`, `100B`; in bytes. A bare number is refused.
  std::optional<std::int64_t> bytes(const Node& node, std::string_view what);
  /// One of `choices`; one of `unsupported` is refused by name as not built yet.
  std::optional<std::string> choice(const Node& node, std::string_view what,
                                    std::span<const std::string_view> choices,
                                    std::span<const std::string_view> unsupported = {});

  bool expect_map(const Node& node, std::string_view what);
  bool expect_list(const Node& node, std::string_view what);
  /// Finds a key that must be there; adds a diagnostic at `map` when it is not.
  const Node* required(const Node& map, std::string_view key, std::string_view what);

  /// Reports each key of `map` that is neither known nor unsupported, with the nearest known one,
  /// and refuses each unsupported one by name.
  void check_known_keys(const Node& map, std::string_view what,
                        std::span<const std::string_view> known,
                        std::span<const UnsupportedKey> unsupported = {});

 private:
  Diagnostics* diagnostics_;
  EnvLookup env_;
};

/// Reads the environment of this process.
EnvLookup process_environment();

std::optional<std::int64_t> parse_duration_ms(std::string_view text);
std::optional<std::int64_t> parse_bytes(std::string_view text);

}  // namespace sluice::yaml
