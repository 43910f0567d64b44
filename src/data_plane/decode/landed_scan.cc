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

}  // namespace

/// One thread of the scan: the block it is in.
class LandedScan::Thread {
 public:
  explicit Thread(LandedScan& scan) : scan_(scan), records_(scan.job_) {}

  Result<std::size_t> fill(duck::ChunkWriter& out) {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    while (rows < duck::chunk_rows_max() && bytes < kChunkBytesMax) {
      if (!open_) {
        SLUICE_ASSIGN_OR_RETURN(open_, scan_.take_block(records_));
        if (!open_) {
          break;
        }
      }
      if (!records_.next(record_)) {
        close();
        continue;
      }
      ++count_;
      bytes += record_.refusal.empty() ? static_cast<std::size_t>(record_.bytes) : 0;
      write(out, rows++);
    }
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
  }

  void write(duck::ChunkWriter& out, std::size_t row) {
    const std::size_t columns = scan_.job_.columns.size();
    for (std::size_t i = 0; i < columns; ++i) {
      duck::ColumnWriter& column = out.column(i);
      if (i < record_.values.size() && record_.values[i]) {
        column.set(row, *record_.values[i]);
      } else {
        column.set_null(row);
      }
    }
    out.column(columns).set(row, records_.layout().file->seq);
    out.column(columns + 1).set(row, record_.line);
    out.column(columns + 2).set(row, record_.offset);
    out.column(columns + 3).set(row, record_.bytes);
    const bool good = record_.refusal.empty();
    if (good) {
      out.column(columns + 4).set_null(row);
    } else {
      out.column(columns + 4).set(row, std::string_view(record_.refusal));
    }
    duck::ColumnWriter& payload = out.column(columns + 5);
    if (records_.layout().as_landed || !payload.wanted()) {
      payload.set_null(row);
    } else {
      payload.set(row, std::string_view(payload_text(record_.raw, record_.bytes)));
    }
  }

  LandedScan& scan_;
  BlockRecords records_;
  bool open_ = false;
  LandedRecord record_;
  std::int64_t count_ = 0;
};

LandedScan::LandedScan(const job::DecodeJob& job, storage::FileIo& io,
                       std::function<bool()> stopped)
    : job_(job), io_(io), stopped_(std::move(stopped)) {
  for (const job::DecodeFile& file : job.files) {
    files_.push_back(&file);
    records_[file.seq] = 0;
  }
}

/// Only one thread divides files at a time: where a record begins is known from what is before it.
Result<bool> LandedScan::take_block(BlockRecords& records) {
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
    Block block;
    SLUICE_ASSIGN_OR_RETURN(const bool more, file_->next(block, duck::chunk_rows_max()));
    if (more) {
      records.open(file_->layout(), std::move(block));
      return true;
    }
    file_.reset();
  }
}

duck::TableFunction LandedScan::table_function() {
  using duck::ArgumentType;
  duck::TableFunction function;
  function.name = "sluice_landed";
  for (const job::DecodeColumn& column : job_.columns) {
    function.columns.push_back({column.name, ArgumentType::kText});
  }
  for (const char* name : {job::kFileColumn, job::kLineColumn, kOffsetColumn, kBytesColumn}) {
    function.columns.push_back({name, ArgumentType::kBigint});
  }
  function.columns.push_back({kRefusalColumn, ArgumentType::kText});
  function.columns.push_back({kPayloadColumn, ArgumentType::kText});
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
  return {"sluice_landed()", kPayloadColumn, kBytesColumn, place};
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
