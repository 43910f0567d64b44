#include "sluice/contract/internal/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/check.h"
#include "sluice/base/text.h"
#include "sluice/contract/internal/json_scalar.h"

namespace sluice::contract::internal {

namespace {

using nlohmann::json;
using yaml::Node;

/// Longer texts match no pattern: std::regex takes stack for each character.
constexpr std::size_t kMatchedBytesMax = 4096;

constexpr std::string_view kKeywords[] = {"$ref",       "$defs",
                                          "$schema",    "additionalProperties",
                                          "allOf",      "anyOf",
                                          "const",      "enum",
                                          "else",       "exclusiveMinimum",
                                          "format",     "if",
                                          "items",      "maxItems",
                                          "minItems",   "minimum",
                                          "not",        "oneOf",
                                          "pattern",    "properties",
                                          "required",   "then",
                                          "type",       "unevaluatedProperties",
                                          "uniqueItems"};

struct Problem {
  const Node* node = nullptr;
  yaml::Mark mark;
  std::string message;
  std::string hint;
};

/// What the parts of a schema say of one map: which of its keys some part knows, and all names that
/// parts know, for hints.
struct Seen {
  std::set<std::string, std::less<>> evaluated;
  std::set<std::string, std::less<>> known;

  void add(Seen other) {
    evaluated.merge(other.evaluated);
    known.merge(other.known);
  }
};

std::string joined(const json& texts) {
  std::vector<std::string> words;
  for (const json& text : texts) {
    words.push_back(text.is_string() ? text.get<std::string>() : text.dump());
  }
  return base::join(words, ", ");
}

/// Judges one tree. `what` names the place for people: `schema[0].properties[2]`.
class Checker {
 public:
  Checker(const json& root, const std::map<std::string, std::regex>& patterns)
      : root_(root), patterns_(patterns) {}

  bool check(const json& rule, const Node& node, const std::string& what, Seen& seen) {
    if (rule.is_boolean()) {
      return rule.get<bool>();
    }
    bool good = check_type(rule, node, what);
    if (!good) {
      return false;  // the rest would say the same again
    }
    good = check_value(rule, node, what);
    Seen here;
    good = check_map(rule, node, what, here) && good;
    good = check_list(rule, node, what) && good;
    good = check_parts(rule, node, what, here) && good;
    good = check_unevaluated(rule, node, what, here) && good;
    seen.add(std::move(here));
    return good;
  }

  std::vector<Problem> take() { return std::move(problems_); }

 private:
  void add(const Node& node, std::string message, std::string hint = "") {
    problems_.push_back({&node, node.mark, std::move(message), std::move(hint)});
  }

  /// Judges without telling; the problems found are handed back.
  bool probe(const json& rule, const Node& node, const std::string& what, Seen& seen,
             std::vector<Problem>& found) {
    std::vector<Problem> held;
    held.swap(problems_);
    const bool good = check(rule, node, what, seen);
    found.swap(problems_);
    problems_.swap(held);
    return good;
  }

  bool check_type(const json& rule, const Node& node, const std::string& what) {
    const auto wanted = rule.find("type");
    if (wanted == rule.end()) {
      return true;
    }
    const json types = wanted->is_array() ? *wanted : json::array({*wanted});
    const bool good = std::any_of(types.begin(), types.end(), [&](const json& type) {
      return has_json_type(node, type.get_ref<const std::string&>());
    });
    if (!good) {
      const bool quotes_help = node.is_scalar() && joined(types) == "string";
      add(node, what + " must be " + joined(types) + ", not " + std::string(json_type(node)),
          quotes_help ? "put it in quotes" : "");
    }
    return good;
  }

  bool check_value(const json& rule, const Node& node, const std::string& what) {
    bool good = true;
    if (const auto values = rule.find("enum"); values != rule.end()) {
      good = check_enum(*values, node, what);
    }
    if (const auto value = rule.find("const"); value != rule.end() && !equals(*value, node)) {
      add(node, what + " must be " + value->dump());
      good = false;
    }
    const std::optional<double> number = json_number(node);
    if (const auto least = rule.find("minimum");
        least != rule.end() && number && *number < least->get<double>()) {
      add(node, what + " must be at least " + least->dump());
      good = false;
    }
    if (const auto above = rule.find("exclusiveMinimum");
        above != rule.end() && number && *number <= above->get<double>()) {
      add(node, what + " must be above " + above->dump());
      good = false;
    }
    if (const auto pattern = rule.find("pattern");
        pattern != rule.end() && has_json_type(node, "string") && !matches(*pattern, node)) {
      add(node, what + " '" + node.text + "' is not written as the standard asks",
          "its pattern is " + pattern->get<std::string>());
      good = false;
    }
    return good;
  }

  static bool equals(const json& value, const Node& node) {
    return value.is_string() && has_json_type(node, "string") &&
           value.get_ref<const std::string&>() == node.text;
  }

