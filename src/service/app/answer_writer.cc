#include "sluice/app/answer_writer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/data/value.h"

namespace sluice::app {

namespace {

using base::Status;
using data::Batch;
using data::Column;
using data::Value;

Status put(std::FILE* out, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), out) != text.size()) {
    return errno == EPIPE ? base::cancelled("the reader of the output has gone")
                          : base::from_errno(errno, "writing the answer");
  }
  return {};
}

/// Columns that a character takes on a terminal, counting code points.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_number(const data::Type& type) {
  switch (type.kind) {
    case data::TypeKind::kInt:
    case data::TypeKind::kLong:
    case data::TypeKind::kFloat:
    case data::TypeKind::kDouble:
    case data::TypeKind::kDecimal:
      return true;
    default:
      return false;
  }
}

/// Keeps a cell on its line and within a readable width.
std::string cell_text(const Value& value, const data::Type& type) {
  static constexpr std::size_t kCellBytesMax = 120;
  if (data::is_null(value)) {
    return "NULL";
  }
  std::string text = data::to_text(value, type);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = ' ';
    }
  }
  if (text.size() > kCellBytesMax) {
    std::size_t end = kCellBytesMax;
    while (end > 0 && (text[end] & 0xC0) == 0x80) {
      --end;
    }
    text = text.substr(0, end) + "…";
  }
  return text;
}

class TableWriter final : public AnswerWriter {
 public:
  explicit TableWriter(std::FILE* out) : out_(out) {}

  Status add(Batch batch) override {
    rows_ += batch.rows();
    if (!header_printed_) {
      held_.push_back(std::move(batch));
      return rows_ >= kRowsMeasured ? flush(held_.front().columns) : Status();
    }
    return print_rows(batch);
  }

  Status finish(const std::vector<Column>& columns, bool cut) override {
    if (!header_printed_) {
      SLUICE_RETURN_IF_ERROR(flush(columns));
    }
    std::string end =
        base::format_count(static_cast<std::int64_t>(rows_)) + (rows_ == 1 ? " row" : " rows");
    if (cut) {
      end += " (cut; there are more)";
    }
    return put(out_, "(" + end + ")\n");
  }

 private:
  static constexpr std::size_t kRowsMeasured = 1000;

  Status flush(const std::vector<Column>& columns) {
    widths_.clear();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::size_t width = width_of(columns[c].name);
      for (const Batch& batch : held_) {
        for (const Value& value : batch.columns[c].values) {
          width = std::max(width, width_of(cell_text(value, columns[c].type)));
        }
      }
      widths_.push_back(width);
    }
    SLUICE_RETURN_IF_ERROR(print_header(columns));
    header_printed_ = true;
    for (const Batch& batch : held_) {
      SLUICE_RETURN_IF_ERROR(print_rows(batch));
    }
    held_.clear();
    return {};
  }

  Status print_header(const std::vector<Column>& columns) {
    std::string names;
    std::string rule;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      append_cell(names, columns[c].name, c, is_number(columns[c].type), c + 1 == columns.size());
      rule += (c == 0 ? "" : "  ");
      for (std::size_t i = 0; i < widths_[c]; ++i) {
        rule += "─";
      }
    }
    return put(out_, names + "\n" + rule + "\n");
  }

  Status print_rows(const Batch& batch) {
    std::string lines;
    for (std::size_t r = 0; r < batch.rows(); ++r) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        const Column& column = batch.columns[c];
        append_cell(lines, cell_text(column.values[r], column.type), c, is_number(column.type),
                    c + 1 == batch.columns.size());
      }
      lines += '\n';
    }
    return put(out_, lines);
  }

  void append_cell(std::string& line, std::string_view text, std::size_t column, bool right,
                   bool last) const {
    const std::size_t used = width_of(text);
    const std::size_t pad = widths_[column] > used ? widths_[column] - used : 0;
    line += column == 0 ? "" : "  ";
    if (right) {
      line.append(pad, ' ');
    }
    line += text;
    if (!right && !last) {
      line.append(pad, ' ');
    }
  }

  std::FILE* out_;
  std::vector<Batch> held_;
  std::vector<std::size_t> widths_;
  std::size_t rows_ = 0;
  bool header_printed_ = false;
};

