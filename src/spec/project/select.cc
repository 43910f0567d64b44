#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/graph.h"

namespace sluice::project {

namespace {

using base::Result;

constexpr int kAllSteps = std::numeric_limits<int>::max();
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMethods[] = {"tag", "path", "source", "state"};

/// `2+tag:nightly+`: `upstream` and `downstream` are steps, 0 for none.
struct Term {
  std::string method;  // "" for a name
  std::string name;
  int upstream = 0;
  int downstream = 0;

  bool plain() const {
    return method.empty() && upstream == 0 && downstream == 0 &&
           name.find_first_of("*?") == std::string::npos;
  }
};

/// Reads the steps written beside a `+`; without a number all are meant.
std::optional<int> steps(std::string_view text) {
  if (text.empty()) {
    return kAllSteps;
  }
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size() && number > 0
             ? std::optional(number)
             : std::nullopt;
}

base::Error no_term(std::string_view text, std::string_view why) {
  return base::invalid_input(fmt::format("'{}' selects nothing: {}", text, why));
}

Result<Term> parse_term(std::string_view text) {
  Term term;
  std::string_view rest = text;
  if (const std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
    // Names hold no plus: what stands before the first is the upstream's steps or the name.
    if (const auto found = steps(rest.substr(0, plus))) {
      term.upstream = *found;
      rest.remove_prefix(plus + 1);
    }
  }
  if (const std::size_t plus = rest.rfind('+'); plus != std::string_view::npos) {
    const auto found = steps(rest.substr(plus + 1));
    if (!found) {
      return no_term(text, "after + stands a number of steps, or nothing");
    }
    term.downstream = *found;
    rest = rest.substr(0, plus);
  }
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    term.method = rest.substr(0, colon);
    if (std::find(std::begin(kMethods), std::end(kMethods), term.method) == std::end(kMethods)) {
      return no_term(text, "there are tag:, path:, source: and state:");
    }
    rest.remove_prefix(colon + 1);
    if (rest.empty()) {
      return no_term(text, fmt::format("after {}: stands a name", term.method));
    }
  }
  term.name = rest;
  return term;
}

/// Splits at any of the characters, leaving out empty parts.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    std::string word(text.substr(at, end - at));
    const bool joined = !parts.empty() && (parts.back().ends_with(',') || word.starts_with(','));
    if (joined) {
      parts.back() += word;  // `a, b` is one word
    } else {
      parts.push_back(std::move(word));
    }
    at = text.find_first_not_of(kBlanks, end);
  }
  return parts;
}

/// Chooses tables of one graph.
class Chooser {
 public:
  Chooser(const Project& project, const Graph& graph, const Selection& selection)
      : project_(project), graph_(graph), selection_(selection) {}

  Result<std::vector<bool>> choose(std::string_view expression) const {
    std::vector<bool> chosen(graph_.tables.size(), false);
    for (const std::string& word : words(expression)) {
      SLUICE_ASSIGN_OR_RETURN(const auto found, choose_word(word));
      unite(chosen, found);
    }
    return chosen;
  }

  /// The sources that a term names, and not only reaches.
  Result<std::vector<bool>> named_sources(std::string_view expression) const {
    std::vector<bool> named(graph_.tables.size(), false);
    for (const std::string& word : words(expression)) {
      for (const std::string& part : base::split(word, ',')) {
        SLUICE_ASSIGN_OR_RETURN(const Term term, parse_term(part));
        if (!term.method.empty() && term.method != "source") {
          continue;
        }
        for (std::size_t at = 0; at < graph_.tables.size(); ++at) {
          SLUICE_ASSIGN_OR_RETURN(const bool meant, matches(term, at));
          named[at] = named[at] || meant;
        }
      }
    }
    return named;
  }

 private:
  using Edges = std::vector<std::size_t> GraphTable::*;

  static void unite(std::vector<bool>& chosen, const std::vector<bool>& more) {
    for (std::size_t at = 0; at < chosen.size(); ++at) {
      chosen[at] = chosen[at] || more[at];
    }
  }

  Result<std::vector<bool>> choose_word(const std::string& word) const {
    std::vector<Term> terms;
    for (const std::string& part : base::split(word, ',')) {
      SLUICE_ASSIGN_OR_RETURN(Term term, parse_term(part));
      terms.push_back(std::move(term));
    }
    const bool names_alone =
        std::all_of(terms.begin(), terms.end(), [](const Term& term) { return term.plain(); });
    std::vector<bool> chosen(graph_.tables.size(), !names_alone);
    for (const Term& term : terms) {
      SLUICE_ASSIGN_OR_RETURN(const auto found, choose_term(term));
      for (std::size_t at = 0; at < chosen.size(); ++at) {
        chosen[at] = names_alone ? chosen[at] || found[at] : chosen[at] && found[at];
      }
    }
    return chosen;
  }

