#include "sluice/duck/vector.h"

#include <duckdb.h>

#include <algorithm>

namespace sluice::duck {

ColumnView::ColumnView(_duckdb_vector* vector)
    : vector_(vector),
      data_(duckdb_vector_get_data(vector)),
      validity_(duckdb_vector_get_validity(vector)) {}

std::string_view ColumnView::text(std::size_t row) const {
  // The address matters: short strings lie inside the struct.
  auto* text = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(data_) + row);
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

ColumnView::Span ColumnView::span(std::size_t row) const {
  const auto entry = at<duckdb_list_entry>(row);
  return {entry.offset, entry.offset + entry.length};
}

ColumnView ColumnView::child() const { return ColumnView(duckdb_list_vector_get_child(vector_)); }

ColumnView ColumnView::field(std::size_t index) const {
  return ColumnView(duckdb_struct_vector_get_child(vector_, index));
}

std::size_t ChunkView::rows() const { return duckdb_data_chunk_get_size(chunk_); }

ColumnView ChunkView::column(std::size_t index) const {
  return ColumnView(duckdb_data_chunk_get_vector(chunk_, index));
}

ColumnWriter::ColumnWriter(_duckdb_vector* vector)
    : vector_(vector), data_(vector == nullptr ? nullptr : duckdb_vector_get_data(vector)) {}

void ColumnWriter::set_null(std::size_t row) {
  if (vector_ != nullptr) {
    duckdb_vector_ensure_validity_writable(vector_);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector_), row);
  }
}

void ColumnWriter::set_nulls(std::size_t rows) {
  if (vector_ != nullptr && rows > 0) {
    duckdb_vector_ensure_validity_writable(vector_);
    std::uint64_t* validity = duckdb_vector_get_validity(vector_);
    std::fill_n(validity, rows / 64, 0);
    if (rows % 64 != 0) {
      validity[rows / 64] &= ~std::uint64_t{0} << rows % 64;
    }
  }
}

void ColumnWriter::set(std::size_t row, std::string_view text) {
  if (vector_ != nullptr) {
    duckdb_unsafe_vector_assign_string_element_len(vector_, row, text.data(), text.size());
  }
}

void ColumnWriter::refer(std::size_t row, std::string_view text) {
  if (data_ == nullptr) {
    return;
  }
  duckdb_string_t value{};
  if (text.size() <= sizeof(value.value.inlined.inlined)) {
    value.value.inlined.length = static_cast<std::uint32_t>(text.size());
    std::copy(text.begin(), text.end(), value.value.inlined.inlined);
  } else {
    value.value.pointer.length = static_cast<std::uint32_t>(text.size());
    std::copy_n(text.begin(), sizeof(value.value.pointer.prefix), value.value.pointer.prefix);
    value.value.pointer.ptr = const_cast<char*>(text.data());
  }
  static_cast<duckdb_string_t*>(data_)[row] = value;
}

}  // namespace sluice::duck
