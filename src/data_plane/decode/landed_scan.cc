#include "sluice/decode/internal/landed_scan.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "sluice/decode/internal/payload.h"

namespace sluice::decode {

namespace {

using base::Result;

constexpr std::size_t kChunkBytesMax = 4 << 20;  // then a chunk goes on its way with fewer rows
constexpr std::int64_t kBytesPerRowGuess = 64;
constexpr std::int64_t kBytesPerThread = 4 << 20;  // of the files
constexpr std::size_t kUnknownMax = 100;

/// Where the function's columns stand: the contract's texts, ours, the contract's values.
struct Places {
  explicit Places(const job::DecodeJob& job)
      : file(job.columns.size()),
        line(file + 1),
        offset(file + 2),
        bytes(file + 3),
        refusal(file + 4),
        payload(file + 5),
        by_text(file + 6) {}
  static std::size_t value(const job::DecodeJob& job, std::size_t column) {
    return job.columns.size() + 7 + column;
  }

  std::size_t file;
  std::size_t line;
  std::size_t offset;
  std::size_t bytes;
  std::size_t refusal;
  std::size_t payload;
  std::size_t by_text;
};

// Many small files would otherwise keep a block each until the chunk is full.
constexpr std::size_t kBlocksHeldMax = 8;

std::string value_name(std::size_t column) { return "_sluice_value_" + std::to_string(column); }

}  // namespace

/// One thread of the scan: the block it is in.
class LandedScan::Thread {
 public:
  explicit Thread(LandedScan& scan) : scan_(scan), records_(scan.job_) {}

  Result<std::size_t> fill(duck::ChunkWriter& out) {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    by_text_.clear();
    forget_blocks();
    while (rows < duck::chunk_rows_max() && bytes < kChunkBytesMax &&
           (rows == 0 || read_.size() < kBlocksHeldMax)) {
      if (!open_) {
        SLUICE_ASSIGN_OR_RETURN(open_, scan_.take_block(records_, std::exchange(spare_, {})));
        if (!open_) {
          break;
        }
      }
      if (!records_.next(record_)) {
        close();
        if (rows == 0) {
          forget_blocks();
        }
        continue;
      }
      ++count_;
      bytes += record_.refusal.empty() ? static_cast<std::size_t>(record_.bytes) : 0;
      write(out, rows++);
    }
    finish_texts(out, rows);
    return rows;
  }

 private:
  void close() {
    const std::lock_guard lock(scan_.mutex_);
    const std::int64_t seq = records_.layout().file->seq;
    scan_.records_[seq] += std::exchange(count_, 0);
    std::set<std::string>& unknown = scan_.unknown_[seq];
    for (const std::string& key : records_.unknown_keys()) {
      if (unknown.size() < kUnknownMax) {
        unknown.insert(key);
      }
    }
    records_.forget_unknown_keys();
    open_ = false;
    read_.push_back(records_.close());
  }

  /// The chunk is not read any more; the memory of one block is kept for the next.
  void forget_blocks() {
    if (!read_.empty()) {
      spare_ = std::move(read_.back());
      read_.clear();
    }
  }

  void write(duck::ChunkWriter& out, std::size_t row) {
    const Places places(scan_.job_);
    out.column(places.file).set(row, records_.layout().file->seq);
    out.column(places.line).set(row, record_.line);
    out.column(places.offset).set(row, record_.offset);
    out.column(places.bytes).set(row, record_.bytes);
    const bool good = record_.refusal.empty();
    if (good) {
      out.column(places.refusal).set_null(row);
    } else {
      out.column(places.refusal).set(row, std::string_view(record_.refusal));
    }
    duck::ColumnWriter& payload = out.column(places.payload);
    if (records_.layout().as_landed || !payload.wanted()) {
      payload.set_null(row);
    } else {
      payload.set(row, std::string_view(payload_text(record_.raw, record_.bytes)));
    }
    const bool by_text = !write_values(out, row);
    out.column(places.by_text).set(row, by_text);
    if (by_text) {
      by_text_.push_back(row);
      write_texts(out, row);
    }
  }

  std::optional<std::string_view> value(std::size_t column) const {
    return column < record_.values.size() ? record_.values[column] : std::nullopt;
  }

  /// Writes all columns but the texts beside a value; false when a value is not surely good.
  bool write_values(duck::ChunkWriter& out, std::size_t row) {
    const std::size_t columns = scan_.job_.columns.size();
    bool good = true;
    for (std::size_t i = 0; i < columns; ++i) {
      if (scan_.has_value_column(i)) {
        duck::ColumnWriter& column = out.column(Places::value(scan_.job_, i));
        good = (column.wanted() && scan_.plain_[i]->take(value(i), column, row)) && good;
      } else {
        write_text(out, i, row);
        good = good && (!scan_.plain_[i] || scan_.plain_[i]->is_good_text(value(i)));
      }
    }
    return good;
  }

  void write_text(duck::ChunkWriter& out, std::size_t column, std::size_t row) const {
    set_text(out.column(column), value(column), row);
  }

  void set_text(duck::ColumnWriter& column, const std::optional<std::string_view>& text,
                std::size_t row) const {
    if (!text) {
      column.set_null(row);
    } else if (records_.lies_in_block(*text)) {
      column.refer(row, *text);
    } else {
      column.set(row, *text);
    }
  }

  void write_texts(duck::ChunkWriter& out, std::size_t row) const {
    for (std::size_t i = 0; i < scan_.job_.columns.size(); ++i) {
      if (scan_.has_value_column(i)) {
        write_text(out, i, row);
      }
    }
  }

