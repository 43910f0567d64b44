#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/contract/internal/place.h"
#include "sluice/contract/internal/value_rules.h"
#include "sluice/contract/path.h"

namespace sluice::contract::internal {

namespace {

using yaml::Node;
using yaml::Reader;

struct NestedName {
  std::string_view logical;
  NestedKind kind;
  std::vector<std::string_view> physical;  // what databases call it
  std::string_view parts;                  // the key that says what is inside
};

const std::vector<NestedName>& nested_names() {
  static const std::vector<NestedName> kNames = {
      {"object", NestedKind::kStruct, {"object", "struct", "row", "record", "tuple"}, "properties"},
      {"array", NestedKind::kList, {"array", "list", "repeated"}, "items"},
      {"map", NestedKind::kMap, {"map"}, "map"},
  };
  return kNames;
}

/// The word that a physical type begins with: `struct` of `STRUCT<a INT>`. `INT[]` is an array.
std::string physical_word(const std::string& physical) {
  if (base::trim(physical).ends_with(']')) {
    return "array";
  }
  const std::string text = base::lower(base::trim(physical));
  return text.substr(0, text.find_first_of("<( "));
}

const NestedName& name_of(NestedKind kind) {
  return *std::find_if(nested_names().begin(), nested_names().end(),
                       [&](const NestedName& name) { return name.kind == kind; });
}

bool stores(const NestedName& name, const std::string& physical) {
  const std::string word = physical_word(physical);
  return std::find(name.physical.begin(), name.physical.end(), word) != name.physical.end();
}

std::string scalar_at(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->is_scalar() ? found->text : "";
}

/// Reads one column of a nested type from the outside in.
class NestedReader {
 public:
  NestedReader(const std::string& column, NestedProperties& inside, Reader& reader)
      : column_(column), inside_(inside), reader_(reader) {}

  std::optional<data::Type> read(const Node& node, NestedKind kind, const Path& path,
                                 QualityRules& quality) {
    const std::string physical = scalar_at(node, "physicalType");
    const NestedName& name = name_of(kind);
    if (!physical.empty() && !stores(name, physical)) {
      reader_.add_at_key(
          node, "physicalType",
          fmt::format("physicalType '{}' does not store logicalType '{}'", physical, name.logical));
    }
    if (path.size() + 1 >= static_cast<std::size_t>(data::kTypeDepthMax)) {
      reader_.add(node,
                  fmt::format("a column nests no deeper than {} levels", data::kTypeDepthMax));
      return std::nullopt;
    }
    const std::size_t first = rules_.size();
    const Node* parts =
        reader_.required(node, name.parts, fmt::format("a property of type {}", name.logical));
    auto type = parts == nullptr ? std::nullopt : read_parts(*parts, kind, path);
    if (!type) {
      return std::nullopt;
    }
    add_own_rules(node, *type, path, quality, first);
    return type;
  }

  std::vector<RowRule> take() { return std::move(rules_); }

 private:
  static Path with(Path path, PathStep::Kind kind, std::string name = "") {
    path.push_back({kind, std::move(name)});
    return path;
  }

  std::optional<data::Type> read_parts(const Node& parts, NestedKind kind, const Path& path) {
    switch (kind) {
      case NestedKind::kStruct:
        return read_members(parts, path);
      case NestedKind::kList: {
        auto items = read_part(parts, with(path, PathStep::Kind::kItem));
        return items ? std::optional(data::list_type(std::move(*items))) : std::nullopt;
      }
      case NestedKind::kMap:
        return read_entries(parts, path);
    }
    return std::nullopt;
  }