  Result<std::vector<bool>> choose_term(const Term& term) const {
    std::vector<bool> chosen(graph_.tables.size(), false);
    bool any = false;
    for (std::size_t at = 0; at < graph_.tables.size(); ++at) {
      SLUICE_ASSIGN_OR_RETURN(const bool meant, matches(term, at));
      if (!meant) {
        continue;
      }
      any = true;
      chosen[at] = true;
      walk(at, &GraphTable::upstream, term.upstream, chosen);
      walk(at, &GraphTable::downstream, term.downstream, chosen);
    }
    if (!any && term.method != "state") {
      return unknown(term);
    }
    return chosen;
  }

  Result<bool> matches(const Term& term, std::size_t at) const {
    const GraphTable& table = graph_.tables[at];
    if (term.method.empty()) {
      return base::glob_matches(term.name, table.name);
    }
    if (term.method == "tag") {
      const auto& tags = tags_of(table);
      return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
        return base::glob_matches(term.name, tag);
      });
    }
    if (term.method == "path") {
      const std::string& file = file_of(table);
      const std::string folder = term.name.ends_with('/') ? term.name : term.name + "/";
      return file.starts_with(folder) || base::glob_matches(term.name, file);
    }
    if (term.method == "source") {
      return table.kind == TableKind::kSource &&
             (base::glob_matches(term.name, table.name) ||
              base::glob_matches(term.name, project_.sources[table.index].name));
    }
    return matches_state(term, at);
  }

  Result<bool> matches_state(const Term& term, std::size_t at) const {
    if (term.name != "modified" && term.name != "new") {
      return no_term("state:" + term.name, "there are state:modified and state:new");
    }
    if (!selection_.state) {
      return base::unsupported("state: can be selected by plan, apply and run alone");
    }
    const DefinitionState state = selection_.state(at);
    return term.name == "new" ? state == DefinitionState::kNew : state != DefinitionState::kSame;
  }

  const std::vector<std::string>& tags_of(const GraphTable& table) const {
    return table.kind == TableKind::kSource ? project_.sources[table.index].tags
                                            : project_.models[table.index].tags;
  }

  const std::string& file_of(const GraphTable& table) const {
    return table.kind == TableKind::kSource ? project_.sources[table.index].file
                                            : project_.models[table.index].file;
  }

  void walk(std::size_t start, Edges edges, int steps, std::vector<bool>& chosen) const {
    std::vector<bool> seen(graph_.tables.size(), false);
    std::vector<std::size_t> level = {start};
    for (int step = 0; step < steps && !level.empty(); ++step) {
      std::vector<std::size_t> next;
      for (const std::size_t at : level) {
        for (const std::size_t neighbour : graph_.tables[at].*edges) {
          if (!seen[neighbour]) {
            seen[neighbour] = true;
            chosen[neighbour] = true;
            next.push_back(neighbour);
          }
        }
      }
      level = std::move(next);
    }
  }

  base::Error unknown(const Term& term) const {
    std::vector<std::string> names;
    for (const GraphTable& table : graph_.tables) {
      if (term.method == "tag") {
        const auto& tags = tags_of(table);
        names.insert(names.end(), tags.begin(), tags.end());
      } else if (term.method == "path") {
        names.push_back(file_of(table));
      } else if (term.method != "source") {
        names.push_back(table.name);
      } else if (table.kind == TableKind::kSource) {
        names.push_back(project_.sources[table.index].name);
      }
    }
    const std::string near = base::nearest(term.name, names);
    const std::string what = term.method.empty() ? "" : term.method + ":";
    return base::not_found(
        fmt::format("no table matches '{}{}'{}", what, term.name,
                    near.empty() ? "" : "; did you mean '" + what + near + "'?"));
  }

  const Project& project_;
  const Graph& graph_;
  const Selection& selection_;
};

}  // namespace

bool Selection::everything() const { return words(select).empty() && words(exclude).empty(); }

Result<std::vector<std::size_t>> select(const Project& project, const Graph& graph,
                                        const Selection& selection) {
  const Chooser chooser(project, graph, selection);
  std::vector<bool> chosen(graph.tables.size(), true);
  if (!words(selection.select).empty()) {
    SLUICE_ASSIGN_OR_RETURN(chosen, chooser.choose(selection.select));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::vector<bool> left_out, chooser.choose(selection.exclude));
  if (selection.sources_by_name) {
    SLUICE_ASSIGN_OR_RETURN(const auto named, chooser.named_sources(selection.select));
    for (std::size_t at = 0; at < graph.tables.size(); ++at) {
      chosen[at] = chosen[at] && (graph.tables[at].kind == TableKind::kModel || named[at]);
    }
  }
  std::vector<std::size_t> indexes;
  for (std::size_t at = 0; at < graph.tables.size(); ++at) {
    if (chosen[at] && !left_out[at]) {
      indexes.push_back(at);
    }
  }
  return indexes;
}

}  // namespace sluice::project
