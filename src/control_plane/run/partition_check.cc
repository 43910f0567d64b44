#include "sluice/run/partition_check.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/lake/partition_spec.h"
#include "sluice/run/partition_columns.h"

namespace sluice::run {

namespace {

using base::Status;

/// Makes the partition as a run would; columns have no ids before their table was made.
Status check_partition(const std::string& written, data::Schema schema) {
  int id = 0;
  for (data::Field& field : schema.fields) {
    field.id = ++id;
  }
  SLUICE_ASSIGN_OR_RETURN(const lake::ColumnTransform transform,
                          lake::parse_column_transform(written));
  SLUICE_ASSIGN_OR_RETURN(
      const lake::PartitionSpec spec,
      lake::make_partition_spec(0, {transform}, schema, lake::kFirstPartitionFieldId - 1));
  SLUICE_ASSIGN_OR_RETURN(const auto columns, partition_columns(spec, schema));
  return {};
}

}  // namespace

Status check_partitions(const project::Project& project, const project::Analysis& analysis) {
  std::vector<std::string> problems;
  const auto check = [&](const std::string& file, yaml::Mark mark, const std::string& written,
                         const data::Schema& schema) {
    if (const Status status = check_partition(written, schema); !status) {
      problems.push_back(
          fmt::format("{}:{}:{}: {}", file, mark.line, mark.column, status.error().message));
    }
  };
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    const project::Source& source = project.sources[i];
    for (const std::string& written : source.partition_by) {
      check(source.file, source.mark, written, analysis.sources[i]);
    }
  }
  for (std::size_t i = 0; i < project.models.size(); ++i) {
    for (const project::NamedPlace& place : project.models[i].partition_by) {
      check(project.models[i].file, place.mark, place.name, analysis.models[i].schema);
    }
  }
  return problems.empty() ? Status() : Status(base::invalid_input(base::join(problems, "\n")));
}

}  // namespace sluice::run