  std::optional<data::Type> read_members(const Node& parts, const Path& path) {
    if (!reader_.expect_list(parts, "properties")) {
      return std::nullopt;
    }
    if (parts.children.empty()) {
      reader_.add(parts, fmt::format("'{}' needs at least one property", to_text(column_, path)));
      return std::nullopt;
    }
    std::vector<data::Field> members;
    std::map<std::string, yaml::Mark> seen;
    for (const Node& node : parts.children) {
      std::string property;
      if (!reader_.expect_map(node, "a property")) {
        continue;
      }
      const auto name = read_property_name(node, property, reader_);
      if (!name) {
        continue;
      }
      const Path member_path = with(path, PathStep::Kind::kMember, *name);
      const auto [first, fresh] = seen.emplace(base::lower(*name), node.mark);
      if (!fresh) {
        reader_.add(node,
                    fmt::format("property '{}' is declared twice: here and at {}",
                                to_text(column_, member_path), place(*node.source, first->second)),
                    "names that differ only in case are one name");
        continue;
      }
      auto type = read_part(node, member_path);
      if (!type) {
        continue;
      }
      data::Field member;
      member.name = *name;
      member.type = std::move(*type);
      member.doc = text_or_empty(node, "description", reader_);
      members.push_back(std::move(member));
    }
    return members.size() == parts.children.size()
               ? std::optional(data::struct_type(std::move(members)))
               : std::nullopt;
  }

  std::optional<data::Type> read_entries(const Node& parts, const Path& path) {
    if (!reader_.expect_map(parts, "map")) {
      return std::nullopt;
    }
    const Node* key = reader_.required(parts, "key", "a map");
    const Node* value = reader_.required(parts, "value", "a map");
    if (key == nullptr || value == nullptr) {
      return std::nullopt;
    }
    if (nested_kind_of(*key)) {
      reader_.add(*key, fmt::format("the keys of '{}' must be scalars", to_text(column_, path)));
      return std::nullopt;
    }
    auto key_type = read_part(*key, with(path, PathStep::Kind::kKey));
    auto value_type = read_part(*value, with(path, PathStep::Kind::kValue));
    if (!key_type || !value_type) {
      return std::nullopt;
    }
    return data::map_type(std::move(*key_type), std::move(*value_type));
  }

  std::optional<data::Type> read_part(const Node& node, const Path& path) {
    if (!reader_.expect_map(node, "a property")) {
      return std::nullopt;
    }
    refuse_keys(node, path);
    note(node, path);
    QualityRules quality;
    std::optional<data::Type> type;
    if (const auto kind = nested_kind_of(node)) {
      type = read(node, *kind, path, quality);
    } else if (auto values = read_scalar(node, to_text(column_, path), quality, reader_)) {
      for (RowRule& rule : values->rules) {
        rule.path = path;
        rules_.push_back(std::move(rule));
      }
      for (WrittenForm& form : values->forms) {
        form.path = path;
        inside_.forms.push_back(std::move(form));
      }
      type = std::move(values->type);
    }
    if (!quality.keys.empty() || !quality.table_rules.empty()) {
      reader_.add_at_key(node, "quality",
                         fmt::format("a rule over all rows cannot be executed on '{}', which is "
                                     "inside of a column",
                                     to_text(column_, path)),
                         "only rules that allow no offender can, such as mustBe: 0");
    }
    std::move(quality.kept.begin(), quality.kept.end(), std::back_inserter(inside_.kept));
    std::move(quality.names.begin(), quality.names.end(), std::back_inserter(inside_.names));
    return type;
  }

  void refuse_keys(const Node& node, const Path& path) {
    for (const std::string_view key : {"primaryKey", "unique", "relationships"}) {
      if (node.find(key) != nullptr && (key == "relationships" || flag(node, key, reader_))) {
        reader_.add_at_key(node, key,
                           fmt::format("'{}' of '{}' cannot be executed: it is inside of a column",
                                       key, to_text(column_, path)),
                           "give a column of its own to what is compared");
      }
    }
  }

  void note(const Node& node, const Path& path) {
    ColumnNotes notes;
    notes.column = column_;
    notes.path = path;
    notes.name = to_text(column_, path);
    read_notes(node, notes, inside_.kept, reader_);
    if (!notes.id.empty() || !notes.classification.empty() || !notes.tags.empty() ||
        notes.critical) {
      inside_.notes.push_back(std::move(notes));
    }
  }

