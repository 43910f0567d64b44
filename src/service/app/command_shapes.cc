#include "sluice/app/command_shapes.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <utility>

namespace sluice::app {

namespace {

constexpr std::array kTableOptions = {"--select", "--source", "--table"};

OptionShape shape_of(const CLI::Option& option) {
  OptionShape shape;
  for (const std::string& name : option.get_snames()) {
    shape.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    shape.names.push_back("--" + name);
  }
  shape.help = option.get_description();
  shape.takes_value = option.get_items_expected_max() > 0;
  shape.names_tables = std::any_of(shape.names.begin(), shape.names.end(), [](const auto& name) {
    return std::find(kTableOptions.begin(), kTableOptions.end(), name) != kTableOptions.end();
  });
  return shape;
}

void add_shapes(const CLI::App& app, std::vector<std::string> path,
                std::vector<CommandShape>& shapes) {
  CommandShape shape;
  shape.path = path;
  shape.help = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    shape.options.push_back(shape_of(*option));
    if (shape.options.back().names_tables && option->get_positional()) {
      // Also taken without its name.
      OptionShape argument = shape.options.back();
      argument.names.clear();
      shape.options.push_back(std::move(argument));
    }
  }
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) {
    shape.subcommands.push_back(command->get_name());
  }
  shapes.push_back(std::move(shape));
  for (const CLI::App* command : commands) {
    std::vector<std::string> below = path;
    below.push_back(command->get_name());
    add_shapes(*command, std::move(below), shapes);
  }
}

}  // namespace

std::vector<CommandShape> shapes_of(const CLI::App& app) {
  std::vector<CommandShape> shapes;
  add_shapes(app, {}, shapes);
  return shapes;
}

}  // namespace sluice::app