  bool check_enum(const json& values, const Node& node, const std::string& what) {
    if (std::any_of(values.begin(), values.end(),
                    [&](const json& value) { return equals(value, node); })) {
      return true;
    }
    std::vector<std::string> names;
    for (const json& value : values) {
      names.push_back(value.get<std::string>());
    }
    const std::string near = node.is_scalar() ? base::nearest(node.text, names) : "";
    add(node, what + " '" + node.text + "' is not one of " + base::join(names, ", "),
        near.empty() ? "" : "did you mean '" + near + "'?");
    return false;
  }

  bool matches(const json& pattern, const Node& node) const {
    return node.text.size() <= kMatchedBytesMax &&
           std::regex_search(node.text, patterns_.at(pattern.get<std::string>()));
  }

  bool check_map(const json& rule, const Node& node, const std::string& what, Seen& seen) {
    const auto properties = rule.find("properties");
    if (properties != rule.end()) {
      for (const auto& [name, part] : properties->items()) {
        seen.known.insert(name);
      }
    }
    if (!node.is_map()) {
      return true;
    }
    bool good = true;
    for (const json& name : rule.value("required", json::array())) {
      if (node.find(name.get_ref<const std::string&>()) == nullptr) {
        add(node, what + " lacks '" + name.get<std::string>() + "'");
        good = false;
      }
    }
    std::set<std::string, std::less<>> here;
    for (std::size_t i = 0; properties != rule.end() && i < node.keys.size(); ++i) {
      const std::string& name = node.keys[i].name;
      const auto part = properties->find(name);
      if (part != properties->end()) {
        here.insert(name);
        Seen inner;
        const std::string place = what.empty() ? name : fmt::format("{}.{}", what, name);
        good = check(*part, node.children[i], place, inner) && good;
      }
    }
    if (rule.contains("additionalProperties")) {
      good = check_others(rule["additionalProperties"], node, what, here, seen.known) && good;
      for (const yaml::Key& key : node.keys) {
        here.insert(key.name);
      }
    }
    seen.evaluated.merge(here);
    return good;
  }

  /// Judges the keys of a map that are in none of `evaluated`.
  bool check_others(const json& rule, const Node& node, const std::string& what,
                    const std::set<std::string, std::less<>>& evaluated,
                    const std::set<std::string, std::less<>>& known) {
    bool good = true;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string& name = node.keys[i].name;
      if (evaluated.contains(name)) {
        continue;
      }
      Seen inner;
      std::vector<Problem> found;
      if (probe(rule, node.children[i], what, inner, found)) {
        continue;
      }
      good = false;
      const std::string near =
          base::nearest(name, std::vector<std::string>(known.begin(), known.end()));
      problems_.push_back({&node, node.keys[i].mark,
                           "unknown key '" + name + "' in " + (what.empty() ? "a contract" : what),
                           near.empty() || near == name ? "" : "did you mean '" + near + "'?"});
    }
    return good;
  }

  bool check_unevaluated(const json& rule, const Node& node, const std::string& what, Seen& seen) {
    const auto others = rule.find("unevaluatedProperties");
    if (others == rule.end() || !node.is_map()) {
      return true;
    }
    const bool good = check_others(*others, node, what, seen.evaluated, seen.known);
    for (const yaml::Key& key : node.keys) {
      seen.evaluated.insert(key.name);
    }
    return good;
  }

  bool check_list(const json& rule, const Node& node, const std::string& what) {
    if (!node.is_list()) {
      return true;
    }
    bool good = true;
    if (const auto part = rule.find("items"); part != rule.end()) {
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        Seen inner;
        good = check(*part, node.children[i], what + "[" + std::to_string(i) + "]", inner) && good;
      }
    }
    const auto count = node.children.size();
    if (const auto least = rule.find("minItems");
        least != rule.end() && count < least->get<std::size_t>()) {
      add(node, what + " needs at least " + least->dump() + " items");
      good = false;
    }
    if (const auto most = rule.find("maxItems");
        most != rule.end() && count > most->get<std::size_t>()) {
      add(node, what + " may have at most " + most->dump() + " items");
      good = false;
    }
    if (rule.value("uniqueItems", false)) {
      good = check_unique(node, what) && good;
    }
    return good;
  }

  bool check_unique(const Node& node, const std::string& what) {
    std::set<std::string> texts;
    for (const Node& item : node.children) {
      if (!texts.insert(json_text(item)).second) {
        add(item, what + " has the same item twice");
        return false;
      }
    }
    return true;
  }