  /// Whether a value is there is judged before what is in it, how much is in it after that.
  void add_own_rules(const Node& node, const data::Type& type, const Path& path,
                     QualityRules& quality, std::size_t first) {
    const std::string name = to_text(column_, path);
    ColumnRules before(name, type, reader_);
    if (flag(node, "required", reader_)) {
      before.add_required(node.key_mark("required"), Severity::kError);
    }
    if (const Node* rules = node.find("quality")) {
      read_column_quality(*rules, before, quality, reader_);
    }
    if (const Node* allowed = node.find("enum")) {
      reader_.add(*allowed, fmt::format("enum cannot judge '{}', a {}", name, data::to_text(type)));
    }
    std::vector<RowRule> own = before.take();
    for (const RowRule& rule : own) {
      if (rule.kind != RowRuleKind::kRequired) {
        reader_.add_at_key(node, "quality",
                           fmt::format("rule '{}' cannot judge '{}', a {}", to_text(rule.kind),
                                       name, data::to_text(type)));
      }
    }
    insert(std::move(own), path, first);
    ColumnRules after(name, type, reader_);
    const Node* options = node.find("logicalTypeOptions");
    if (options != nullptr && reader_.expect_map(*options, "logicalTypeOptions")) {
      add_options(*options, type, path, after, first);
    }
    insert(after.take(), path, rules_.size());
  }

  void insert(std::vector<RowRule> rules, const Path& path, std::size_t at) {
    for (RowRule& rule : rules) {
      rule.path = path;
      rules_.insert(rules_.begin() + static_cast<std::ptrdiff_t>(at++), std::move(rule));
    }
  }

  void add_options(const Node& options, const data::Type& type, const Path& path,
                   ColumnRules& rules, std::size_t first) {
    if (type.kind == data::TypeKind::kStruct) {
      const Counts present = read_counts(options, "minProperties", "maxProperties", rules.column(),
                                         "properties", reader_);
      rules.add_length(present.least, present.most, options.mark, "properties that are present");
      require_members(options, type, path, first);
      return;
    }
    const Counts items =
        read_counts(options, "minItems", "maxItems", rules.column(), "items", reader_);
    rules.add_length(items.least, items.most, options.mark, "items");
    if (flag(options, "uniqueItems", reader_)) {
      rules.add_distinct(options.key_mark("uniqueItems"));
    }
  }

  /// `required: [name]` of an object says it from above.
  void require_members(const Node& options, const data::Type& type, const Path& path,
                       std::size_t first) {
    const Node* list = options.find("required");
    if (list == nullptr || !reader_.expect_list(*list, "required")) {
      return;
    }
    for (const Node& item : list->children) {
      const auto member =
          std::find_if(type.fields.begin(), type.fields.end(),
                       [&](const data::Field& field) { return field.name == item.text; });
      if (member == type.fields.end()) {
        std::vector<std::string> known;
        for (const data::Field& field : type.fields) {
          known.push_back(field.name);
        }
        const std::string near = base::nearest(item.text, known);
        reader_.add(item,
                    fmt::format("'{}' has no property '{}'", to_text(column_, path), item.text),
                    near.empty() ? "" : "did you mean '" + near + "'?");
        continue;
      }
      const Path member_path = with(path, PathStep::Kind::kMember, member->name);
      const auto same = std::find_if(rules_.begin(), rules_.end(), [&](const RowRule& rule) {
        return rule.kind == RowRuleKind::kRequired && rule.path == member_path;
      });
      if (same != rules_.end()) {
        same->severity = Severity::kError;
        continue;
      }
      ColumnRules required(to_text(column_, member_path), member->type, reader_);
      required.add_required(item.mark, Severity::kError);
      insert(required.take(), member_path, first);
    }
  }

  const std::string& column_;
  NestedProperties& inside_;
  Reader& reader_;
  std::vector<RowRule> rules_;
};

}  // namespace

std::optional<NestedKind> nested_kind_of(const Node& node) {
  const std::string logical = scalar_at(node, "logicalType");
  const std::string physical = scalar_at(node, "physicalType");
  for (const NestedName& name : nested_names()) {
    if (logical.empty() ? !physical.empty() && stores(name, physical) : name.logical == logical) {
      return name.kind;
    }
  }
  return std::nullopt;
}

std::optional<ValueRules> read_nested(const Node& node, NestedKind kind, const std::string& column,
                                      QualityRules& quality, NestedProperties& inside,
                                      Reader& reader) {
  NestedReader nested(column, inside, reader);
  auto type = nested.read(node, kind, {}, quality);
  if (!type) {
    return std::nullopt;
  }
  return ValueRules{std::move(*type), nested.take(), {}};
}

}  // namespace sluice::contract::internal