  /// Makes texts null that were not written. A query may ask for all columns: those that have
  /// nothing to say are null, too.
  void finish_texts(duck::ChunkWriter& out, std::size_t rows) const {
    for (std::size_t i = 0; i < scan_.job_.columns.size(); ++i) {
      if (!scan_.has_value_column(i)) {
        out.column(Places::value(scan_.job_, i)).set_nulls(rows);
        continue;
      }
      if (by_text_.empty()) {
        out.column(i).set_nulls(rows);
        continue;
      }
      std::size_t row = 0;
      for (const std::size_t written : by_text_) {
        for (; row < written; ++row) {
          out.column(i).set_null(row);
        }
        ++row;
      }
      for (; row < rows; ++row) {
        out.column(i).set_null(row);
      }
    }
  }

  LandedScan& scan_;
  BlockRecords records_;
  bool open_ = false;
  LandedRecord record_;
  std::int64_t count_ = 0;
  std::vector<std::size_t> by_text_;  // rows of the chunk, in order
  std::vector<Block> read_;           // that have texts of the chunk
  Block spare_;
};

LandedScan::LandedScan(const job::DecodeJob& job, storage::FileIo& io,
                       std::function<bool()> stopped)
    : job_(job), io_(io), stopped_(std::move(stopped)) {
  for (const job::DecodeFile& file : job.files) {
    files_.push_back(&file);
    records_[file.seq] = 0;
  }
  for (const job::DecodeColumn& column : job.columns) {
    plain_.emplace_back();
    if (job.rest && column.plain) {
      plain_.back().emplace(column);
    }
  }
}

/// A string's text is its value.
bool LandedScan::has_value_column(std::size_t column) const {
  return plain_[column] && job_.columns[column].type.kind != data::TypeKind::kString;
}

/// Only one thread divides files at a time: where a record begins is known from what is before it.
Result<bool> LandedScan::take_block(BlockRecords& records, Block spare) {
  const std::lock_guard lock(mutex_);
  for (;;) {
    if (file_ == nullptr) {
      if (next_file_ == files_.size()) {
        return false;
      }
      const job::DecodeFile& file = *files_[next_file_++];
      SLUICE_ASSIGN_OR_RETURN(file_,
                              LandedFile::open(read_file(io_, file.path, stopped_), job_, file));
      if (file_->layout()->csv != nullptr) {
        const auto& names = file_->layout()->csv->unknown();
        unknown_[file.seq].insert(
            names.begin(),
            names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kUnknownMax)));
      }
    }
    SLUICE_ASSIGN_OR_RETURN(const bool more, file_->next(spare, duck::chunk_rows_max()));
    if (more) {
      records.open(file_->layout(), std::move(spare));
      return true;
    }
    file_.reset();
  }
}

duck::TableFunction LandedScan::table_function() {
  using data::TypeKind;
  duck::TableFunction function;
  function.name = "sluice_landed";
  for (const job::DecodeColumn& column : job_.columns) {
    function.columns.push_back({column.name, {TypeKind::kString}});
  }
  for (const char* name : {job::kFileColumn, job::kLineColumn, kOffsetColumn, kBytesColumn}) {
    function.columns.push_back({name, {TypeKind::kLong}});
  }
  function.columns.push_back({kRefusalColumn, {TypeKind::kString}});
  function.columns.push_back({kPayloadColumn, {TypeKind::kString}});
  function.columns.push_back({kByTextColumn, {TypeKind::kBoolean}});
  for (std::size_t i = 0; i < job_.columns.size(); ++i) {
    // A column that is not read as a value has its place here all the same, and is null.
    function.columns.push_back(
        {value_name(i), has_value_column(i) ? job_.columns[i].type : data::Type{}});
  }
  const auto bytes = [this] {
    std::int64_t sum = 0;
    for (const job::DecodeFile* file : files_) {
      sum += file->bytes;
    }
    return sum;
  };
  function.threads_max = [bytes] {
    return static_cast<std::size_t>(1 + bytes() / kBytesPerThread);
  };
  function.rows_estimate = [bytes] { return bytes() / kBytesPerRowGuess; };
  function.open_thread = [this]() -> Result<duck::ScanThread> {
    auto thread = std::make_shared<Thread>(*this);  // shared only because std::function copies
    return duck::ScanThread([thread](duck::ChunkWriter& out) { return thread->fill(out); });
  };
  return function;
}

RecordSource LandedScan::source() const {
  const std::string place = std::string(job::kFileColumn) + ", " + job::kLineColumn + ", " +
                            kOffsetColumn + ", " + kBytesColumn;
  RecordSource source{"sluice_landed()", kPayloadColumn, kBytesColumn, place, {}};
  for (std::size_t i = 0; i < job_.columns.size(); ++i) {
    source.values.push_back(has_value_column(i) ? value_name(i) : "");
  }
  return source;
}

void LandedScan::restart(const std::vector<std::int64_t>& seqs) {
  const std::lock_guard lock(mutex_);
  files_.clear();
  records_.clear();
  file_.reset();
  for (const job::DecodeFile& file : job_.files) {
    if (std::find(seqs.begin(), seqs.end(), file.seq) != seqs.end()) {
      files_.push_back(&file);
      records_[file.seq] = 0;
    }
  }
  next_file_ = 0;
}

std::map<std::int64_t, std::int64_t> LandedScan::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

std::map<std::int64_t, std::set<std::string>> LandedScan::unknown_fields() const {
  const std::lock_guard lock(mutex_);
  return unknown_;
}

}  // namespace sluice::decode