  bool check_parts(const json& rule, const Node& node, const std::string& what, Seen& seen) {
    bool good = true;
    if (const auto reference = rule.find("$ref"); reference != rule.end()) {
      good = check(root_.at(json::json_pointer(reference->get<std::string>().substr(1))), node,
                   what, seen);
    }
    for (const json& part : rule.value("allOf", json::array())) {
      good = check(part, node, what, seen) && good;
    }
    for (const char* word : {"anyOf", "oneOf"}) {
      if (const auto parts = rule.find(word); parts != rule.end()) {
        good = check_choice(*parts, word == std::string_view("oneOf"), node, what, seen) && good;
      }
    }
    if (const auto condition = rule.find("if"); condition != rule.end()) {
      Seen met;
      std::vector<Problem> unmet;
      const bool holds = probe(*condition, node, what, met, unmet);
      if (holds) {
        seen.add(std::move(met));
      }
      const auto then = rule.find(holds ? "then" : "else");
      good = (then == rule.end() || check(*then, node, what, seen)) && good;
    }
    if (const auto refused = rule.find("not"); refused != rule.end()) {
      Seen inner;
      std::vector<Problem> found;
      if (probe(*refused, node, what, inner, found)) {
        add(node, what + " has what the standard forbids here: " +
                      joined(refused->value("required", json::array())));
        good = false;
      }
    }
    return good;
  }

  bool check_choice(const json& parts, bool exactly_one, const Node& node, const std::string& what,
                    Seen& seen) {
    std::size_t met = 0;
    std::vector<std::vector<Problem>> problems;
    Seen every;
    for (const json& part : parts) {
      Seen inner;
      std::vector<Problem> found;
      if (probe(part, node, what, inner, found)) {
        ++met;
        seen.add(std::move(inner));
      } else {
        every.known.merge(inner.known);
      }
      problems.push_back(std::move(found));
    }
    if (met == 1 || (met > 1 && !exactly_one)) {
      return true;
    }
    seen.known.merge(every.known);
    if (met > 1) {
      add(node, what + " fits several forms of which the standard allows one" + needed(parts));
      return false;
    }
    tell_nearest(problems, parts, node, what);
    return false;
  }

  /// `: one of a, b` when each form is known by one key that it needs.
  static std::string needed(const json& parts) {
    std::vector<std::string> names;
    for (const json& part : parts) {
      const json required = part.value("required", json::array());
      if (required.size() != 1) {
        return "";
      }
      names.push_back(required[0].get<std::string>());
    }
    return ": one of " + base::join(names, ", ");
  }

  /// A form whose only trouble lies deeper is the one that was meant.
  void tell_nearest(std::vector<std::vector<Problem>>& problems, const json& parts,
                    const Node& node, const std::string& what) {
    for (std::vector<Problem>& found : problems) {
      const bool deeper = std::none_of(found.begin(), found.end(), [&](const Problem& problem) {
        return problem.node == &node && problem.mark == node.mark;
      });
      if (deeper && !found.empty()) {
        std::move(found.begin(), found.end(), std::back_inserter(problems_));
        return;
      }
    }
    const std::string names = needed(parts);
    add(node, names.empty() ? what + " has none of the forms that the standard allows"
                            : what + " needs" + names.substr(1));
  }

  const json& root_;
  const std::map<std::string, std::regex>& patterns_;
  std::vector<Problem> problems_;
};

void collect_patterns(const json& node, std::map<std::string, std::regex>& patterns) {
  if (node.is_object()) {
    const auto pattern = node.find("pattern");
    if (pattern != node.end() && pattern->is_string()) {
      patterns.emplace(pattern->get<std::string>(), pattern->get<std::string>());
    }
  }
  if (node.is_structured()) {
    for (const json& part : node) {
      collect_patterns(part, patterns);
    }
  }
}

/// A keyword that nobody acts upon would let everything pass.
void check_keywords(const json& rule, bool names) {
  if (rule.is_array()) {
    for (const json& part : rule) {
      check_keywords(part, false);
    }
  }
  if (!rule.is_object()) {
    return;
  }
  for (const auto& [key, part] : rule.items()) {
    const bool grouped = key.ends_with("Source");  // #/$defs/ServerSource holds schemas by name
    SLUICE_CHECK(
        names || std::find(std::begin(kKeywords), std::end(kKeywords), key) != std::end(kKeywords),
        "a schema of the standard has a keyword that is not known");
    check_keywords(part, (!names && (key == "properties" || key == "$defs")) || (names && grouped));
  }
}

}  // namespace

struct JsonSchema::Rules {
  json root;
  std::map<std::string, std::regex> patterns;
};

JsonSchema::JsonSchema(std::string_view text) {
  auto rules = std::make_unique<Rules>();
  rules->root = json::parse(text);
  check_keywords(rules->root, false);
  collect_patterns(rules->root, rules->patterns);
  rules_ = std::move(rules);
}

JsonSchema::~JsonSchema() = default;

void JsonSchema::check(const Node& root, yaml::Diagnostics& diagnostics) const {
  Checker checker(rules_->root, rules_->patterns);
  Seen seen;
  checker.check(rules_->root, root, "", seen);
  std::set<std::pair<yaml::Mark, std::string>> told;  // parts that overlap say a thing twice
  for (Problem& problem : checker.take()) {
    if (!told.emplace(problem.mark, problem.message).second) {
      continue;
    }
    if (problem.message.starts_with(' ')) {
      problem.message.insert(0, "the contract");
    }
    diagnostics.add(*problem.node->source, problem.mark, std::move(problem.message),
                    std::move(problem.hint));
  }
}

}  // namespace sluice::contract::internal
