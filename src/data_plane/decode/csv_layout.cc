#include "sluice/decode/internal/csv_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/decode/internal/refusal.h"

namespace sluice::decode {

namespace {

using data::TypeKind;

constexpr std::size_t kNamesShown = 10;

bool is_fractional(const data::Type& type) {
  return type.kind == TypeKind::kFloat || type.kind == TypeKind::kDouble ||
         type.kind == TypeKind::kDecimal;
}

class CsvRecords : public RecordReader {
 public:
  CsvRecords(const Block& block, const CsvLayout& layout, const job::DecodeJob& job)
      : block_(block), layout_(layout), job_(job), reader_(block, job.dialect) {
    if (job.dialect.decimal == ',') {
      for (const job::DecodeColumn& column : job.columns) {
        with_comma_.push_back(is_fractional(column.type));
      }
    }
  }

  bool next(LandedRecord& record) override {
    if (!reader_.next(raw_)) {
      return false;
    }
    record.offset = raw_.offset;
    record.bytes = raw_.bytes;
    record.line = raw_.line;
    record.raw = block_.text().substr(static_cast<std::size_t>(raw_.offset - block_.offset),
                                      static_cast<std::size_t>(raw_.bytes));
    record.refusal = judge();
    record.values.clear();
    if (!record.refusal.empty()) {
      return true;
    }
    const std::vector<int>& field_of = layout_.field_of();
    for (std::size_t i = 0; i < field_of.size(); ++i) {
      const bool null = field_of[i] < 0 || is_null(raw_.fields[field_of[i]]);
      record.values.push_back(null ? std::nullopt : std::optional(raw_.fields[field_of[i]].text));
    }
    if (!with_comma_.empty()) {
      swap_separators(record);
    }
    return true;
  }

 private:
  std::string judge() const {
    if (!layout_.refusal().empty()) {
      return layout_.refusal();
    }
    if (!raw_.damage.empty()) {
      return pack_refusal({kMalformed, std::string(layout_.name(raw_.damaged_field)), raw_.damage});
    }
    if (raw_.fields.size() != layout_.fields()) {
      return pack_refusal(
          {kMalformed, "",
           fmt::format("{} fields where {} are expected", raw_.fields.size(), layout_.fields())});
    }
    return {};
  }

  bool is_null(const CsvField& field) const {
    const std::vector<std::string>& nulls = job_.dialect.nulls;
    return !field.quoted && std::find(nulls.begin(), nulls.end(), field.text) != nulls.end();
  }

  /// Fractional numbers with a decimal comma get a point; a point becomes what no number holds.
  void swap_separators(LandedRecord& record) {
    swapped_.resize(record.values.size());
    for (std::size_t i = 0; i < record.values.size(); ++i) {
      if (record.values[i] && with_comma_[i]) {
        swapped_[i] = *record.values[i];
        for (char& c : swapped_[i]) {
          c = c == ',' ? '.' : c == '.' ? ',' : c;
        }
        record.values[i] = swapped_[i];
      }
    }
  }

  const Block& block_;
  const CsvLayout& layout_;
  const job::DecodeJob& job_;
  CsvReader reader_;
  CsvRecord raw_;
  std::vector<bool> with_comma_;  // per column; empty when the dialect has a decimal point
  std::vector<std::string> swapped_;
};

}  // namespace

std::string name_list(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(shown));
  std::string list = "'" + base::join(first, "', '") + "'";
  return shown == names.size() ? list : list + fmt::format(" and {} more", names.size() - shown);
}

CsvLayout::CsvLayout(const CsvRecord& header, const job::DecodeJob& job) {
  if (!header.damage.empty()) {
    is_record_ = true;
    refusal_ = pack_refusal({kMalformed, "", "the header has " + header.damage});
    return;
  }
  for (const CsvField& field : header.fields) {
    header_.emplace_back(field.text);
  }
  read_names(job);
  refusal_ = judge(job);
}

CsvLayout::CsvLayout(const job::DecodeJob& job) {
  for (const job::DecodeColumn& column : job.columns) {
    field_of_.push_back(static_cast<int>(header_.size()));
    header_.push_back(column.name);
  }
}

void CsvLayout::read_names(const job::DecodeJob& job) {
  std::unordered_map<std::string_view, int> places;  // a header may have a million names
  for (const std::string& name : header_) {
    if (!places.emplace(name, static_cast<int>(places.size())).second && !repeats_) {
      repeats_ = true;
      repeated_ = name;
    }
  }
  std::unordered_map<std::string_view, bool> known;
  for (const job::DecodeColumn& column : job.columns) {
    known.emplace(column.name, true);
    const auto found = places.find(column.name);
    field_of_.push_back(repeats_ || found == places.end() ? -1 : found->second);
  }
  for (const std::string& name : header_) {
    if (!known.contains(name)) {
      unknown_.push_back(name);
    }
  }
}

std::string CsvLayout::judge(const job::DecodeJob& job) const {
  if (repeats_) {
    return pack_refusal(
        {kMalformed, repeated_, fmt::format("the header names '{}' twice", repeated_)});
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < job.columns.size(); ++i) {
    if (field_of_[i] < 0 && job.columns[i].required) {
      missing.push_back(job.columns[i].name);
    }
  }
  if (!missing.empty()) {
    return pack_refusal({"missing_column", missing.front(),
                         "the file lacks required column " + name_list(missing)});
  }
  if (!unknown_.empty() && job.unknown_fields == job::UnknownFields::kRefuse) {
    return pack_refusal({"unknown_column", unknown_.front(),
                         "the contract does not know column " + name_list(unknown_)});
  }
  return {};
}

std::string_view CsvLayout::name(int field) const {
  return field >= 0 && field < static_cast<int>(header_.size()) ? std::string_view(header_[field])
                                                                : std::string_view();
}

std::unique_ptr<RecordReader> read_csv(const Block& block, const CsvLayout& layout,
                                       const job::DecodeJob& job) {
  return std::make_unique<CsvRecords>(block, layout, job);
}

}  // namespace sluice::decode
