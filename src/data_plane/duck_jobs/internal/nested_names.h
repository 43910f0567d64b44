#pragma once

#include <map>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/data/schema.h"

namespace sluice::duck_jobs {

/// Field ids of a file with their names there.
using FileNames = std::map<int, std::string>;

/// Says whether a schema has structs anywhere, whose members read_parquet() looks up by name
/// although it finds columns by field id.
bool has_members(const data::Schema& schema);

/// Says whether looking up members by name finds in a file what their ids name.
bool names_agree(const data::Schema& schema, const FileNames& names);

/// Returns the schema to read a file with: members under the names that they have there, and those
/// that the file lacks under names that it lacks, too. kUnsupported, naming the column, where a
/// file has no member of a struct at all.
base::Result<data::Schema> schema_in_file(const data::Schema& schema, const FileNames& names);

/// Returns SQL that turns `value`, a column or part of type `in_file`, into one of type `wanted`,
/// whose members are called otherwise.
std::string renamed(const std::string& value, const data::Type& in_file, const data::Type& wanted);

}  // namespace sluice::duck_jobs
