#include "sluice/engine_duckdb/worker_frontend.h"

#include <optional>
#include <utility>

#include "sluice/data/type.h"
#include "sluice/engine_duckdb/internal/answer_cache.h"
#include "sluice/engine_duckdb/internal/mentions.h"
#include "sluice/job/codec.h"

namespace sluice::engine_duckdb {
namespace {

using internal::CacheKey;

// Parsing and binding need little; this bounds what a hostile statement can take.
constexpr std::int64_t kMemoryBytes = std::int64_t{256} << 20;

// Answers are kept as the worker sends them, one statement each.
template <class Result, class Statement>
std::string keep(Statement statement) {
  return job::encode(job::Response{Result{{std::move(statement)}}, {}});
}

template <class Result>
auto unkeep(const std::optional<std::string>& bytes)
    -> std::optional<typename decltype(Result::statements)::value_type> {
  auto response = bytes ? job::decode_response(*bytes) : base::not_found("");
  const auto* result = response ? std::get_if<Result>(&response->answer) : nullptr;
  if (result == nullptr || result->statements.size() != 1) {
    return std::nullopt;
  }
  return result->statements.front();
}

std::vector<job::NamedColumn> to_job(const std::vector<sql::EngineColumn>& columns) {
  std::vector<job::NamedColumn> result;
  for (const sql::EngineColumn& column : columns) {
    result.push_back({column.name, column.type});
  }
  return result;
}

// The columns as a table offers them to what reads it; the worker does the same.
std::vector<job::NamedColumn> as_stored(std::vector<job::NamedColumn> columns) {
  for (job::NamedColumn& column : columns) {
    if (const auto type = data::type_from_duckdb(column.type)) {
      column.type = data::duckdb_name(*type);
    }
  }
  return columns;
}

/// One call of describe(): which statements are known, and what the others need.
class Description {
 public:
  Description(std::span<const sql::TableShape> tables,
              std::span<const sql::DescribeRequest> statements, std::string settings,
              internal::AnswerCache& cache)
      : statements_(statements), settings_(std::move(settings)), cache_(cache) {
    for (const sql::TableShape& table : tables) {
      names_.add(table.name, shapes_.size());
      shapes_.push_back({table.name, to_job(table.columns)});
    }
    known_.resize(shapes_.size(), true);
    first_statement_ = shapes_.size();
    for (const sql::DescribeRequest& statement : statements) {
      look_up(statement);
    }
  }

  bool complete() const { return missing_.empty(); }

  /// The missing statements with the tables that they may read.
  job::DescribeJob job() const {
    std::vector<bool> needed(shapes_.size(), false);
    job::DescribeJob job;
    for (const std::size_t i : missing_) {
      for (const std::size_t table : mentions_[i]) {
        needed[table] = true;
      }
      job.statements.push_back({statements_[i].name, statements_[i].sql});
    }
    for (std::size_t table = 0; table < shapes_.size(); ++table) {
      if (needed[table] && known_[table] && !shapes_[table].columns.empty()) {
        job.tables.push_back(shapes_[table]);
      }
    }
    return job;
  }

  base::Status take(job::DescribeResult result) {
    if (result.statements.size() != missing_.size()) {
      return base::internal_error("asked for " + std::to_string(missing_.size()) +
                                  " descriptions, got " + std::to_string(result.statements.size()));
    }
    for (std::size_t m = 0; m < missing_.size(); ++m) {
      const std::size_t i = missing_[m];
      job::DescribedSql& described = result.statements[m];
      shapes_[first_statement_ + i].columns = as_stored(described.columns);
      known_[first_statement_ + i] = true;
      // An error may speak of tables that the text does not name, so only answers are kept.
      if (described.error.empty()) {
        cache_.put(key_of(i), keep<job::DescribeResult>(described));
      }
      answers_[i] = std::move(described);
    }
    return {};
  }

  std::vector<sql::DescribedStatement> answers() && {
    std::vector<sql::DescribedStatement> result;
    for (job::DescribedSql& answer : answers_) {
      sql::DescribedStatement& statement = result.emplace_back();
      for (job::NamedColumn& column : answer.columns) {
        statement.columns.push_back({std::move(column.name), std::move(column.type)});
      }
      statement.error = std::move(answer.error);
      statement.error_offset = answer.error_offset;
    }
    return result;
  }

 private:
  void look_up(const sql::DescribeRequest& statement) {
    const std::size_t i = answers_.size();
    mentions_.push_back(names_.mentioned_in(internal::Words(statement.sql)));
    bool inputs_known = true;
    for (const std::size_t table : mentions_[i]) {
      inputs_known = inputs_known && known_[table];
    }
    auto hit = inputs_known ? unkeep<job::DescribeResult>(cache_.find(key_of(i))) : std::nullopt;
    if (!hit) {
      missing_.push_back(i);
    }
    known_.push_back(hit.has_value());
    shapes_.push_back({statement.name, hit ? as_stored(hit->columns) : decltype(hit->columns){}});
    if (!statement.name.empty()) {
      names_.add(statement.name, first_statement_ + i);
    }
    answers_.push_back(hit ? *std::move(hit) : job::DescribedSql{});
  }

