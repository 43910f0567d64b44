#include "sluice/unit_test/row_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "sluice/data/value.h"

namespace sluice::unit_test {

namespace {

using data::Batch;
using data::Value;

bool near(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    return std::isnan(a) && std::isnan(b);
  }
  return a == b || std::abs(a - b) <= kFloatTolerance * std::max(std::abs(a), std::abs(b));
}

bool equal(const Value& a, const Value& b) {
  if (const auto* real = std::get_if<double>(&a)) {
    const auto* other = std::get_if<double>(&b);
    return other != nullptr && near(*real, *other);
  }
  if (const auto* real = std::get_if<float>(&a)) {
    const auto* other = std::get_if<float>(&b);
    return other != nullptr && (near(*real, *other) || std::nextafter(*real, *other) == *other);
  }
  if (const auto* nested = std::get_if<data::NestedValue>(&a)) {
    const auto* other = std::get_if<data::NestedValue>(&b);
    return other != nullptr && nested->items().size() == other->items().size() &&
           std::equal(nested->items().begin(), nested->items().end(), other->items().begin(),
                      [](const Value& x, const Value& y) { return equal(x, y); });
  }
  return a == b;
}

std::string text_of(const data::Column& column, std::size_t row) {
  return data::is_null(column.values[row]) ? "NULL"
                                           : data::to_text(column.values[row], column.type);
}

bool is_float(const data::Type& type) {
  return type.kind == data::TypeKind::kFloat || type.kind == data::TypeKind::kDouble;
}

/// Orders rows: by exact columns first, so that rows which differ in floats alone stand together.
class RowOrder {
 public:
  explicit RowOrder(const Batch& batch) : columns_(batch.columns.size()) {
    std::iota(columns_.begin(), columns_.end(), std::size_t{0});
    std::stable_partition(columns_.begin(), columns_.end(),
                          [&](std::size_t i) { return !is_float(batch.columns[i].type); });
  }

  int compare(const Batch& a, std::size_t row_a, const Batch& b, std::size_t row_b) const {
    for (const std::size_t i : columns_) {
      const Value& left = a.columns[i].values[row_a];
      const Value& right = b.columns[i].values[row_b];
      if (equal(left, right)) {
        continue;
      }
      if (data::is_null(left) || data::is_null(right)) {
        return data::is_null(left) ? -1 : 1;
      }
      const std::string texts[] = {data::to_text(left, a.columns[i].type),
                                   data::to_text(right, b.columns[i].type)};
      const int order = left.index() == right.index() ? data::compare_values(left, right)
                                                      : texts[0].compare(texts[1]);
      return order != 0 ? order : texts[0].compare(texts[1]);
    }
    return 0;
  }

  std::vector<std::size_t> sorted(const Batch& batch) const {
    std::vector<std::size_t> rows(batch.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::stable_sort(rows.begin(), rows.end(),
                     [&](std::size_t a, std::size_t b) { return compare(batch, a, batch, b) < 0; });
    return rows;
  }

 private:
  std::vector<std::size_t> columns_;
};

/// Rows of a printed table; the first cell is the mark.
class DifferenceTable {
 public:
  explicit DifferenceTable(const Batch& batch) {
    std::vector<std::string> names = {""};
    for (const data::Column& column : batch.columns) {
      names.push_back(column.name);
    }
    lines_.push_back(std::move(names));
  }

  void add(const char* mark, const Batch& batch, std::size_t row) {
    std::vector<std::string> cells = {mark};
    for (const data::Column& column : batch.columns) {
      cells.push_back(text_of(column, row));
    }
    lines_.push_back(std::move(cells));
  }

  std::string text() const {
    std::vector<std::size_t> widths(lines_.front().size(), 0);
    for (const auto& line : lines_) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        widths[i] = std::max(widths[i], line[i].size());
      }
    }
    std::string text;
    for (const auto& line : lines_) {
      std::string row;
      for (std::size_t i = 0; i < line.size(); ++i) {
        row += fmt::format("{:<{}}", line[i], widths[i] + (i + 1 == line.size() ? 0 : 2));
      }
      row.erase(row.find_last_not_of(' ') + 1);
      text += row + "\n";
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> lines_;
};

/// Says in which columns an expected row and the one that came instead differ: those two that have
/// most in common, but not less than a half.
std::string nearest_pairs(const Batch& expected, std::vector<std::size_t> missing,
                          const Batch& actual, std::vector<std::size_t> extra) {
  std::string text;
  for (const std::size_t wanted : missing) {
    std::size_t best = extra.size();
    std::size_t best_equal = (expected.columns.size() - 1) / 2;
    for (std::size_t k = 0; k < extra.size(); ++k) {
      std::size_t same = 0;
      for (std::size_t i = 0; i < expected.columns.size(); ++i) {
        same +=
            equal(expected.columns[i].values[wanted], actual.columns[i].values[extra[k]]) ? 1 : 0;
      }
      if (same > best_equal) {
        best = k;
        best_equal = same;
      }
    }
    if (best == extra.size()) {
      continue;
    }
    std::string names;
    std::string changes;
    for (std::size_t i = 0; i < expected.columns.size(); ++i) {
      const data::Column& column = expected.columns[i];
      if (equal(column.values[wanted], actual.columns[i].values[extra[best]])) {
        names +=
            fmt::format("{}{} {}", names.empty() ? "" : ", ", column.name, text_of(column, wanted));
      } else {
        changes += fmt::format("{}{} {} instead of {}", changes.empty() ? "" : ", ", column.name,
                               text_of(actual.columns[i], extra[best]), text_of(column, wanted));
      }
    }
    text += fmt::format("where {}: {}\n", names, changes);
    extra.erase(extra.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return text;
}

}  // namespace

std::string row_differences(const Batch& expected, const Batch& actual, std::size_t rows_max) {
  const RowOrder order(expected);
  const auto wanted = order.sorted(expected);
  const auto came = order.sorted(actual);
  DifferenceTable table(expected);
  std::size_t missing = 0;
  std::size_t extra = 0;
  std::vector<std::size_t> shown_missing;
  std::vector<std::size_t> shown_extra;
  const auto take_missing = [&](std::size_t row) {
    if (++missing <= rows_max) {
      table.add("-", expected, row);
      shown_missing.push_back(row);
    }
  };
  const auto take_extra = [&](std::size_t row) {
    if (++extra <= rows_max) {
      table.add("+", actual, row);
      shown_extra.push_back(row);
    }
  };
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < wanted.size() || k < came.size()) {
    const int compared = i == wanted.size() ? 1
                         : k == came.size() ? -1
                                            : order.compare(expected, wanted[i], actual, came[k]);
    if (compared == 0) {
      ++i;
      ++k;
    } else if (compared < 0) {
      take_missing(wanted[i++]);
    } else {
      take_extra(came[k++]);
    }
  }
  if (missing == 0 && extra == 0) {
    return "";
  }
  std::string text = fmt::format("{} {} expected, {} came; - did not come, + was not expected\n",
                                 wanted.size(), wanted.size() == 1 ? "row" : "rows", came.size());
  text += table.text();
  text += nearest_pairs(expected, std::move(shown_missing), actual, std::move(shown_extra));
  const std::size_t left_out =
      (missing > rows_max ? missing - rows_max : 0) + (extra > rows_max ? extra - rows_max : 0);
  if (left_out > 0) {
    text += fmt::format("and {} more\n", left_out);
  }
  return text;
}

}  // namespace sluice::unit_test
