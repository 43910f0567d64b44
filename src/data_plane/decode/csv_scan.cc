#include "sluice/decode/internal/csv_scan.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "sluice/decode/internal/csv_file.h"

namespace sluice::decode {

namespace {

using base::Result;

constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kChunkBytesMax = 4 << 20;  // then a chunk goes on its way with fewer rows
constexpr std::int64_t kBytesPerRowGuess = 64;

}  // namespace

/// One thread of the scan: the file it is in.
class CsvScan::Thread {
 public:
  explicit Thread(CsvScan& scan) : scan_(scan) {}

  Result<std::size_t> fill(duck::ChunkWriter& out) {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    while (rows < duck::chunk_rows_max() && bytes < kChunkBytesMax) {
      if (reader_ == nullptr && !open_next()) {
        break;
      }
      SLUICE_ASSIGN_OR_RETURN(const bool more, reader_->next(record_));
      if (!more) {
        close();
        continue;
      }
      ++records_;
      bytes += record_.refusal.empty() ? static_cast<std::size_t>(record_.bytes) : 0;
      write(out, rows++);
    }
    return rows;
  }

 private:
  bool open_next() {
    const std::size_t next = scan_.next_file_.fetch_add(1);
    if (next >= scan_.files_.size()) {
      return false;
    }
    file_ = scan_.files_[next];
    records_ = 0;
    auto read = [this, at = std::int64_t{0}](char* to,
                                             std::size_t bytes_max) mutable -> Result<std::size_t> {
      if (scan_.stopped_()) {
        return base::cancelled("the job was stopped");
      }
      SLUICE_ASSIGN_OR_RETURN(
          const std::string bytes,
          scan_.io_.read_range(file_->path, at,
                               static_cast<std::int64_t>(std::min(bytes_max, kReadBytes))));
      std::memcpy(to, bytes.data(), bytes.size());
      at += static_cast<std::int64_t>(bytes.size());
      return bytes.size();
    };
    reader_ = std::make_unique<CsvFile>(std::move(read), scan_.job_.dialect, scan_.job_.columns);
    return true;
  }

  void close() {
    const std::lock_guard lock(scan_.mutex_);
    scan_.records_[file_->seq] += records_;
    reader_.reset();
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
    out.column(columns).set(row, file_->seq);
    out.column(columns + 1).set(row, record_.line);
    out.column(columns + 2).set(row, record_.offset);
    out.column(columns + 3).set(row, record_.bytes);
    if (record_.refusal.empty()) {
      out.column(columns + 4).set_null(row);
    } else {
      out.column(columns + 4).set(row, std::string_view(record_.refusal));
    }
  }

  CsvScan& scan_;
  const job::DecodeFile* file_ = nullptr;
  std::unique_ptr<CsvFile> reader_;
  LandedRecord record_;
  std::int64_t records_ = 0;
};

CsvScan::CsvScan(const job::DecodeJob& job, storage::FileIo& io, std::function<bool()> stopped)
    : job_(job), io_(io), stopped_(std::move(stopped)) {
  for (const job::DecodeFile& file : job.files) {
    files_.push_back(&file);
    records_[file.seq] = 0;
  }
}

duck::TableFunction CsvScan::table_function() {
  using duck::ArgumentType;
  duck::TableFunction function;
  function.name = "sluice_csv";
  for (const job::DecodeColumn& column : job_.columns) {
    function.columns.push_back({column.name, ArgumentType::kText});
  }
  for (const char* name : {job::kFileColumn, job::kLineColumn, kOffsetColumn, kBytesColumn}) {
    function.columns.push_back({name, ArgumentType::kBigint});
  }
  function.columns.push_back({kRefusalColumn, ArgumentType::kText});
  function.threads_max = [this] { return std::max<std::size_t>(1, files_.size()); };
  function.rows_estimate = [this] {
    std::int64_t bytes = 0;
    for (const job::DecodeFile* file : files_) {
      bytes += file->bytes;
    }
    return bytes / kBytesPerRowGuess;
  };
  function.open_thread = [this]() -> Result<duck::ScanThread> {
    auto thread = std::make_shared<Thread>(*this);  // shared only because std::function copies
    return duck::ScanThread([thread](duck::ChunkWriter& out) { return thread->fill(out); });
  };
  return function;
}

void CsvScan::restart(const std::vector<std::int64_t>& seqs) {
  files_.clear();
  records_.clear();
  for (const job::DecodeFile& file : job_.files) {
    if (std::find(seqs.begin(), seqs.end(), file.seq) != seqs.end()) {
      files_.push_back(&file);
      records_[file.seq] = 0;
    }
  }
  next_file_ = 0;
}

std::map<std::int64_t, std::int64_t> CsvScan::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

}  // namespace sluice::decode
