#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/data/column_profile.h"

namespace sluice::contract {

/// What a draft of a contract is made from.
struct DraftInput {
  std::string table;   // name of the schema object, such as `orders`
  std::string origin;  // what was read, for people
  std::int64_t rows = 0;
  bool whole = true;  // all of it was read
  std::vector<data::ColumnProfile> columns;
  std::vector<std::vector<std::string>> keys;  // columns that are unique together
};

/// Writes one contract of ODCS 3.2 as YAML that the data it comes from meets: columns with their
/// types, `required` where no null was seen, a primary key where a column that looks like one is
/// unique. What only might be a rule (lists of values, ranges, lengths, other keys) is a comment
/// beside its column. A column without any value is a string, one that no contract can name a
/// comment.
std::string draft_contract(const DraftInput& input);

/// Writes a contract that declares columns and their types, all optional, and nothing else.
std::string declare_columns(const DraftInput& input, const std::string& version);

/// Chooses the primary key: a column, or columns, of which no value was seen twice, if one looks
/// like a key by its place or name; none otherwise.
std::vector<std::string> choose_key(const DraftInput& input);

}  // namespace sluice::contract
