#include <fmt/format.h>

#include <memory>
#include <utility>

#include "sluice/dbt/internal/evaluate.h"
#include "sluice/dbt/internal/template_node.h"
#include "sluice/dbt/jinja.h"

namespace sluice::dbt {

struct JinjaMacro {
  internal::TemplateNode node;
};

namespace {

using base::Result;
using base::Status;
using internal::Branch;
using internal::NodeKind;
using internal::TemplateNode;

/// Renders nodes; `return()` of a macro ends it.
class Renderer {
 public:
  explicit Renderer(JinjaScope& scope)
      : scope_(scope),
        evaluator_(scope, [this](const JinjaMacro& macro, const JinjaArguments& arguments) {
          return call(macro, arguments);
        }) {
    scope_.functions["return"] = [this](const JinjaArguments& arguments) -> Result<JinjaValue> {
      returned_ = arguments.positional.empty() ? JinjaValue() : arguments.positional[0];
      has_returned_ = true;
      return JinjaValue("");
    };
    scope_.functions["range"] = [](const JinjaArguments& arguments) { return range(arguments); };
  }
  ~Renderer() {
    scope_.functions.erase("return");
    scope_.functions.erase("range");
  }
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  Status render(const std::vector<TemplateNode>& nodes, std::string& out) {
    for (const TemplateNode& node : nodes) {
      if (has_returned_) {
        return {};
      }
      if (++steps_ > kJinjaStepsMax) {
        return base::exhausted("the template does more than 200,000 steps");
      }
      if (Status done = render(node, out); !done) {
        base::Error error = done.error();
        if (!error.message.starts_with("line ")) {
          error.message = fmt::format("line {}: {}", node.line, error.message);
        }
        return error;
      }
    }
    return {};
  }

 private:
  static Result<JinjaValue> range(const JinjaArguments& arguments) {
    const auto number = [&](std::size_t i) {
      const std::int64_t* held = arguments.positional[i].integer();
      return held == nullptr ? 0 : *held;
    };
    const std::size_t count = arguments.positional.size();
    if (count == 0 || count > 3) {
      return base::invalid_input("range takes one to three numbers");
    }
    const std::int64_t from = count == 1 ? 0 : number(0);
    const std::int64_t to = number(count == 1 ? 0 : 1);
    const std::int64_t step = count == 3 ? number(2) : 1;
    if (step == 0 || (to - from) / step > kJinjaStepsMax) {
      return base::invalid_input("range is too long");
    }
    JinjaValue::List items;
    for (std::int64_t i = from; step > 0 ? i < to : i > to; i += step) {
      items.emplace_back(i);
    }
    return JinjaValue(std::move(items));
  }

  Status render(const TemplateNode& node, std::string& out) {
    switch (node.kind) {
      case NodeKind::kText:
        out += node.text;
        return {};
      case NodeKind::kOutput: {
        SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluator_.evaluate(*node.expression));
        out += value.is_none() ? "" : value.print();
        return {};
      }
      case NodeKind::kDo: {
        const auto value = evaluator_.evaluate(*node.expression);
        return value ? Status() : Status(value.error());
      }
      case NodeKind::kSet:
        return set(node);
      case NodeKind::kIf:
        return choose(node, out);
      case NodeKind::kFor:
        return loop(node, out);
      case NodeKind::kMacro:
        scope_.macros[node.text] = std::make_shared<const JinjaMacro>(JinjaMacro{node});
        return {};
    }
    return {};
  }

  Status set(const TemplateNode& node) {
    JinjaValue value;
    if (node.expression != nullptr) {
      SLUICE_ASSIGN_OR_RETURN(value, evaluator_.evaluate(*node.expression));
    } else {
      std::string text;
      SLUICE_RETURN_IF_ERROR(render(node.body, text));
      value = JinjaValue(std::move(text));
    }
    return assign(node.names, std::move(value));
  }

  Status assign(const std::vector<std::string>& names, JinjaValue value) {
    if (names.size() == 1) {
      scope_.variables[names[0]] = std::move(value);
      return {};
    }
    const JinjaValue::List* items = value.list();
    if (items == nullptr || items->size() != names.size()) {
      return base::invalid_input(fmt::format("{} names take a list of as many", names.size()));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      scope_.variables[names[i]] = (*items)[i];
    }
    return {};
  }

