#include "sluice/decode/internal/infer_columns.h"

#include <algorithm>
#include <utility>

#include "sluice/base/digest.h"

namespace sluice::decode {

InferColumns::InferColumns(const job::InferJob& job)
    : job_(job), wanted_(job.columns.begin(), job.columns.end()) {}

int InferColumns::column(std::string_view name) {
  if (!wanted_.empty() && !wanted_.contains(name)) {
    return -1;
  }
  const auto known = numbers_.find(std::string(name));
  if (known != numbers_.end()) {
    return known->second;
  }
  if (columns_.size() >= static_cast<std::size_t>(job::kInferColumnsMax)) {
    too_many_ = true;
    return -1;
  }
  const int number = static_cast<int>(columns_.size());
  numbers_.emplace(name, number);
  columns_.emplace_back().name = name;
  hashes_.push_back(0);
  return number;
}

void InferColumns::add_text(int column, std::string_view text, bool quoted) {
  const TextReading reading = read_text(text);
  Column& seen = columns_[index(column)];
  seen.evidence.add(text, reading, quoted);
  seen.shape.add_scalar(reading, quoted);
  if (job_.keys) {
    hashes_[index(column)] = base::xxh3(text) | 1;
  }
}

void InferColumns::end_row() {
  ++rows_;
  if (job_.keys) {
    keys_.add_row(hashes_);
    std::fill(hashes_.begin(), hashes_.end(), 0);
  }
}

void InferColumns::set_type(int column, const data::Type& type, std::string note) {
  Column& seen = columns_[index(column)];
  if (seen.typed && !data::same_shape(seen.type, type)) {
    const bool grows = data::can_widen(seen.type, type);
    if (!grows && !data::can_widen(type, seen.type)) {
      seen.note = "files give it as " + data::to_text(seen.type) + " and as " + data::to_text(type);
    }
    if (!grows) {
      return;
    }
  }
  seen.typed = true;
  seen.type = type;
  if (!note.empty()) {
    seen.note = std::move(note);
  }
}

data::ColumnProfile InferColumns::profile(Column& column, std::int64_t rows) {
  data::ColumnProfile profile;
  profile.name = column.name;
  NarrowestType narrowest = column.shape.narrowest();
  if (column.typed) {
    narrowest = {column.type, true, column.note, 0};
  }
  profile.type = narrowest.type;
  profile.known = narrowest.known;
  profile.note = narrowest.note;
  profile.misfits = narrowest.misfits;
  column.evidence.describe(profile, rows);
  if (column.shape.nested() > 0) {
    profile.misfits = profile.known ? profile.misfits : column.shape.nested();
    profile.values += column.shape.nested();
    profile.nulls -= column.shape.nested();
    profile.unique = false;
  }
  return profile;
}

void InferColumns::finish(job::InferResult& result) {
  result.rows = rows_;
  result.too_many_columns = too_many_;
  std::vector<bool> eligible;
  for (Column& column : columns_) {
    result.columns.push_back(profile(column, rows_));
    const data::ColumnProfile& seen = result.columns.back();
    eligible.push_back(seen.known && seen.nulls == 0 && !seen.unique && seen.distinct > 1 &&
                       has_one_spelling(seen.type));
  }
  if (!job_.keys) {
    return;
  }
  for (const auto& [a, b] : keys_.pairs(eligible)) {
    result.keys.push_back({columns_[a].name, columns_[b].name});
  }
}

}  // namespace sluice::decode
