#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sluice/decode/internal/block_reader.h"
#include "sluice/decode/internal/csv_layout.h"
#include "sluice/decode/internal/json_records.h"
#include "sluice/decode/internal/landed_record.h"
#include "sluice/decode/internal/nested_text.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// What the blocks of one file have in common.
struct FileLayout {
  const job::DecodeFile* file = nullptr;
  std::unique_ptr<CsvLayout> csv;  // only of a CSV file
  bool as_landed = true;           // offsets are those of the landed file's own bytes
};

/// One text file as blocks, taken one after another and read side by side.
class LandedFile {
 public:
  /// Opens a file from its bytes. `job` and `file` must outlive this.
  static base::Result<std::unique_ptr<LandedFile>> open(std::unique_ptr<ByteStream> landed,
                                                        const job::DecodeJob& job,
                                                        const job::DecodeFile& file);

  /// Takes the next block, of at most `records_max` records; false at the end.
  base::Result<bool> next(Block& block, std::size_t records_max);

  std::shared_ptr<const FileLayout> layout() const { return layout_; }

 private:
  LandedFile(TextStream text, const job::DecodeJob& job, const job::DecodeFile& file);
  base::Status read_header();

  const job::DecodeJob& job_;
  std::shared_ptr<FileLayout> layout_;  // also held by those who read its blocks
  BlockReader blocks_;
  Block first_;  // of a damaged header, which is a record
  bool has_first_ = false;
};

/// Reads the records of blocks, one block after another, on one thread.
class BlockRecords {
 public:
  explicit BlockRecords(const job::DecodeJob& job);

  /// Begins with another block.
  void open(std::shared_ptr<const FileLayout> layout, Block block);
  /// Gives the block back, once all of it was read; texts of its records lie in it.
  Block close();
  /// Says whether a text of a record stays with the block, and not only until the next record.
  bool lies_in_block(std::string_view text) const;
  /// Reads the next record of the block; false at its end.
  bool next(LandedRecord& record);

  const FileLayout& layout() const { return *layout_; }
  const std::vector<std::string>& unknown_keys() const { return json_.unknown(); }
  void forget_unknown_keys() { json_.forget_unknown(); }

 private:
  struct NestedField {
    std::size_t column;
    std::string text;  // of the record's value
  };

  void read_nested(LandedRecord& record);

  const job::DecodeJob& job_;
  JsonParser json_;
  NestedTextParser nested_parser_;
  std::vector<NestedField> nested_;
  std::shared_ptr<const FileLayout> layout_;
  Block block_;
  std::unique_ptr<RecordReader> reader_;
  std::size_t next_damaged_ = 0;
};

}  // namespace sluice::decode
