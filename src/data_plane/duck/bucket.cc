#include "sluice/duck/bucket.h"

#include <string>
#include <string_view>
#include <utility>

#include "sluice/base/murmur3.h"
#include "sluice/data/decimal_bytes.h"

namespace sluice::duck {

namespace {

using base::Result;
using base::Status;

std::string little_endian(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> shift));
  }
  return bytes;
}

Result<std::string> unscaled_bytes(std::string_view printed) {
  std::string digits;
  for (const char c : printed) {
    if (c != '.') {
      digits += c;
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const data::Int128 unscaled, data::parse_int128(digits));
  return data::decimal_bytes(unscaled);
}

template <class BytesOf>
ScalarFunction bucket_function(std::string name, ArgumentType argument, BytesOf bytes_of) {
  ScalarFunction function;
  function.name = std::move(name);
  function.arguments = {argument, ArgumentType::kBigint};
  function.result = ArgumentType::kBigint;
  function.call = [bytes_of](const ChunkView& arguments, ColumnWriter& result) -> Status {
    const ColumnView values = arguments.column(0);
    const ColumnView counts = arguments.column(1);
    for (std::size_t row = 0; row < arguments.rows(); ++row) {
      if (values.is_null(row) || counts.is_null(row)) {
        result.set_null(row);
        continue;
      }
      const Result<std::string> bytes = bytes_of(values, row);
      SLUICE_RETURN_IF_ERROR(bytes);
      const auto count = counts.at<std::int64_t>(row);
      if (count <= 0) {
        return base::invalid_input("bucket() needs at least one bucket");
      }
      result.set(row, std::int64_t{base::murmur3_x86_32(*bytes) & 0x7FFFFFFF} % count);
    }
    return {};
  };
  return function;
}

}  // namespace

std::vector<ScalarFunction> bucket_functions() {
  std::vector<ScalarFunction> functions;
  functions.push_back(bucket_function(
      "sluice_bucket_long", ArgumentType::kBigint, [](const ColumnView& values, std::size_t row) {
        return Result<std::string>(little_endian(values.at<std::int64_t>(row)));
      }));
  functions.push_back(bucket_function("sluice_bucket_bytes", ArgumentType::kBlob,
                                      [](const ColumnView& values, std::size_t row) {
                                        return Result<std::string>(std::string(values.text(row)));
                                      }));
  functions.push_back(bucket_function(
      "sluice_bucket_decimal", ArgumentType::kText,
      [](const ColumnView& values, std::size_t row) { return unscaled_bytes(values.text(row)); }));
  return functions;
}

}  // namespace sluice::duck
