#include "sluice/run/table_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sluice/base/text.h"
#include "sluice/engine/staged_file.h"
#include "sluice/lake/scan.h"
#include "sluice/lake/transform.h"
#include "sluice/run/partition_columns.h"

namespace sluice::run {

namespace {

using base::Result;

/// Gives the columns of a table that is replaced as a whole their ids.
void match_replaced(const data::Schema& current, int& last_id, data::Schema& wanted) {
  for (data::Field& field : wanted.fields) {
    const data::Field* before = current.find(field.name);
    const bool keeps = before != nullptr && data::can_widen(before->type, field.type) &&
                       (before->required || !field.required);
    field.id = keeps ? before->id : ++last_id;
    if (keeps) {
      data::inherit_field_ids(before->type, field.type);
    }
  }
  last_id = data::assign_field_ids(wanted, last_id);
}

/// Lets the older rows' parts be as they are: a part is required only where it always was.
/// kUnsupported where a part is gone.
base::Status keep_parts(const data::Type& before, const std::string& name, data::Type& after) {
  for (data::Field& part : after.fields) {
    const auto earlier =
        std::find_if(before.fields.begin(), before.fields.end(),
                     [&](const data::Field& field) { return field.name == part.name; });
    const bool is_new = earlier == before.fields.end();
    part.required = part.required && !is_new && earlier->required;
    if (!is_new) {
      SLUICE_RETURN_IF_ERROR(keep_parts(earlier->type, name + "." + part.name, part.type));
    }
  }
  for (const data::Field& earlier : before.fields) {
    const bool kept =
        std::any_of(after.fields.begin(), after.fields.end(),
                    [&](const data::Field& part) { return part.name == earlier.name; });
    if (!kept && before.kind == after.kind) {
      return base::unsupported(
          fmt::format("column '{}.{}' is no longer declared; dropping a column of a source is not "
                      "supported yet",
                      name, earlier.name));
    }
  }
  return {};
}

/// Gives the columns of a table whose rows stay their ids.
base::Status match_kept(const data::Schema& current, const std::string& table, int& last_id,
                        data::Schema& wanted) {
  for (data::Field& field : wanted.fields) {
    const data::Field* before = current.find(field.name);
    if (before == nullptr) {
      field.id = ++last_id;
      field.required = false;  // the older rows have no value
      continue;
    }
    if (const auto kept = keep_parts(before->type, field.name, field.type); !kept) {
      return kept.error().in(table);
    }
    if (!data::can_widen(before->type, field.type)) {
      return base::unsupported(
          fmt::format("column '{}' of {} is {} and cannot become {}: only widening keeps the rows "
                      "that are there",
                      field.name, table, data::to_text(before->type), data::to_text(field.type)));
    }
    field.id = before->id;
    field.required = before->required && field.required;
    data::inherit_field_ids(before->type, field.type);
  }
  last_id = data::assign_field_ids(wanted, last_id);
  return {};
}

Result<std::vector<lake::ColumnTransform>> parse_transforms(std::span<const std::string> texts) {
  std::vector<lake::ColumnTransform> transforms;
  for (const std::string& text : texts) {
    SLUICE_ASSIGN_OR_RETURN(auto transform, lake::parse_column_transform(text));
    transforms.push_back(std::move(transform));
  }
  return transforms;
}

/// Returns the table's columns under the names that they have from now on. A rename that took place
/// before changes nothing.
Result<data::Schema> rename_columns(const data::Schema& current, const std::string& table,
                                    const data::Schema& wanted, const Renames& renames) {
  data::Schema renamed = current;
  for (const auto& [from, to] : renames) {
    const auto refuse = [&](std::string_view reason) {
      return base::invalid_input(
          fmt::format("renames of {}: {} became {}, but {}", table, from, to, reason));
    };
    if (wanted.find(from) != nullptr) {
      return refuse(fmt::format("column '{}' is still declared", from));
    }
    if (wanted.find(to) == nullptr) {
      return refuse(fmt::format("column '{}' is not declared", to));
    }
    if (current.find(from) == nullptr) {
      continue;
    }
    if (current.find(to) != nullptr) {
      return refuse(fmt::format("the table has both: drop '{}' in a run of its own first", to));
    }
    for (data::Field& field : renamed.fields) {
      if (field.name == from) {
        field.name = to;
      }
    }
  }
  return renamed;
}

/// Says what is dropped, and that what comes anew might have been meant as its new name.
std::vector<std::string> drop_notes(const data::Schema& before, const data::Schema& wanted) {
  std::vector<std::string> dropped;
  std::vector<std::string> added;
  for (const data::Field& field : before.fields) {
    if (wanted.find(field.name) == nullptr) {
      dropped.push_back(field.name);
    }
  }
  for (const data::Field& field : wanted.fields) {
    if (before.find(field.name) == nullptr) {
      added.push_back(field.name);
    }
  }
  if (dropped.empty()) {
    return {};
  }
  std::string note = "dropped from the table: " + base::join(dropped, ", ");
  if (!added.empty()) {
    note += fmt::format(
        "; added: {}; if one is another's new name, declare renames: {{{}: {}}} "
        "before the run, which keeps its values",
        base::join(added, ", "), dropped.front(), added.front());
  }
  return {note};
}

}  // namespace

Result<job::ScanInput> scan_input(lake::Catalog& catalog, const std::string& table,
                                  const data::Schema& fallback,
                                  std::optional<std::int64_t> snapshot_id,
                                  const std::vector<lake::Predicate>& predicates) {
  job::ScanInput input;
  input.name = table;
  SLUICE_ASSIGN_OR_RETURN(const lake::TableName name, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(const auto entry, catalog.find(name));
  if (!entry) {
    input.schema = fallback;
    data::assign_field_ids(input.schema, 0);
    return input;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto metadata, catalog.load_location(entry->metadata_location));
  SLUICE_ASSIGN_OR_RETURN(const lake::ScanPlan plan,
                          lake::plan_scan(catalog.files(), *metadata, snapshot_id, predicates));
  input.schema = plan.schema;
  for (const lake::DataFile& file : plan.files) {
    SLUICE_ASSIGN_OR_RETURN(std::string path, storage::local_path(file.path));
    input.files.push_back({std::move(path), file.record_count, file.file_size_bytes});
  }
  return input;
}

job::ScanInput staged_input(const std::string& table, const data::Schema& schema,
                            std::span<const job::StagedFile> files) {
  job::ScanInput input{table, schema, {}};
  for (const job::StagedFile& file : files) {
    input.files.push_back({file.path, file.rows, file.bytes});
  }
  return input;
}

Result<WritePlan> plan_write(lake::Catalog& catalog, const std::string& table,
                             const data::Schema& wanted, std::span<const std::string> partition_by,
                             bool replaces, const Renames& renames) {
  WritePlan plan;
  SLUICE_ASSIGN_OR_RETURN(plan.table, lake::parse_table_name(table));
  SLUICE_ASSIGN_OR_RETURN(plan.entry, catalog.find_own(plan.table));
  SLUICE_ASSIGN_OR_RETURN(const auto transforms, parse_transforms(partition_by));
  plan.schema = wanted;
  if (!plan.entry) {
    data::assign_field_ids(plan.schema, 0);
    SLUICE_ASSIGN_OR_RETURN(plan.spec, lake::make_partition_spec(0, transforms, plan.schema,
                                                                 lake::kFirstPartitionFieldId - 1));
    return plan;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto metadata,
                          catalog.load_location(plan.entry->metadata_location));
  SLUICE_ASSIGN_OR_RETURN(const data::Schema current,
                          rename_columns(metadata->current_schema(), table, plan.schema, renames));
  int last_id = metadata->last_column_id;
  if (replaces) {
    match_replaced(current, last_id, plan.schema);
  } else {
    SLUICE_RETURN_IF_ERROR(match_kept(current, table, last_id, plan.schema));
  }
  plan.notes = drop_notes(current, plan.schema);
  plan.schema_changed = plan.schema.fields != metadata->current_schema().fields;
  plan.schema.schema_id = metadata->current_schema_id;
  SLUICE_ASSIGN_OR_RETURN(const auto asked, lake::make_partition_spec(0, transforms, plan.schema,
                                                                      metadata->last_partition_id));
  plan.spec = metadata->default_spec();
  const lake::PartitionSpec next = lake::evolve_partition_spec(
      metadata->partition_specs, asked.fields, metadata->last_partition_id);
  if (next.spec_id != plan.spec.spec_id) {
    plan.spec = next;
    plan.spec_changed = true;
    plan.notes.push_back(partition_by.empty()
                             ? std::string("new files are no longer partitioned")
                             : "new files are partitioned by " + base::join(partition_by, ", ") +
                                   "; older ones stay as they are");
  }
  return plan;
}

Result<job::OutputTable> output_table(const lake::Catalog& catalog, const WritePlan& plan,
                                      const std::string& file_prefix,
                                      const control::StageSettings& settings) {
  job::OutputTable output;
  output.schema = plan.schema;
  output.dir = catalog.data_path(plan.table);
  output.file_prefix = file_prefix;
  output.parquet.compression = settings.compression;
  output.parquet.compression_level = settings.compression_level;
  output.parquet.file_bytes_target = settings.file_bytes_target;
  SLUICE_ASSIGN_OR_RETURN(output.partition, partition_columns(plan.spec, plan.schema));
  return output;
}

Result<lake::TableChange> table_change(const WritePlan& plan, lake::Write write,
                                       std::span<const job::StagedFile> staged) {
  lake::TableChange change;
  change.table = plan.table;
  change.write = write;
  if (plan.entry) {
    change.base_metadata_location = plan.entry->metadata_location;
    if (plan.schema_changed) {
      change.new_schema = plan.schema;
    }
    if (plan.spec_changed) {
      change.new_spec = plan.spec;
    }
  } else {
    change.create = lake::NewTable{plan.schema, plan.spec, {}};
  }
  for (const job::StagedFile& file : staged) {
    SLUICE_ASSIGN_OR_RETURN(lake::DataFile described,
                            engine::to_data_file(file, plan.schema, plan.spec));
    change.files.push_back(std::move(described));
  }
  return change;
}

void discard_staged(storage::FileIo& files, std::span<const job::StagedFile> staged) {
  for (const job::StagedFile& file : staged) {
    [[maybe_unused]] const base::Status removed = files.remove(file.path);
  }
}

}  // namespace sluice::run
