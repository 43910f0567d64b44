#include "sluice/yaml/reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/yaml/internal/expand.h"

namespace sluice::yaml {

namespace {

std::string quoted_list(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    text += text.empty() ? "" : ", ";
    text += name;
  }
  return text;
}

std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates) {
  const std::vector<std::string> names(candidates.begin(), candidates.end());
  const std::string near = base::nearest(word, names);
  return near.empty() ? "" : "did you mean '" + near + "'?";
}

/// A plain scalar on one line stands in the text as it is, so that a place inside it is exact.
Mark place_inside(const Node& node, std::size_t offset) {
  const std::string_view line = node.source->line(node.mark.line);
  const auto begin = static_cast<std::size_t>(node.mark.column - 1) + (node.quoted ? 1 : 0);
  const bool as_written = begin <= line.size() && line.substr(begin).starts_with(node.text);
  if (!as_written) {
    return node.mark;
  }
  return {node.mark.line, static_cast<int>(begin + offset) + 1};
}

}  // namespace

Reader::Reader(Diagnostics& diagnostics, EnvLookup env)
    : diagnostics_(&diagnostics), env_(std::move(env)) {}

void Reader::add(const Node& node, std::string message, std::string hint) {
  diagnostics_->add(*node.source, node.mark, std::move(message), std::move(hint));
}

void Reader::add_at_key(const Node& map, std::string_view key, std::string message,
                        std::string hint) {
  diagnostics_->add(*map.source, map.key_mark(key), std::move(message), std::move(hint));
}

std::optional<std::string> Reader::text(const Node& node, std::string_view what) {
  if (!node.is_scalar()) {
    add(node,
        std::string(what) + " must be a single value, not " + std::string(to_text(node.kind)));
    return std::nullopt;
  }
  if (!env_ || node.text.find('$') == std::string::npos) {
    return node.text;
  }
  internal::ExpandProblem problem;
  std::optional<std::string> expanded = internal::expand(node.text, env_, problem);
  if (!expanded) {
    diagnostics_->add(*node.source, place_inside(node, problem.offset), problem.message,
                      problem.hint);
  }
  return expanded;
}

std::optional<std::int64_t> Reader::integer(const Node& node, std::string_view what,
                                            std::int64_t minimum, std::int64_t maximum) {
  const std::optional<std::string> read = text(node, what);
  if (!read) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  const char* const end = read->data() + read->size();
  const auto [rest, error] = std::from_chars(read->data(), end, number);
  if (error != std::errc() || rest != end || number < minimum || number > maximum) {
    add(node, std::string(what) + " must be a whole number from " + std::to_string(minimum) +
                  " to " + std::to_string(maximum) + ", not '" + *read + "'");
    return std::nullopt;
  }
  return number;
}

std::optional<double> Reader::number(const Node& node, std::string_view what, double minimum,
                                     double maximum) {
  const auto value = text(node, what);
  if (!value) {
    return std::nullopt;
  }
  double parsed = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, parsed, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(parsed >= minimum && parsed <= maximum)) {
    add(node, std::string(what) + " must be a number, not '" + *value + "'",
        minimum == 0 ? "write it as 0.04; it may not be negative" : "");
    return std::nullopt;
  }
  return parsed;
}

std::optional<bool> Reader::boolean(const Node& node, std::string_view what) {
  const std::optional<std::string> read = text(node, what);
  if (!read) {
    return std::nullopt;
  }
  const std::string word = base::lower(*read);
  if (word != "true" && word != "false") {
    add(node, std::string(what) + " must be true or false, not '" + *read + "'");
    return std::nullopt;
  }
  return word == "true";
}

std::optional<std::vector<std::string>> Reader::texts(const Node& node, std::string_view what) {
  std::vector<std::string> all;
  if (!node.is_list()) {
    std::optional<std::string> one = text(node, what);
    if (!one) {
      return std::nullopt;
    }
    all.push_back(std::move(*one));
    return all;
  }
  bool complete = true;
  for (const Node& child : node.children) {
    std::optional<std::string> one = text(child, "each of " + std::string(what));
    complete = complete && one.has_value();
    if (one) {
      all.push_back(std::move(*one));
    }
  }
  return complete ? std::optional(std::move(all)) : std::nullopt;
}

std::optional<std::int64_t> Reader::duration_ms(const Node& node, std::string_view what) {
  const std::optional<std::string> read = text(node, what);
  if (!read) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> parsed = parse_duration_ms(*read);
  if (!parsed) {
    add(node, std::string(what) + " must be a duration, not '" + *read + "'",
        "write a number and one of ms, s, m, h, d, such as 5m");
  }
  return parsed;
}

std::optional<std::int64_t> Reader::bytes(const Node& node, std::string_view what) {
  const std::optional<std::string> read = text(node, what);
  if (!read) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> parsed = parse_bytes(*read);
  if (!parsed) {
    add(node, std::string(what) + " must be a size, not '" + *read + "'",
        "write a number and one of B, KiB, MiB, GiB, kB, MB, GB, such as 512MiB");
  }
  return parsed;
}

std::optional<std::string> Reader::choice(const Node& node, std::string_view what,
                                          std::span<const std::string_view> choices,
                                          std::span<const std::string_view> unsupported) {
  std::optional<std::string> read = text(node, what);
  if (!read) {
    return std::nullopt;
  }
  if (std::find(choices.begin(), choices.end(), *read) != choices.end()) {
    return read;
  }
  const std::string can = "one of " + quoted_list(choices);
  if (std::find(unsupported.begin(), unsupported.end(), *read) != unsupported.end()) {
    add(node, std::string(what) + " '" + *read + "' is not built yet", "this version takes " + can);
    return std::nullopt;
  }
  std::string hint = nearest_hint(*read, choices);
  add(node, std::string(what) + " must be " + can + ", not '" + *read + "'", std::move(hint));
  return std::nullopt;
}

bool Reader::expect_map(const Node& node, std::string_view what) {
  if (!node.is_map()) {
    add(node, std::string(what) + " must be a map of keys and values, not " +
                  std::string(to_text(node.kind)));
  }
  return node.is_map();
}

bool Reader::expect_list(const Node& node, std::string_view what) {
  if (!node.is_list()) {
    add(node, std::string(what) + " must be a list, not " + std::string(to_text(node.kind)));
  }
  return node.is_list();
}

const Node* Reader::required(const Node& map, std::string_view key, std::string_view what) {
  const Node* found = map.find(key);
  if (found == nullptr) {
    add(map, std::string(what) + " lacks '" + std::string(key) + "'");
  }
  return found;
}

void Reader::check_known_keys(const Node& map, std::string_view what,
                              std::span<const std::string_view> known,
                              std::span<const UnsupportedKey> unsupported) {
  for (const Key& key : map.keys) {
    if (std::find(known.begin(), known.end(), key.name) != known.end()) {
      continue;
    }
    const auto refused =
        std::find_if(unsupported.begin(), unsupported.end(),
                     [&](const UnsupportedKey& candidate) { return candidate.name == key.name; });
    if (refused != unsupported.end()) {
      diagnostics_->add(*map.source, key.mark,
                        "'" + key.name + "' in " + std::string(what) + " is not built yet",
                        std::string(refused->instead));
      continue;
    }
    diagnostics_->add(*map.source, key.mark,
                      "unknown key '" + key.name + "' in " + std::string(what),
                      nearest_hint(key.name, known));
  }
}

}  // namespace sluice::yaml
