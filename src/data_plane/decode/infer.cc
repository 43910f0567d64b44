#include "sluice/decode/infer.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "sluice/decode/internal/csv_reader.h"
#include "sluice/decode/internal/infer_columns.h"
#include "sluice/decode/internal/infer_json.h"
#include "sluice/decode/internal/landed_file.h"
#include "sluice/decode/internal/refusal.h"
#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/session.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::decode {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kBlockRecords = 2048;
constexpr std::size_t kProblemsMax = 20;

/// Records that may still be read.
class Budget {
 public:
  explicit Budget(const job::InferJob& job) : rows_(job.rows_max), bytes_(job.bytes_max) {}

  bool spent() const { return (rows_ > 0 && taken_rows_ >= rows_) || bytes_spent(); }
  void take(std::int64_t bytes) {
    ++taken_rows_;
    taken_bytes_ += bytes;
  }
  /// Rows that may be asked for at once; 0: all.
  std::int64_t rows_left() const { return rows_ > 0 ? rows_ - taken_rows_ : 0; }

 private:
  bool bytes_spent() const { return bytes_ > 0 && taken_bytes_ >= bytes_; }

  std::int64_t rows_;
  std::int64_t bytes_;
  std::int64_t taken_rows_ = 0;
  std::int64_t taken_bytes_ = 0;
};

/// One job on its way through the files.
class Inference {
 public:
  Inference(const job::InferJob& job, storage::FileIo& io, std::stop_token stop)
      : job_(job), io_(io), stop_(std::move(stop)), columns_(job), budget_(job) {
    reading_.format = job.format;
    reading_.compression = job.compression;
    reading_.encoding = job.encoding;
    reading_.dialect = job.dialect;
    reading_.unknown_fields = job::UnknownFields::kIgnore;
  }

  Status read_text_files() {
    for (const job::DecodeFile& file : job_.files) {
      if (budget_.spent()) {
        result_.whole = false;
        return {};
      }
      ++result_.files;
      SLUICE_RETURN_IF_ERROR(read_text_file(file));
    }
    return {};
  }

  Status read_parquet_files(duck_jobs::Session& session) {
    for (const job::DecodeFile& file : job_.files) {
      if (budget_.spent()) {
        result_.whole = false;
        return {};
      }
      ++result_.files;
      const Status read = read_parquet_file(session, file);
      if (!read && is_damage(read.error())) {
        ++result_.damaged;
        add_problem(fmt::format("{}: {}", file.name, read.error().message));
      } else if (!read) {
        return read;
      }
    }
    return {};
  }

  job::InferResult finish() {
    columns_.finish(result_);
    return std::move(result_);
  }

 private:
  static bool is_damage(const base::Error& error) {
    return error.kind == base::ErrorKind::kInvalidInput ||
           error.kind == base::ErrorKind::kCorrupt || error.kind == base::ErrorKind::kInternal;
  }

  void add_problem(std::string text) {
    if (result_.problems.size() < kProblemsMax) {
      result_.problems.push_back(std::move(text));
    }
  }

  Status read_text_file(const job::DecodeFile& file) {
    const auto stopped = [this] { return stop_.stop_requested(); };
    SLUICE_ASSIGN_OR_RETURN(const auto landed,
                            LandedFile::open(read_file(io_, file.path, stopped), reading_, file));
    const CsvLayout* layout = landed->layout()->csv.get();
    if (layout != nullptr && !layout->refusal().empty()) {
      ++result_.damaged;
      add_problem(fmt::format("{}: {}", file.name, read_refusal(layout->refusal()).reason));
      return {};
    }
    std::vector<int> fields;  // of a CSV file, the column of each
    if (layout != nullptr && job_.dialect.header) {
      name_fields(*layout, layout->fields(), fields);
    }
    Block block;
    for (;;) {
      if (budget_.spent()) {
        result_.whole = false;
        return {};
      }
      SLUICE_ASSIGN_OR_RETURN(const bool more, landed->next(block, kBlockRecords));
      if (!more) {
        return {};
      }
      result_.damaged += static_cast<std::int64_t>(block.damaged.size());
      layout != nullptr ? read_csv_block(block, *layout, fields) : read_json_block(block);
    }
  }

  void name_fields(const CsvLayout& layout, std::size_t count, std::vector<int>& fields) {
    for (std::size_t i = 0; i < count; ++i) {
      fields.push_back(columns_.column(job_.dialect.header
                                           ? std::string(layout.name(static_cast<int>(i)))
                                           : fmt::format("column{}", i + 1)));
    }
  }

