#include "sluice/project/internal/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/base/text.h"
#include "sluice/project/internal/table_name.h"
#include "sluice/sql/quote.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kPrefix = "vars.";
constexpr std::size_t kDecimalDigitsMax = 38;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size();
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && text.size() <= kDecimalDigitsMax &&
         all_digits(text.substr(0, dot)) && all_digits(text.substr(dot + 1));
}

bool is_date(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         base::parse_iso8601(std::string(text) + "T00:00:00Z").ok();
}

VariableType type_of(const Node& node, const std::string& text) {
  if (node.quoted) {
    return VariableType::kText;
  }
  if (text == "true" || text == "false") {
    return VariableType::kBoolean;
  }
  return is_integer(text)   ? VariableType::kInteger
         : is_decimal(text) ? VariableType::kDecimal
         : is_date(text)    ? VariableType::kDate
                            : VariableType::kText;
}

bool fits(VariableType type, const std::string& text) {
  switch (type) {
    case VariableType::kInteger:
      return is_integer(text);
    case VariableType::kDecimal:
      return is_decimal(text) || is_integer(text);
    case VariableType::kBoolean:
      return text == "true" || text == "false";
    case VariableType::kDate:
      return is_date(text);
    case VariableType::kText:
      return true;
  }
  return false;
}

Variable* find(Project& project, std::string_view name) {
  const auto found = std::find_if(project.variables.begin(), project.variables.end(),
                                  [&](const Variable& variable) { return variable.name == name; });
  return found == project.variables.end() ? nullptr : &*found;
}

std::string hint_of_nearest(const Project& project, std::string_view name) {
  std::vector<std::string> names;
  for (const Variable& variable : project.variables) {
    names.push_back(variable.name);
  }
  const std::string near = base::nearest(name, names);
  return near.empty() ? "declare it under 'vars' in sluice.yaml" : "did you mean '" + near + "'?";
}

void read_declared(const Node& vars, Project& project, Reader& reader) {
  if (!reader.expect_map(vars, "vars")) {
    return;
  }
  for (std::size_t i = 0; i < vars.keys.size(); ++i) {
    const std::string& name = vars.keys[i].name;
    if (!is_name(name)) {
      reader.add_at_key(vars, name, "'" + name + "' cannot name a variable",
                        "use lower-case letters, digits and _");
    } else if (auto text = reader.text(vars.children[i], "variable '" + name + "'")) {
      const VariableType type = type_of(vars.children[i], *text);
      project.variables.push_back({name, type, std::move(*text)});
    }
  }
  std::sort(project.variables.begin(), project.variables.end(),
            [](const Variable& a, const Variable& b) { return a.name < b.name; });
}

void read_overrides(const Node& vars, Project& project, Reader& reader) {
  if (!reader.expect_map(vars, "vars")) {
    return;
  }
  for (std::size_t i = 0; i < vars.keys.size(); ++i) {
    const std::string& name = vars.keys[i].name;
    Variable* variable = find(project, name);
    const auto text = reader.text(vars.children[i], "variable '" + name + "'");
    if (variable == nullptr) {
      reader.add_at_key(vars, name, "variable '" + name + "' is not declared",
                        hint_of_nearest(project, name));
    } else if (text && !fits(variable->type, *text)) {
      reader.add(vars.children[i], fmt::format("variable '{}' is {}, which '{}' is not", name,
                                               to_text(variable->type), *text));
    } else if (text) {
      variable->text = *text;
    }
  }
}

}  // namespace

base::Status read_variables(const Node& root, const std::string& target,
                            const GivenVariables& given, Project& project, Reader& reader) {
  if (const Node* vars = root.find("vars")) {
    read_declared(*vars, project, reader);
  }
  const Node* targets = root.find("targets");
  const Node* used = targets == nullptr ? nullptr : targets->find(target);
  if (const Node* vars = used == nullptr ? nullptr : used->find("vars")) {
    read_overrides(*vars, project, reader);
  }
  for (const auto& [name, text] : given) {
    Variable* variable = find(project, name);
    if (variable == nullptr) {
      return base::not_found(fmt::format("--var {}: there is no such variable; {}", name,
                                         hint_of_nearest(project, name)));
    }
    if (!fits(variable->type, text)) {
      return base::invalid_input(fmt::format("--var {}: it is {}, which '{}' is not", name,
                                             to_text(variable->type), text));
    }
    variable->text = text;
  }
  return {};
}

yaml::EnvLookup with_variables(yaml::EnvLookup env, const Project& project) {
  return [env = std::move(env), &project](std::string_view name) -> std::optional<std::string> {
    if (!name.starts_with(kPrefix)) {
      return env ? env(name) : std::nullopt;
    }
    const Variable* variable = project.find_variable(name.substr(kPrefix.size()));
    return variable == nullptr ? std::nullopt : std::optional(variable->text);
  };
}

std::string sql_literal(const Variable& variable) {
  switch (variable.type) {
    case VariableType::kInteger:
      return fmt::format("CAST({} AS BIGINT)", variable.text);
    case VariableType::kDecimal: {
      const std::size_t dot = variable.text.find('.');
      const std::size_t scale = dot == std::string::npos ? 0 : variable.text.size() - dot - 1;
      return fmt::format("CAST({} AS DECIMAL({},{}))", variable.text, kDecimalDigitsMax, scale);
    }
    case VariableType::kBoolean:
      return variable.text;
    case VariableType::kDate:
      return fmt::format("DATE {}", sql::quote_literal(variable.text));
    case VariableType::kText:
      return sql::quote_literal(variable.text);
  }
  return "NULL";
}

sql::BoundStatement bind_variables_of(const Project& project, const Model& model) {
  std::vector<std::string> names;
  for (const Variable& variable : project.variables) {
    names.push_back(variable.name);
  }
  return sql::bind_variables(
      model.sql(),
      [&](std::string_view name) -> std::optional<std::string> {
        const Variable* variable = project.find_variable(name);
        return variable == nullptr ? std::nullopt : std::optional(sql_literal(*variable));
      },
      names);
}

}  // namespace sluice::project::internal
