#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sluice/duck/vector.h"
#include "sluice/job/decode_job.h"

namespace sluice::decode {

/// Reads and judges values of one plain column (see job::DecodeColumn) without SQL. It only ever
/// says that a value is surely good; what it cannot tell, SQL judges.
class PlainColumn {
 public:
  /// `column` must outlive this.
  explicit PlainColumn(const job::DecodeColumn& column);

  /// Puts the value that a text means, or null, at `row` of a column of the type; false when the
  /// text is not in the usual form, or the value fails a check.
  bool take(const std::optional<std::string_view>& text, duck::ColumnWriter& out,
            std::size_t row) const;
  /// The same for a string, whose text is its value, without putting it anywhere.
  bool is_good_text(const std::optional<std::string_view>& text) const {
    return text ? tells_ && is_good(*text) : !column_.no_null;
  }

 private:
  struct WholeCheck {  // of whole numbers, and what is held as one
    std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> values;
  };
  struct FloatingCheck {
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
    bool above_minimum = false;
    bool below_maximum = false;
  };
  struct TextCheck {
    std::vector<std::string_view> few;  // values, when they are few
    std::unordered_set<std::string_view> many;
    std::int64_t length_min = 0;
    std::int64_t length_max = std::numeric_limits<std::int64_t>::max();
  };

  bool add_check(const job::ValueCheck& check);
  bool add_whole_check(const job::ValueCheck& check);
  bool add_floating_check(const job::ValueCheck& check);
  std::optional<std::int64_t> read_as_whole(std::string_view text) const;
  std::optional<double> read_as_floating(std::string_view text) const;
  bool is_good(std::int64_t value) const;
  bool is_good(double value) const;
  bool is_good(std::string_view text) const;
  void put(std::int64_t value, duck::ColumnWriter& out, std::size_t row) const;

  const job::DecodeColumn& column_;
  bool tells_ = true;  // every check could be read
  std::vector<WholeCheck> whole_;
  std::vector<FloatingCheck> floating_;
  std::vector<TextCheck> texts_;
};

}  // namespace sluice::decode
