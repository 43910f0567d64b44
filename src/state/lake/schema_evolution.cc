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
    SLUICE_RETURN_IF_ERROR(check_names());
    for (const Field& field : next_.fields) {
      SLUICE_RETURN_IF_ERROR(take(field));
    }
    SLUICE_RETURN_IF_ERROR(give_ids());
    SLUICE_RETURN_IF_ERROR(take_key());
    return std::move(evolved_);
  }

 private:
  Status check_names() const {
    if (next_.fields.empty()) {
      return base::invalid_input("a table needs at least one column");
    }
    std::set<std::string> names;
    for (const Field& field : next_.fields) {
      // Engines do not tell names apart by case.
      if (field.name.empty() || !names.insert(base::lower(field.name)).second) {
        return base::invalid_input(fmt::format("column name '{}' is {}", field.name,
                                               field.name.empty() ? "empty" : "used twice"));
      }
    }
    return {};
  }

  /// Returns the column that a field goes on with, or nullptr for a new one.
  Result<const Field*> find_column(const Field& field) const {
    if (field.id == 0) {
      return current_.find(field.name);
    }
    if (const Field* column = current_.find(field.id)) {
      return column;
    }
    if (field.id > before_) {
      return static_cast<const Field*>(nullptr);
    }
    return base::invalid_input(fmt::format(
        "column '{}' has id {}, which belongs to a column that was dropped", field.name, field.id));
  }

  Status take(const Field& field) {
    SLUICE_ASSIGN_OR_RETURN(const Field* column, find_column(field));
    Field taken = field;
    const bool fits =
        column != nullptr && (column->type == field.type || can_widen(column->type, field.type));
    if (column != nullptr && !fits && !no_older_rows_) {
      return base::invalid_input(fmt::format("column '{}' cannot change from {} to {}", field.name,
                                             data::to_text(column->type),
                                             data::to_text(field.type)));
    }
    if (fits) {
      taken.id = column->id;
    } else if (column != nullptr) {
      taken.id = 0;
    }
    const bool was_required = fits && column->required;
    if (field.required && !was_required && !no_older_rows_) {
      return base::invalid_input(
          fmt::format("column '{}' cannot be required: older rows may lack it", field.name));
    }
    if (taken.id != 0 && !ids_.insert(taken.id).second) {
      return base::invalid_input(
          fmt::format("column '{}' has id {}, as another one", field.name, taken.id));
    }
    evolved_.last_column_id = std::max(evolved_.last_column_id, taken.id);
    evolved_.schema.fields.push_back(std::move(taken));
    return {};
  }

  Status give_ids() {
    evolved_.last_column_id = assign_field_ids(evolved_.schema, evolved_.last_column_id);
    return {};
  }

  /// The key names columns by the ids that `next` gave them, which may have been changed here.
  Status take_key() {
    std::map<int, const Field*> by_given;
    for (std::size_t i = 0; i < next_.fields.size(); ++i) {
      by_given[next_.fields[i].id] = &evolved_.schema.fields[i];
      by_given[evolved_.schema.fields[i].id] = &evolved_.schema.fields[i];
    }
    for (const int id : next_.identifier_field_ids) {
      const auto found = by_given.find(id);
      if (id == 0 || found == by_given.end()) {
        return base::invalid_input(
            fmt::format("the key names field id {}, which no column has", id));
      }
      const Field& field = *found->second;
      if (!field.required) {
        return base::invalid_input(fmt::format("key column '{}' is not required", field.name));
      }
      if (field.type.kind == data::TypeKind::kFloat || field.type.kind == data::TypeKind::kDouble) {
        return base::invalid_input(
            fmt::format("key column '{}' is a {}", field.name, data::to_text(field.type)));
      }
      evolved_.schema.identifier_field_ids.push_back(field.id);
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
