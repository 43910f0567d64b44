#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/data/type.h"
#include "sluice/data/value.h"

struct _duckdb_vector;
struct _duckdb_data_chunk;

namespace sluice::duck {

/// A read-only view of one column of a chunk; lives as long as the chunk. Nothing is checked: the
/// caller reads the type that the column has.
class ColumnView {
 public:
  explicit ColumnView(_duckdb_vector* vector);

  bool is_null(std::size_t row) const {
    return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
  }
  template <class T>
  T at(std::size_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  /// VARCHAR and BLOB.
  std::string_view text(std::size_t row) const;

  /// LIST and MAP: the rows of child() that row holds. A MAP's child is a STRUCT of key and value.
  struct Span {
    std::size_t begin;
    std::size_t end;
  };
  Span span(std::size_t row) const;
  ColumnView child() const;
  ColumnView field(std::size_t index) const;

 private:
  _duckdb_vector* vector_;
  const void* data_;
  const std::uint64_t* validity_;
};

/// The rows that a function is called with, or that a query yields.
class ChunkView {
 public:
  explicit ChunkView(_duckdb_data_chunk* chunk) : chunk_(chunk) {}
  std::size_t rows() const;
  ColumnView column(std::size_t index) const;

 private:
  _duckdb_data_chunk* chunk_;
};

/// Fills one column of a chunk. A null pointer inside means that nobody asked for the column; then
/// every call does nothing.
class ColumnWriter {
 public:
  explicit ColumnWriter(_duckdb_vector* vector);

  bool wanted() const { return vector_ != nullptr; }
  void set_null(std::size_t row);
  /// Makes the first rows null.
  void set_nulls(std::size_t rows);
  void set(std::size_t row, std::int64_t value) {
    if (data_ != nullptr) {
      static_cast<std::int64_t*>(data_)[row] = value;
    }
  }
  void set(std::size_t row, bool value) {
    if (data_ != nullptr) {
      static_cast<bool*>(data_)[row] = value;
    }
  }
  /// Sets a value as DuckDB holds it; T is of the size that the column's type has there.
  template <class T>
  void put(std::size_t row, T value) {
    if (data_ != nullptr) {
      static_cast<T*>(data_)[row] = value;
    }
  }
  /// The text must be valid UTF-8; it is copied.
  void set(std::size_t row, std::string_view text);
  /// The same without a copy: the text stays where it is until the chunk is filled again.
  void refer(std::size_t row, std::string_view text);

 private:
  _duckdb_vector* vector_;
  void* data_;
};

}  // namespace sluice::duck
