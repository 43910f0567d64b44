#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/base/random.h"
#include "sluice/lake/data_file.h"
#include "sluice/lake/partition_spec.h"
#include "sluice/lake/scan.h"

namespace sluice::lake {

using Row = std::vector<data::Value>;  // one per column of the schema

/// A column for each way in which values can be ordered or partitioned.
data::Schema rows_schema();

/// A value of the type, null now and then, with many repeats and the values at a type's ends.
data::Value random_value(const data::Type& type, base::Random& random);

/// Groups random rows into files, each of one partition, described as a writer would. `rows` gets
/// each file's rows by its path; some files lack some of the counts or bounds.
std::vector<DataFile> random_files(const PartitionSpec& spec, const std::string& folder,
                                   base::Random& random,
                                   std::map<std::string, std::vector<Row>>& rows);

Predicate random_predicate(base::Random& random);

/// Says whether a query sees the predicate as true for a row.
bool holds(const Predicate& predicate, const Row& row);

}  // namespace sluice::lake
