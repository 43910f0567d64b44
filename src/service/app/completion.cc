#include "sluice/app/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/base/text.h"

namespace sluice::app {

namespace {

std::string words_of(const CommandShape& command) {
  std::vector<std::string> words = command.subcommands;
  for (const OptionShape& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
  }
  return base::join(words, " ");
}

bool names_tables(const CommandShape& command) {
  return std::any_of(command.options.begin(), command.options.end(), [](const OptionShape& option) {
    return option.names.empty() && option.names_tables;
  });
}

/// Names of all options that are wanted, each once.
template <class Wanted>
std::vector<std::string> option_names(const std::vector<CommandShape>& commands, Wanted wanted) {
  std::vector<std::string> names;
  for (const CommandShape& command : commands) {
    for (const OptionShape& option : command.options) {
      for (const std::string& name : option.names) {
        if (wanted(option) && std::find(names.begin(), names.end(), name) == names.end()) {
          names.push_back(name);
        }
      }
    }
  }
  return names;
}

std::string bash_script(const std::vector<CommandShape>& commands) {
  std::string paths;
  std::string cases;
  for (const CommandShape& command : commands) {
    const std::string path = base::join(command.path, " ");
    if (!path.empty()) {
      paths += (paths.empty() ? "" : "|") + fmt::format("\"{}\"", path);
    }
    cases += fmt::format("    \"{}\") words=\"{}{}\" ;;\n", path, words_of(command),
                         names_tables(command) ? " $(sluice completion tables 2>/dev/null)" : "");
  }
  const auto tables =
      option_names(commands, [](const auto& option) { return option.names_tables; });
  const auto others = option_names(
      commands, [](const auto& option) { return option.takes_value && !option.names_tables; });
  return fmt::format(
      "# Completion of sluice for bash: source this file, or put it into bash-completion's "
      "folder.\n"
      "_sluice() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
      "  local path=\"\" word words=\"\" next\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    next=\"${{path:+$path }}$word\"\n"
      "    case \"$next\" in\n"
      "      {}) path=\"$next\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$previous\" in\n"
      "    {}) words=\"$(sluice completion tables 2>/dev/null)\" ;;\n"
      "    {}) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
      "    *) case \"$path\" in\n"
      "{}"
      "    esac ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}}\n"
      "complete -F _sluice sluice\n",
      paths, base::join(tables, "|"), base::join(others, "|"), cases);
}

std::string quoted_for_fish(std::string text) {
  std::string quoted;
  for (const char c : text) {
    quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return "'" + quoted + "'";
}

std::string fish_condition(const CommandShape& command) {
  if (command.path.empty()) {
    return "__fish_use_subcommand";
  }
  std::vector<std::string> parts;
  for (const std::string& word : command.path) {
    parts.push_back("__fish_seen_subcommand_from " + word);
  }
  if (!command.subcommands.empty()) {
    parts.push_back("not __fish_seen_subcommand_from " + base::join(command.subcommands, " "));
  }
  return base::join(parts, "; and ");
}

const CommandShape* find(const std::vector<CommandShape>& commands,
                         const std::vector<std::string>& path) {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const CommandShape& one) { return one.path == path; });
  return found == commands.end() ? nullptr : &*found;
}

std::string fish_script(const std::vector<CommandShape>& commands) {
  constexpr const char* kTables = " -a '(sluice completion tables 2>/dev/null)'";
  std::string script = "# Completion of sluice for fish.\ncomplete -c sluice -f\n";
  for (const CommandShape& command : commands) {
    const std::string head = "complete -c sluice -n " + quoted_for_fish(fish_condition(command));
    for (const std::string& name : command.subcommands) {
      std::vector<std::string> path = command.path;
      path.push_back(name);
      const CommandShape* shape = find(commands, path);
      script += fmt::format("{} -a {} -d {}\n", head, name,
                            quoted_for_fish(shape == nullptr ? "" : shape->help));
    }
    for (const OptionShape& option : command.options) {
      std::string line = head;
      for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      line += option.takes_value && !option.names.empty() ? " -r" : "";
      line += option.names_tables ? kTables : "";
      if (!option.names.empty() || option.names_tables) {
        script += line + " -d " + quoted_for_fish(option.help) + "\n";
      }
    }
  }
  return script;
}

/// Keeps groff from reading a text as a request, or a dash as a hyphen.
std::string for_groff(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  }
  return safe.starts_with('.') || safe.starts_with('\'') ? "\\&" + safe : safe;
}

}  // namespace

std::string completion_script(const std::vector<CommandShape>& commands, std::string_view shell) {
  if (shell == "fish") {
    return fish_script(commands);
  }
  if (shell == "zsh") {
    return "#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(commands);
  }
  return bash_script(commands);
}

std::string manual_page(const std::vector<CommandShape>& commands, std::string_view version) {
  std::string page = fmt::format(
      ".TH SLUICE 1 \"\" \"sluice {}\" \"User Commands\"\n.SH NAME\nsluice \\- {}\n"
      ".SH SYNOPSIS\n.B sluice\n.I command\n[\\fIoptions\\fR]\n.SH COMMANDS\n",
      version, for_groff(commands.empty() ? "" : commands.front().help));
  for (const CommandShape& command : commands) {
    if (command.path.empty() || !command.subcommands.empty()) {
      continue;
    }
    page += fmt::format(".SS sluice {}\n{}.\n", for_groff(base::join(command.path, " ")),
                        for_groff(command.help));
    for (const OptionShape& option : command.options) {
      const std::string name = option.names.empty() ? "argument" : base::join(option.names, ", ");
      page += fmt::format(".TP\n\\fB{}\\fR\n{}\n", for_groff(name), for_groff(option.help));
    }
  }
  page +=
      ".SH EXIT STATUS\n.TP\n0\nall is well\n.TP\n1\na check failed: a run, a test, an "
      "audit\n.TP\n2\n"
      "wrong usage, or input or output failed\n";
  return page;
}

}  // namespace sluice::app
