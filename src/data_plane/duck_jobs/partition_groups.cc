#include "sluice/duck_jobs/internal/partition_groups.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "sluice/duck/quote.h"

namespace sluice::duck_jobs {

namespace {

using base::Result;
using base::Status;
using data::TypeKind;

/// Bytes of a row before encoding and compression for each byte of the file: low, so that files
/// rather stay below their target than exceed it by much.
constexpr std::int64_t kPlainPerFileByte = 4;

std::string value_sql(const job::PartitionColumn& column) {
  const std::string value =
      fmt::format("CAST(({}) AS {})", column.expression, data::duckdb_name(column.type));
  switch (column.type.kind) {
    case TypeKind::kBinary:
    case TypeKind::kFixed:
      return fmt::format("lower(hex({}))", value);
    case TypeKind::kTimestamptz:  // whatever the session's time zone is
      return fmt::format("CAST(make_timestamp(epoch_us({})) AS VARCHAR) || '+00'", value);
    default:
      return fmt::format("CAST({} AS VARCHAR)", value);
  }
}

/// SQL for about how many bytes a row has.
std::string row_bytes_sql(const data::Schema& schema) {
  std::int64_t fixed = 0;
  std::string sql;
  for (const data::Field& field : schema.fields) {
    const std::string name = duck::quote_identifier(field.name);
    if (field.type.kind == TypeKind::kString) {
      sql += fmt::format(" + coalesce(strlen({}), 0)", name);
    } else if (field.type.kind == TypeKind::kBinary) {
      sql += fmt::format(" + coalesce(octet_length({}), 0)", name);
    } else {
      fixed += 8;
    }
  }
  return fmt::format("CAST({}{} AS BIGINT)", fixed, sql);
}

void append_key(std::string& key, const duck::ColumnView& column, std::size_t row) {
  if (column.is_null(row)) {
    key += 'n';
    return;
  }
  const std::string_view text = column.text(row);
  key += 'v';
  key += std::to_string(text.size());
  key += ':';
  key += text;
}

}  // namespace

class PartitionGroups::Numbers {
 public:
  Numbers(std::size_t columns, std::int64_t plain_bytes_max)
      : columns_(columns), plain_bytes_max_(plain_bytes_max) {}

  Status number(const duck::ChunkView& arguments, duck::ColumnWriter& result) {
    std::vector<duck::ColumnView> columns;
    for (std::size_t i = 0; i <= columns_; ++i) {
      columns.push_back(arguments.column(i));
    }
    std::string key;
    std::string last;
    Partition* partition = nullptr;
    const std::lock_guard lock(mutex_);
    for (std::size_t row = 0; row < arguments.rows(); ++row) {
      key.clear();
      for (std::size_t i = 0; i < columns_; ++i) {
        append_key(key, columns[i], row);
      }
      if (partition == nullptr || key != last) {
        SLUICE_ASSIGN_OR_RETURN(partition, find(key, columns, row));
        last = key;
      }
      if (partition->plain_bytes >= plain_bytes_max_) {
        begin_group(*partition);
      }
      partition->plain_bytes += columns[columns_].at<std::int64_t>(row);
      result.set(row, partition->group);
    }
    return {};
  }

  Result<Values> values(std::int64_t group) const {
    const std::lock_guard lock(mutex_);
    if (group < 0 || static_cast<std::size_t>(group) >= groups_.size()) {
      return base::internal_error(fmt::format("DuckDB wrote rows of partition group {}", group));
    }
    return *groups_[static_cast<std::size_t>(group)];
  }

 private:
  struct Partition {
    std::shared_ptr<const Values> values;  // shared by the partition's groups
    std::int64_t group = 0;
    std::int64_t plain_bytes = 0;
  };

  Result<Partition*> find(const std::string& key, const std::vector<duck::ColumnView>& columns,
                          std::size_t row) {
    const auto [found, fresh] = partitions_.try_emplace(key);
    Partition& partition = found->second;
    if (!fresh) {
      return &partition;
    }
    if (partitions_.size() > kPartitionsMax) {
      return base::invalid_input(fmt::format(
          "partition_by makes more than {} partitions, each of them a file: choose a coarser one, "
          "such as bucket(16, column)",
          kPartitionsMax));
    }
    auto values = std::make_shared<Values>();
    for (std::size_t i = 0; i < columns_; ++i) {
      values->push_back(columns[i].is_null(row) ? std::nullopt
                                                : std::optional<std::string>(columns[i].text(row)));
    }
    partition.values = std::move(values);
    begin_group(partition);
    return &partition;
  }

  void begin_group(Partition& partition) {
    partition.group = static_cast<std::int64_t>(groups_.size());
    partition.plain_bytes = 0;
    groups_.push_back(partition.values);
  }

  const std::size_t columns_;
  const std::int64_t plain_bytes_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Partition> partitions_;
  std::vector<std::shared_ptr<const Values>> groups_;
};

Result<PartitionGroups> PartitionGroups::open(Session& session, const job::OutputTable& table) {
  // A session may write several tables, and its functions cannot be replaced.
  static std::atomic<int> opened = 0;
  PartitionGroups groups;
  groups.numbers_ = std::make_shared<Numbers>(table.partition.size(),
                                              table.parquet.file_bytes_target * kPlainPerFileByte);
  duck::ScalarFunction function;
  function.name = fmt::format("sluice_partition_{}", opened++);
  function.result = duck::ArgumentType::kBigint;
  groups.expression_ = function.name + "(";
  for (const job::PartitionColumn& column : table.partition) {
    function.arguments.push_back(duck::ArgumentType::kText);
    groups.expression_ += value_sql(column) + ", ";
  }
  function.arguments.push_back(duck::ArgumentType::kBigint);
  groups.expression_ += row_bytes_sql(table.schema) + ")";
  function.call = [numbers = groups.numbers_](const duck::ChunkView& arguments,
                                              duck::ColumnWriter& result) {
    return numbers->number(arguments, result);
  };
  SLUICE_RETURN_IF_ERROR(session.connection().add_function(std::move(function)));
  return groups;
}

Result<PartitionGroups::Values> PartitionGroups::values(std::int64_t group) const {
  return numbers_->values(group);
}

}  // namespace sluice::duck_jobs