  CacheKey key_of(std::size_t i) const {
    std::vector<std::string_view> parts = {settings_, statements_[i].sql};
    for (const std::size_t table : mentions_[i]) {
      parts.push_back(shapes_[table].name);
      for (const job::NamedColumn& column : shapes_[table].columns) {
        parts.push_back(column.name);
        parts.push_back(column.type);
      }
      parts.push_back({});  // no column has an empty name: the next table begins
    }
    return internal::make_key(parts);
  }

  std::span<const sql::DescribeRequest> statements_;
  std::string settings_;
  internal::AnswerCache& cache_;
  internal::TableNames names_;
  std::vector<job::TableShape> shapes_;  // given tables, then one per statement
  std::vector<bool> known_;              // per shape
  std::size_t first_statement_ = 0;
  std::vector<std::vector<std::size_t>> mentions_;  // per statement: shapes that it may read
  std::vector<job::DescribedSql> answers_;          // per statement
  std::vector<std::size_t> missing_;
};

}  // namespace

class WorkerFrontend::Impl {
 public:
  Impl(engine::Engine& engine, storage::FileIo& files, FrontendOptions options)
      : engine_(engine),
        options_(std::move(options)),
        settings_(options_.engine_version + "|" + options_.timezone),
        parsed_(files, file_of("parsed"), options_.cache_bytes_max, options_.log),
        described_(files, file_of("described"), options_.cache_bytes_max, options_.log) {}

  base::Result<std::vector<sql::ParsedStatement>> parse(std::span<const std::string> texts) {
    std::vector<job::ParsedSql> answers(texts.size());
    std::vector<std::size_t> missing;
    job::ParseJob job;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (auto hit = unkeep<job::ParseResult>(parsed_.find(key_of(texts[i])))) {
        answers[i] = *std::move(hit);
      } else {
        missing.push_back(i);
        job.sql.push_back(texts[i]);
      }
    }
    if (!missing.empty()) {
      job::ParseResult result;
      SLUICE_ASSIGN_OR_RETURN(result, run<job::ParseResult>(std::move(job)));
      if (result.statements.size() != missing.size()) {
        return base::internal_error("a parse job answered for another number of statements");
      }
      for (std::size_t m = 0; m < missing.size(); ++m) {
        parsed_.put(key_of(texts[missing[m]]), keep<job::ParseResult>(result.statements[m]));
        answers[missing[m]] = std::move(result.statements[m]);
      }
      parsed_.save();
    }
    std::vector<sql::ParsedStatement> statements;
    for (job::ParsedSql& answer : answers) {
      statements.push_back({std::move(answer.tree), std::move(answer.error), answer.error_offset});
    }
    return statements;
  }

  base::Result<std::vector<sql::DescribedStatement>> describe(
      std::span<const sql::TableShape> tables, std::span<const sql::DescribeRequest> statements) {
    Description description(tables, statements, settings_, described_);
    if (!description.complete()) {
      job::DescribeResult result;
      SLUICE_ASSIGN_OR_RETURN(result, run<job::DescribeResult>(description.job()));
      SLUICE_RETURN_IF_ERROR(description.take(std::move(result)));
      described_.save();
    }
    return std::move(description).answers();
  }

 private:
  std::string file_of(const char* kind) const {
    return options_.cache_dir.empty()
               ? std::string()
               : storage::join_path(options_.cache_dir, std::string(kind) + ".cache");
  }

  CacheKey key_of(const std::string& text) const { return internal::make_key({settings_, text}); }

  template <class Answer>
  base::Result<Answer> run(job::Job job) {
    job::Request request{std::move(job), {}};
    request.limits.memory_bytes = kMemoryBytes;
    request.limits.timezone = options_.timezone;
    auto response = engine_.execute(request, {}, {});
    if (!response) {
      return std::move(response).error();
    }
    auto* answer = std::get_if<Answer>(&response->answer);
    if (answer == nullptr) {
      return base::internal_error("a worker answered another kind of job");
    }
    return std::move(*answer);
  }

  engine::Engine& engine_;
  const FrontendOptions options_;
  const std::string settings_;
  internal::AnswerCache parsed_;
  internal::AnswerCache described_;
};

WorkerFrontend::WorkerFrontend(engine::Engine& engine, storage::FileIo& files,
                               FrontendOptions options)
    : impl_(std::make_unique<Impl>(engine, files, std::move(options))) {}

WorkerFrontend::~WorkerFrontend() = default;

base::Result<std::vector<sql::ParsedStatement>> WorkerFrontend::parse(
    std::span<const std::string> sql) {
  return impl_->parse(sql);
}

base::Result<std::vector<sql::DescribedStatement>> WorkerFrontend::describe(
    std::span<const sql::TableShape> tables, std::span<const sql::DescribeRequest> statements) {
  return impl_->describe(tables, statements);
}

}  // namespace sluice::engine_duckdb
