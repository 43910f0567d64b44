#include "sluice/decode/internal/csv_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::decode {

namespace {

using base::Result;

constexpr const char* kMalformed = "malformed";

std::string quoted_list(const std::vector<std::string>& names) {
  return "'" + base::join(names, "', '") + "'";
}

}  // namespace

CsvFile::CsvFile(CsvReader::ReadBytes read, const job::CsvDialect& dialect,
                 const std::vector<job::DecodeColumn>& columns)
    : reader_(std::move(read), dialect.delimiter, dialect.quote),
      dialect_(dialect),
      columns_(columns) {}

Result<bool> CsvFile::next(LandedRecord& record) {
  if (!begun_) {
    begun_ = true;
    if (dialect_.header) {
      SLUICE_ASSIGN_OR_RETURN(const bool is_record, read_header(record));
      if (is_record) {
        return true;
      }
    } else {
      for (const job::DecodeColumn& column : columns_) {
        field_of_.push_back(static_cast<int>(header_.size()));
        header_.push_back(column.name);
      }
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const bool more, reader_.next(raw_));
  if (more) {
    fill(record);
  }
  return more;
}

/// Reads the header; true when it is damaged and therefore a refused record itself.
Result<bool> CsvFile::read_header(LandedRecord& record) {
  SLUICE_ASSIGN_OR_RETURN(const bool more, reader_.next(raw_));
  if (!more) {
    return false;
  }
  if (!raw_.damage.empty()) {
    file_refusal_ = pack_refusal({kMalformed, "", "the header has " + raw_.damage});
    fill(record);
    return true;
  }
  for (const CsvField& field : raw_.fields) {
    header_.emplace_back(field.text);
  }
  map_header();
  file_refusal_ = judge_header();
  return false;
}

void CsvFile::map_header() {
  for (const job::DecodeColumn& column : columns_) {
    const auto found = std::find(header_.begin(), header_.end(), column.name);
    field_of_.push_back(found == header_.end() ? -1 : static_cast<int>(found - header_.begin()));
  }
}

std::string CsvFile::judge_header() const {
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (std::find(header_.begin(), header_.begin() + i, header_[i]) != header_.begin() + i) {
      return pack_refusal(
          {kMalformed, header_[i], fmt::format("the header names '{}' twice", header_[i])});
    }
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (field_of_[i] < 0 && columns_[i].required) {
      missing.push_back(columns_[i].name);
    }
  }
  if (!missing.empty()) {
    return pack_refusal({"missing_column", missing.front(),
                         "the file lacks required column " + quoted_list(missing)});
  }
  std::vector<std::string> unknown;
  for (const std::string& name : header_) {
    const bool known = std::any_of(columns_.begin(), columns_.end(),
                                   [&](const auto& column) { return column.name == name; });
    if (!known) {
      unknown.push_back(name);
    }
  }
  if (!unknown.empty()) {
    return pack_refusal({"unknown_column", unknown.front(),
                         "the contract does not know column " + quoted_list(unknown)});
  }
  return {};
}

std::string CsvFile::column_name(int field) const {
  return field >= 0 && field < static_cast<int>(header_.size()) ? header_[field] : "";
}

std::string CsvFile::judge_record() const {
  if (!file_refusal_.empty()) {
    return file_refusal_;
  }
  if (!raw_.damage.empty()) {
    return pack_refusal({kMalformed, column_name(raw_.damaged_field), raw_.damage});
  }
  if (raw_.fields.size() != header_.size()) {
    return pack_refusal(
        {kMalformed, "",
         fmt::format("{} fields where {} are expected", raw_.fields.size(), header_.size())});
  }
  return {};
}

bool CsvFile::is_null(const CsvField& field) const {
  return !field.quoted && std::find(dialect_.nulls.begin(), dialect_.nulls.end(), field.text) !=
                              dialect_.nulls.end();
}

void CsvFile::fill(LandedRecord& record) const {
  record.offset = raw_.offset;
  record.bytes = raw_.bytes;
  record.line = raw_.line;
  record.refusal = judge_record();
  record.values.clear();
  if (!record.refusal.empty()) {
    return;
  }
  for (const int field : field_of_) {
    const bool null = field < 0 || is_null(raw_.fields[field]);
    record.values.push_back(null ? std::nullopt : std::optional(raw_.fields[field].text));
  }
}

}  // namespace sluice::decode