  Status choose(const TemplateNode& node, std::string& out) {
    for (const Branch& branch : node.branches) {
      bool taken = true;
      if (branch.condition != nullptr) {
        SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluator_.evaluate(*branch.condition));
        taken = value.truthy();
      }
      if (taken) {
        return render(branch.body, out);
      }
    }
    return {};
  }

  Result<JinjaValue::List> loop_items(const TemplateNode& node) {
    SLUICE_ASSIGN_OR_RETURN(const JinjaValue value, evaluator_.evaluate(*node.expression));
    JinjaValue::List items;
    if (value.list() != nullptr) {
      items = *value.list();
    } else if (value.map() != nullptr) {
      for (const auto& [key, held] : *value.map()) {
        items.emplace_back(key);
      }
    } else if (!value.is_none()) {
      return base::invalid_input("'for' goes through a list or a map");
    }
    if (node.condition == nullptr) {
      return items;
    }
    JinjaValue::List kept;
    for (JinjaValue& item : items) {
      SLUICE_RETURN_IF_ERROR(assign(node.names, item));
      SLUICE_ASSIGN_OR_RETURN(const JinjaValue wanted, evaluator_.evaluate(*node.condition));
      if (wanted.truthy()) {
        kept.push_back(std::move(item));
      }
    }
    return kept;
  }

  /// What is set inside of a loop is forgotten behind it, as Jinja has it.
  Status loop(const TemplateNode& node, std::string& out) {
    const auto outside = scope_.variables;
    auto items = loop_items(node);
    if (!items) {
      scope_.variables = outside;
      return items.error();
    }
    Status done;
    const auto count = static_cast<std::int64_t>(items->size());
    for (std::int64_t i = 0; done && i < count && !has_returned_; ++i) {
      scope_.variables = outside;
      done = assign(node.names, (*items)[static_cast<std::size_t>(i)]);
      scope_.variables["loop"] = JinjaValue(JinjaValue::Map{{"index", i + 1},
                                                            {"index0", i},
                                                            {"first", i == 0},
                                                            {"last", i + 1 == count},
                                                            {"length", count}});
      if (done) {
        done = render(node.body, out);
      }
    }
    scope_.variables = outside;
    if (done && count == 0 && !node.branches.empty()) {
      return render(node.branches[0].body, out);
    }
    return done;
  }

  Result<JinjaValue> call(const JinjaMacro& macro, const JinjaArguments& arguments) {
    if (++depth_ > kJinjaDepthMax) {
      return base::exhausted(fmt::format("macro '{}' calls itself without end", macro.node.text));
    }
    const auto outside = scope_.variables;
    Status bound = bind(macro.node, arguments);
    std::string text;
    if (bound) {
      bound = render(macro.node.body, text);
    }
    scope_.variables = outside;
    --depth_;
    if (!bound) {
      return bound.error().in("macro " + macro.node.text);
    }
    if (has_returned_) {
      has_returned_ = false;
      return std::exchange(returned_, JinjaValue());
    }
    return JinjaValue(std::move(text));
  }

  Status bind(const TemplateNode& macro, const JinjaArguments& arguments) {
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
      const auto& [name, value] = macro.parameters[i];
      const auto named = arguments.named.find(name);
      if (named != arguments.named.end()) {
        scope_.variables[name] = named->second;
      } else if (i < arguments.positional.size()) {
        scope_.variables[name] = arguments.positional[i];
      } else if (value != nullptr) {
        SLUICE_ASSIGN_OR_RETURN(scope_.variables[name], evaluator_.evaluate(*value));
      } else {
        scope_.variables[name] = JinjaValue();
      }
    }
    return {};
  }

  JinjaScope& scope_;
  internal::Evaluator evaluator_;
  JinjaValue returned_;
  bool has_returned_ = false;
  int steps_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<std::string> render_jinja(std::string_view text, JinjaScope& scope) {
  SLUICE_ASSIGN_OR_RETURN(const auto nodes, internal::parse_template(text));
  std::string out;
  Renderer renderer(scope);
  SLUICE_RETURN_IF_ERROR(renderer.render(nodes, out));
  return out;
}

}  // namespace sluice::dbt
