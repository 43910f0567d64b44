#include "sluice/yaml/internal/expand.h"

#include <cctype>
#include <cstdlib>

namespace sluice::yaml {

EnvLookup process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

namespace internal {

namespace {

constexpr std::string_view kProjectVariable = "vars.";

/// `NAME` of the environment, or `vars.name` of the project.
bool is_variable_name(std::string_view name) {
  if (name.starts_with(kProjectVariable)) {
    name.remove_prefix(kProjectVariable.size());
  }
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
    return false;
  }
  for (const char c : name) {
    if (c != '_' && std::isalnum(static_cast<unsigned char>(c)) == 0) {
      return false;
    }
  }
  return true;
}

/// Resolves what stands between the braces.
std::optional<std::string> resolve(std::string_view inside, const EnvLookup& env,
                                   ExpandProblem& problem) {
  const std::size_t dash = inside.find(":-");
  const std::string_view name = inside.substr(0, dash);
  if (!is_variable_name(name)) {
    problem.message = "'${" + std::string(inside) + "}' names no variable";
    problem.hint = "write ${NAME} or ${NAME:-default}; a dollar sign by itself is $$";
    return std::nullopt;
  }
  std::optional<std::string> value = env(name);
  if (dash != std::string_view::npos && (!value || value->empty())) {
    return std::string(inside.substr(dash + 2));
  }
  if (!value) {
    problem.message = "the variable " + std::string(name) + " is not set";
    problem.hint = name.starts_with(kProjectVariable)
                       ? "declare it under 'vars' in sluice.yaml"
                       : "export it, or write ${" + std::string(name) + ":-default}";
  }
  return value;
}

}  // namespace

std::optional<std::string> expand(std::string_view text, const EnvLookup& env,
                                  ExpandProblem& problem) {
  std::string expanded;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t dollar = text.find('$', at);
    expanded += text.substr(at, dollar - at);
    if (dollar == std::string_view::npos) {
      break;
    }
    const char next = dollar + 1 < text.size() ? text[dollar + 1] : '\0';
    if (next == '$') {
      expanded += '$';
      at = dollar + 2;
      continue;
    }
    if (next != '{') {
      expanded += '$';
      at = dollar + 1;
      continue;
    }
    problem.offset = dollar;
    const std::size_t brace = text.find('}', dollar);
    if (brace == std::string_view::npos) {
      problem.message = "'${' without '}'";
      problem.hint = "a dollar sign by itself is $$";
      return std::nullopt;
    }
    std::optional<std::string> value =
        resolve(text.substr(dollar + 2, brace - dollar - 2), env, problem);
    if (!value) {
      return std::nullopt;
    }
    expanded += *value;
    at = brace + 1;
  }
  return expanded;
}

}  // namespace internal
}  // namespace sluice::yaml