/// JSON has no NaN and no infinity: they are text, so that they differ from null.
nlohmann::ordered_json number_or_text(double number, const Value& value, const data::Type& type) {
  if (std::isfinite(number)) {
    return type.kind == data::TypeKind::kFloat ? nlohmann::ordered_json(std::get<float>(value))
                                               : nlohmann::ordered_json(number);
  }
  return data::to_text(value, type);
}

nlohmann::ordered_json to_json(const Value& value, const data::Type& type);

/// A list is an array, a struct and a map an object: a key that is no text is written as one.
nlohmann::ordered_json nested_to_json(const data::NestedValue& value, const data::Type& type) {
  const std::vector<Value>& items = value.items();
  if (type.kind == data::TypeKind::kList) {
    nlohmann::ordered_json array = nlohmann::ordered_json::array();
    for (const Value& item : items) {
      array.push_back(to_json(item, type.fields[0].type));
    }
    return array;
  }
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  if (type.kind == data::TypeKind::kStruct) {
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      object[type.fields[i].name] = to_json(items[i], type.fields[i].type);
    }
    return object;
  }
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    object[data::to_text(items[i], type.fields[0].type)] =
        to_json(items[i + 1], type.fields[1].type);
  }
  return object;
}

nlohmann::ordered_json to_json(const Value& value, const data::Type& type) {
  if (const auto* nested = std::get_if<data::NestedValue>(&value)) {
    return nested_to_json(*nested, type);
  }
  switch (value.index()) {
    case 0:
      return nullptr;
    case 1:
      return std::get<bool>(value);
    case 3:
      if (type.kind == data::TypeKind::kLong) {
        return std::get<std::int64_t>(value);
      }
      return data::to_text(value, type);
    case 2:
      if (type.kind == data::TypeKind::kInt) {
        return std::get<std::int32_t>(value);
      }
      return data::to_text(value, type);
    case 4:
      return number_or_text(std::get<float>(value), value, type);
    case 5:
      return number_or_text(std::get<double>(value), value, type);
    default:
      return data::to_text(value, type);
  }
}

class JsonWriter final : public AnswerWriter {
 public:
  explicit JsonWriter(std::FILE* out) : out_(out) {}

  Status add(Batch batch) override {
    std::string text;
    for (std::size_t r = 0; r < batch.rows(); ++r) {
      nlohmann::ordered_json row = nlohmann::ordered_json::object();
      for (const Column& column : batch.columns) {
        row[column.name] = to_json(column.values[r], column.type);
      }
      text += first_ ? "[\n" : ",\n";
      text += row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
      first_ = false;
    }
    return put(out_, text);
  }

  Status finish(const std::vector<Column>&, bool) override {
    return put(out_, first_ ? "[]\n" : "\n]\n");
  }

 private:
  std::FILE* out_;
  bool first_ = true;
};

class CsvWriter final : public AnswerWriter {
 public:
  explicit CsvWriter(std::FILE* out) : out_(out) {}

  Status add(Batch batch) override {
    std::string text = header(batch.columns);
    for (std::size_t r = 0; r < batch.rows(); ++r) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        const Column& column = batch.columns[c];
        text += c == 0 ? "" : ",";
        text +=
            quoted(data::to_text(column.values[r], column.type), !data::is_null(column.values[r]));
      }
      text += "\r\n";
    }
    return put(out_, text);
  }

  Status finish(const std::vector<Column>& columns, bool) override {
    return put(out_, header(columns));
  }

 private:
  /// Returns the header line the first time, then nothing.
  std::string header(const std::vector<Column>& columns) {
    if (std::exchange(header_printed_, true)) {
      return {};
    }
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      line += (c == 0 ? "" : ",") + quoted(columns[c].name, true);
    }
    return line + "\r\n";
  }

  /// An empty text is quoted, so that it differs from null.
  static std::string quoted(const std::string& text, bool present) {
    const bool plain = text.find_first_of(",\"\r\n") == std::string::npos;
    if (plain && (!text.empty() || !present)) {
      return text;
    }
    std::string result = "\"";
    for (const char c : text) {
      result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + "\"";
  }

  std::FILE* out_;
  bool header_printed_ = false;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_answer_writer(AnswerFormat format, std::FILE* out) {
  switch (format) {
    case AnswerFormat::kTable:
      return std::make_unique<TableWriter>(out);
    case AnswerFormat::kJson:
      return std::make_unique<JsonWriter>(out);
    case AnswerFormat::kCsv:
      return std::make_unique<CsvWriter>(out);
  }
  return std::make_unique<TableWriter>(out);
}

}  // namespace sluice::app
