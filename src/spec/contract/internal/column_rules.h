#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sluice/contract/contract.h"
#include "sluice/data/type.h"
#include "sluice/yaml/reader.h"

namespace sluice::contract::internal {

/// Collects the rules of one column while it is read. Values and bounds are checked against the
/// column's type and kept in its canonical spelling.
class ColumnRules {
 public:
  ColumnRules(std::string column, data::Type type, yaml::Reader& reader)
      : column_(std::move(column)), type_(type), reader_(reader) {}

  const std::string& column() const { return column_; }
  const data::Type& type() const { return type_; }

  /// `format` says how the text is written, "" for the usual form.
  void add_type(yaml::Mark mark, const std::string& format);
  void add_required(yaml::Mark mark, Severity severity);
  void add_missing(const yaml::Node& values, Severity severity);
  void add_domain(const yaml::Node& values, Severity severity);
  /// `items` holds the nodes of the allowed values themselves.
  void add_domain(std::vector<const yaml::Node*> items, yaml::Mark mark, Severity severity);
  void add_range(std::optional<Bound> minimum, std::optional<Bound> maximum, yaml::Mark mark);
  void add_length(std::optional<std::int64_t> minimum, std::optional<std::int64_t> maximum,
                  yaml::Mark mark, std::string_view of = "characters");
  /// No item of a list is there twice.
  void add_distinct(yaml::Mark mark);
  void add_pattern(const yaml::Node& pattern, Severity severity);
  void add_multiple(const yaml::Node& step);
  /// How a text is written, by the standard's name for it (`email`, `ipv4`, ...). A name that no
  /// rule stands for is reported.
  void add_format(const yaml::Node& format);

  /// Reads a scalar as a value of the column's type; a diagnostic at its place when it is none.
  std::optional<std::string> value(const yaml::Node& node, std::string_view what);
  /// Reads a list of values, nulls left out.
  std::optional<std::vector<std::string>> values(const yaml::Node& list, std::string_view what);
  /// Reads a regular expression, which only text can be held to.
  std::optional<std::string> pattern(const yaml::Node& node);

  /// Returns the rules in the order in which they are judged.
  std::vector<RowRule> take();

 private:
  RowRule& add(RowRuleKind kind, yaml::Mark mark, Severity severity);

  std::string column_;
  data::Type type_;
  yaml::Reader& reader_;
  std::vector<RowRule> rules_;
};

}  // namespace sluice::contract::internal
