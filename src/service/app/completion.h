#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

/// An option or argument of a command, as shells and manuals need it.
struct OptionShape {
  std::vector<std::string> names;  // with their dashes; none for an argument
  std::string help;
  bool takes_value = false;
  bool names_tables = false;  // its value is the name of a table
};

/// A command with what it takes; `path` is empty for the program itself.
struct CommandShape {
  std::vector<std::string> path;  // `quarantine`, `list`
  std::string help;
  std::vector<OptionShape> options;
  std::vector<std::string> subcommands;
};

/// Writes the script that completes commands, options and names of tables in a shell: bash, zsh or
/// fish. The commands come first with the program itself. Names of tables are asked of the program
/// at the time (`sluice completion tables`).
std::string completion_script(const std::vector<CommandShape>& commands, std::string_view shell);

/// Writes the manual page (man 7 groff_man).
std::string manual_page(const std::vector<CommandShape>& commands, std::string_view version);

}  // namespace sluice::app
