#include "sluice/decode/internal/landed_file.h"

#include <functional>
#include <utility>

#include "sluice/decode/internal/refusal.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;

std::unique_ptr<RecordBounds> bounds_of(const job::DecodeJob& job) {
  switch (job.format) {
    case job::FileFormat::kCsv:
      return csv_bounds(job.dialect);
    case job::FileFormat::kJson:
      return json_bounds();
    default:
      return line_bounds();
  }
}

}  // namespace

Result<std::unique_ptr<LandedFile>> LandedFile::open(std::unique_ptr<ByteStream> landed,
                                                     const job::DecodeJob& job,
                                                     const job::DecodeFile& file) {
  SLUICE_ASSIGN_OR_RETURN(TextStream text,
                          open_text(std::move(landed), file.bytes, job.compression, job.encoding));
  const bool as_landed = text.as_landed;
  std::unique_ptr<LandedFile> opened(new LandedFile(std::move(text), job, file));
  opened->layout_->as_landed = as_landed;
  if (job.format == job::FileFormat::kCsv) {
    SLUICE_RETURN_IF_ERROR(opened->blocks_.skip_lines(job.dialect.skip_lines));
    if (job.dialect.header) {
      SLUICE_RETURN_IF_ERROR(opened->read_header());
    } else {
      opened->layout_->csv = std::make_unique<CsvLayout>(job);
    }
  }
  return opened;
}

LandedFile::LandedFile(TextStream text, const job::DecodeJob& job, const job::DecodeFile& file)
    : job_(job), layout_(std::make_shared<FileLayout>()), blocks_(std::move(text), bounds_of(job)) {
  layout_->file = &file;
}

Status LandedFile::read_header() {
  while (layout_->csv == nullptr) {
    SLUICE_ASSIGN_OR_RETURN(const bool more, blocks_.next(first_, 1));
    if (!more) {
      layout_->csv = std::make_unique<CsvLayout>(job_);
      return {};
    }
    CsvRecord header;
    CsvReader reader(first_, job_.dialect);  // has the texts of `header`
    if (reader.next(header)) {
      layout_->csv = std::make_unique<CsvLayout>(header, job_);
    } else if (!first_.damaged.empty()) {
      header.damage = first_.damaged.front().why;
      layout_->csv = std::make_unique<CsvLayout>(header, job_);
    }
  }
  if (!layout_->csv->is_record()) {
    first_.buffer.cut(0);
    first_.buffer.append_zeros(kBlockPadding);
    first_.records.clear();
  }
  // What is damaged behind the header has not been seen by anybody yet.
  has_first_ = layout_->csv->is_record() || !first_.damaged.empty();
  return {};
}

Result<bool> LandedFile::next(Block& block, std::size_t records_max) {
  if (std::exchange(has_first_, false)) {
    block = std::move(first_);
    return true;
  }
  return blocks_.next(block, records_max);
}

void BlockRecords::open(std::shared_ptr<const FileLayout> layout, Block block) {
  reader_.reset();
  layout_ = std::move(layout);
  block_ = std::move(block);
  next_damaged_ = 0;
  reader_ = layout_->csv != nullptr ? read_csv(block_, *layout_->csv, job_) : json_.read(block_);
}

BlockRecords::BlockRecords(const job::DecodeJob& job) : job_(job), json_(job) {
  for (std::size_t i = 0; i < job.columns.size(); ++i) {
    if (job.format == job::FileFormat::kCsv && data::is_nested(job.columns[i].type)) {
      nested_.push_back({i, ""});
    }
  }
}

/// A CSV field of a nested column holds JSON.
void BlockRecords::read_nested(LandedRecord& record) {
  for (NestedField& field : nested_) {
    if (!record.refusal.empty() || !record.values[field.column]) {
      continue;
    }
    field.text.clear();
    Refusal refusal;
    nested_parser_.write(*record.values[field.column], job_.columns[field.column],
                         job_.unknown_fields, field.text, refusal);
    if (refusal.rule.empty()) {
      record.values[field.column] =
          field.text == "null" ? std::nullopt : std::optional<std::string_view>(field.text);
    } else {
      record.refusal = pack_refusal(refusal);
      record.values.clear();
    }
  }
}

Block BlockRecords::close() {
  reader_.reset();
  return std::move(block_);
}

bool BlockRecords::lies_in_block(std::string_view text) const {
  const std::less_equal<const char*> not_behind;
  const std::string_view block = block_.buffer.view();
  return not_behind(block.data(), text.data()) &&
         not_behind(text.data() + text.size(), block.data() + block.size());
}

bool BlockRecords::next(LandedRecord& record) {
  if (reader_->next(record)) {
    if (!nested_.empty()) {
      read_nested(record);
    }
    return true;
  }
  if (next_damaged_ == block_.damaged.size()) {
    return false;
  }
  const DamagedRecord& damaged = block_.damaged[next_damaged_++];
  record.offset = damaged.offset;
  record.bytes = damaged.bytes;
  record.line = damaged.line;
  record.raw = damaged.front;
  record.refusal = pack_refusal({kMalformed, "", damaged.why});
  record.values.clear();
  return true;
}

}  // namespace sluice::decode
