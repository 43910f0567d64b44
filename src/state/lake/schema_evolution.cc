#include "sluice/lake/schema_evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "sluice/base/text.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;
using data::Field;
using data::Schema;

class Evolution {
 public:
  Evolution(const Schema& current, int last_column_id, const Schema& next, bool no_older_rows)
      : current_(current), before_(last_column_id), next_(next), no_older_rows_(no_older_rows) {
    evolved_.last_column_id = last_column_id;
    evolved_.schema.schema_id = current.schema_id;
  }

  Result<EvolvedSchema> run() {
    if (next_.fields.empty()) {
      return base::invalid_input("a table needs at least one column");
    }
    SLUICE_ASSIGN_OR_RETURN(evolved_.schema.fields, take_all(next_.fields, &current_.fields, ""));
    evolved_.last_column_id = assign_field_ids(evolved_.schema, evolved_.last_column_id);
    SLUICE_RETURN_IF_ERROR(take_key());
    return std::move(evolved_);
  }

 private:
  static Status check_names(const std::vector<Field>& fields, const std::string& parent) {
    std::set<std::string> names;
    for (const Field& field : fields) {
      // Engines do not tell names apart by case.
      if (field.name.empty() || !names.insert(base::lower(field.name)).second) {
        return base::invalid_input(fmt::format("column name '{}{}' is {}", parent, field.name,
                                               field.name.empty() ? "empty" : "used twice"));
      }
    }
    return {};
  }

  /// Takes the fields of one level. `before` are those that they may go on with; nullptr inside a
  /// column that is new as a whole.
  Result<std::vector<Field>> take_all(const std::vector<Field>& fields,
                                      const std::vector<Field>* before, const std::string& parent) {
    SLUICE_RETURN_IF_ERROR(check_names(fields, parent));
    std::vector<Field> taken;
    for (const Field& field : fields) {
      SLUICE_ASSIGN_OR_RETURN(taken.emplace_back(), take(field, before, parent + field.name));
    }
    return taken;
  }

  /// Returns the column that a field goes on with, or nullptr for a new one.
  Result<const Field*> find_column(const Field& field, const std::vector<Field>* before,
                                   const std::string& name) const {
    if (before != nullptr) {
      for (const Field& column : *before) {
        if (field.id == 0 ? column.name == field.name : column.id == field.id) {
          return &column;
        }
      }
    }
    if (field.id == 0 || field.id > before_) {
      return static_cast<const Field*>(nullptr);
    }
    if (current_.find_nested(field.id) != nullptr) {
      return base::invalid_input(fmt::format(
          "column '{}' has id {}, which belongs to a column elsewhere: a column cannot move in or "
          "out of another",
          name, field.id));
    }
    return base::invalid_input(fmt::format(
        "column '{}' has id {}, which belongs to a column that was dropped", name, field.id));
  }

  /// Says whether a column may go on with another type, but for what is nested in it.
  static bool goes_on(const data::Type& from, const data::Type& to) {
    return data::is_nested(from) ? from.kind == to.kind : can_widen(from, to);
  }

  Result<Field> take(const Field& field, const std::vector<Field>* before,
                     const std::string& name) {
    if (!data::is_well_formed(field.type)) {
      return base::invalid_input(
          fmt::format("column '{}' is a struct without members or nests too deep", name));
    }
    SLUICE_ASSIGN_OR_RETURN(const Field* column, find_column(field, before, name));
    const bool fits = column != nullptr && goes_on(column->type, field.type);
    if (column != nullptr && !fits && !no_older_rows_) {
      return base::invalid_input(fmt::format("column '{}' cannot change from {} to {}", name,
                                             data::to_text(column->type),
                                             data::to_text(field.type)));
    }
    Field taken = field;
    if (fits) {
      taken.id = column->id;
    } else if (column != nullptr) {
      taken.id = 0;
    }
    // Nobody lacks a part of a column that is new itself.
    const bool was_required = (fits && column->required) || before == nullptr;
    if (field.required && !was_required && !no_older_rows_) {
      return base::invalid_input(
          fmt::format("column '{}' cannot be required: older rows may lack it", name));
    }
    if (taken.id != 0 && !ids_.insert(taken.id).second) {
      return base::invalid_input(
          fmt::format("column '{}' has id {}, as another one", name, taken.id));
    }
    evolved_.last_column_id = std::max(evolved_.last_column_id, taken.id);
    if (data::is_nested(field.type)) {
      SLUICE_RETURN_IF_ERROR(take_parts(fits ? column : nullptr, name, taken));
    }
    return taken;
  }

  /// Takes what is nested in `taken`, which goes on with `column` or is new.
  Status take_parts(const Field* column, const std::string& name, Field& taken) {
    // Two keys that differ in a member only would become equal, or an equal key two.
    if (column != nullptr && taken.type.kind == data::TypeKind::kMap && !no_older_rows_ &&
        !data::same_shape(column->type.fields[0].type, taken.type.fields[0].type)) {
      return base::invalid_input(fmt::format(
          "column '{}.key' cannot change from {} to {}: a map's key stays as it is", name,
          data::to_text(column->type.fields[0].type), data::to_text(taken.type.fields[0].type)));
    }
    const std::vector<Field> parts = std::move(taken.type.fields);
    SLUICE_ASSIGN_OR_RETURN(
        taken.type.fields,
        take_all(parts, column == nullptr ? nullptr : &column->type.fields, name + "."));
    return {};
  }

  /// The key names columns by the ids that `next` gave them, which may have been changed here.
  Status take_key() {
    std::vector<int> given;
    walk_fields(next_.fields, [&](data::FieldPath path) { given.push_back(path.back()->id); });
    std::map<int, std::vector<const Field*>> by_given;
    std::size_t i = 0;
    walk_fields(evolved_.schema.fields, [&](data::FieldPath path) {
      by_given[given[i++]].assign(path.begin(), path.end());
      by_given[path.back()->id].assign(path.begin(), path.end());
    });
    for (const int id : next_.identifier_field_ids) {
      const auto found = by_given.find(id);
      if (id == 0 || found == by_given.end()) {
        return base::invalid_input(
            fmt::format("the key names field id {}, which no column has", id));
      }
      SLUICE_RETURN_IF_ERROR(check_key(found->second));
      evolved_.schema.identifier_field_ids.push_back(found->second.back()->id);
    }
    return {};
  }

  static Status check_key(data::FieldPath path) {
    const data::Type& type = path.back()->type;
    if (data::is_nested(type) || type.kind == data::TypeKind::kFloat ||
        type.kind == data::TypeKind::kDouble) {
      return base::invalid_input(
          fmt::format("key column '{}' is a {}", data::path_text(path), data::to_text(type)));
    }
    for (const Field* field : path) {
      if (!field->required) {
        return base::invalid_input(
            fmt::format("key column '{}' is not required", data::path_text(path)));
      }
      if (field->type.kind == data::TypeKind::kList || field->type.kind == data::TypeKind::kMap) {
        return base::invalid_input(fmt::format("key column '{}' lies in a {}",
                                               data::path_text(path), data::to_text(field->type)));
      }
    }
    return {};
  }

  const Schema& current_;
  const int before_;
  const Schema& next_;
  const bool no_older_rows_;
  std::set<int> ids_;
  EvolvedSchema evolved_;
};

}  // namespace

Result<EvolvedSchema> evolve_schema(const Schema& current, int last_column_id, const Schema& next,
                                    bool no_older_rows) {
  return Evolution(current, last_column_id, next, no_older_rows).run();
}

}  // namespace sluice::lake