  void read_csv_block(const Block& block, const CsvLayout& layout, std::vector<int>& fields) {
    CsvReader reader(block, job_.dialect);
    CsvRecord record;
    while (!budget_.spent() && reader.next(record)) {
      if (fields.empty() && !job_.dialect.header) {
        name_fields(layout, record.fields.size(), fields);
      }
      if (!record.damage.empty() || record.fields.size() != fields.size()) {
        ++result_.damaged;
        continue;
      }
      for (std::size_t i = 0; i < fields.size(); ++i) {
        const CsvField& field = record.fields[i];
        if (fields[i] >= 0 && !is_null(field)) {
          columns_.add_text(fields[i], with_point(field.text), false);
        }
      }
      columns_.end_row();
      budget_.take(record.bytes);
    }
  }

  bool is_null(const CsvField& field) const {
    const std::vector<std::string>& nulls = job_.dialect.nulls;
    return !field.quoted && std::find(nulls.begin(), nulls.end(), field.text) != nulls.end();
  }

  /// A fraction with a decimal comma as decoding reads it; any other text as it is.
  std::string_view with_point(std::string_view text) {
    if (job_.dialect.decimal != ',' || text.find(',') == std::string_view::npos) {
      return text;
    }
    swapped_ = text;
    std::replace(swapped_.begin(), swapped_.end(), ',', '.');
    const TextKind kind = read_text(swapped_).kind;
    return kind == TextKind::kFraction || kind == TextKind::kExponent ? swapped_ : text;
  }

  void read_json_block(const Block& block) {
    for (const RecordSpan& span : block.records) {
      if (budget_.spent()) {
        return;
      }
      const std::string_view text = block.buffer.view().substr(span.begin, span.size);
      if (json_.add(text, columns_)) {
        budget_.take(span.size);
      } else {
        ++result_.damaged;
      }
    }
  }

  Status read_parquet_file(duck_jobs::Session& session, const job::DecodeFile& file) {
    const std::string from =
        "read_parquet(" + duck::quote_literal(file.path) + ", hive_partitioning = false)";
    SLUICE_ASSIGN_OR_RETURN(const auto columns, session.describe("SELECT * FROM " + from));
    std::vector<int> numbers;
    std::string list;
    for (const job::NamedColumn& column : columns) {
      const int number = columns_.column(column.name);
      if (number < 0) {
        continue;
      }
      const auto type = data::type_from_duckdb(column.type);
      columns_.set_type(number, type ? *type : data::Type{},
                        type ? "" : "the files' type " + column.type + " fits no table");
      numbers.push_back(number);
      const std::string name = duck::quote_identifier(column.name);
      list += (list.empty() ? "" : ", ") +
              (column.type == "BLOB" ? "hex(" + name + ")" : "CAST(" + name + " AS VARCHAR)");
    }
    const std::int64_t rows_left = budget_.rows_left();
    SLUICE_ASSIGN_OR_RETURN(
        duck::QueryResult rows,
        session.stream("SELECT " + (list.empty() ? "NULL" : list) + " FROM " + from +
                       (rows_left > 0 ? fmt::format(" LIMIT {}", rows_left + 1) : "")));
    for (;;) {
      SLUICE_ASSIGN_OR_RETURN(const bool more, rows.next([&](const duck::ChunkView& chunk) {
        return add_chunk(chunk, numbers);
      }));
      if (!more) {
        return {};
      }
      if (budget_.spent()) {
        result_.whole = result_.whole && !cut_;
        return {};
      }
    }
  }

  Status add_chunk(const duck::ChunkView& chunk, const std::vector<int>& numbers) {
    std::vector<duck::ColumnView> views;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      views.push_back(chunk.column(i));
    }
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      if (budget_.spent()) {
        cut_ = true;
        return {};
      }
      std::int64_t bytes = 0;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!views[i].is_null(row)) {
          const std::string_view text = views[i].text(row);
          bytes += static_cast<std::int64_t>(text.size());
          columns_.add_text(numbers[i], text, false);
        }
      }
      columns_.end_row();
      budget_.take(bytes);
    }
    return {};
  }

  const job::InferJob& job_;
  storage::FileIo& io_;
  std::stop_token stop_;
  job::DecodeJob reading_;  // how the files' text is divided
  InferColumns columns_;
  Budget budget_;
  JsonObserver json_;
  job::InferResult result_;
  std::string swapped_;
  bool cut_ = false;  // a file went on behind the last row that was taken
};

}  // namespace

Result<job::InferResult> run_infer(const job::InferJob& job, const job::Limits& limits,
                                   std::stop_token stop) {
  const auto io = storage::make_local_file_io();
  Inference inference(job, *io, stop);
  if (job.format != job::FileFormat::kParquet) {
    SLUICE_RETURN_IF_ERROR(inference.read_text_files());
    return inference.finish();
  }
  duck_jobs::SessionOptions options;
  options.keep_order = true;
  for (const job::DecodeFile& file : job.files) {
    options.files.push_back(file.path);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto session,
                          duck_jobs::Session::open(limits, options, std::move(stop)));
  const Status read = inference.read_parquet_files(*session);
  if (!read) {
    return session->explain(read.error());
  }
  return inference.finish();
}

}  // namespace sluice::decode
