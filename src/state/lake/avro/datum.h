#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sluice::lake::avro {

/// A value of some Avro schema: null, boolean, int, long and enum as int64, float, double, bytes,
/// string and fixed as text; a record holds its fields in order, an array its items, a map records
/// of key and value. A null optional is null, another one holds its value directly.
struct Datum {
  using Items = std::vector<Datum>;
  std::variant<std::monostate, bool, std::int64_t, float, double, std::string, Items> held;

  Datum() = default;
  template <class T>
  explicit Datum(T value) : held(std::move(value)) {}

  bool is_null() const { return held.index() == 0; }

  friend bool operator==(const Datum&, const Datum&) = default;
};

}  // namespace sluice::lake::avro
