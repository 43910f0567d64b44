#include "sluice/dbt/internal/properties.h"

#include <algorithm>
#include <utility>

namespace sluice::dbt::internal {

namespace {

using yaml::Node;

std::string text_at(const Node& map, std::string_view key) {
  const Node* node = map.find(key);
  return node != nullptr && node->is_scalar() ? node->text : "";
}

/// Reads the properties of one file.
class PropertyReader {
 public:
  PropertyReader(std::string file, std::vector<LeftOver>& left)
      : file_(std::move(file)), left_(left) {}

  PropertyFile read(const Node& root) {
    PropertyFile read;
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      const std::string& key = root.keys[i].name;
      const Node& list = root.children[i];
      if (key == "models" || key == "seeds") {
        for (const Node& node : list.children) {
          (key == "models" ? read.models : read.seeds).push_back(properties(node));
        }
      } else if (key == "sources") {
        read_sources(list, read.sources);
      } else if (key != "version") {
        for (const Node& node : list.children) {
          left_.push_back({file_, key + " " + text_at(node, "name"), "has no equal here"});
        }
      }
    }
    return read;
  }

 private:
  void read_sources(const Node& list, std::vector<Properties>& sources) {
    for (const Node& source : list.children) {
      const Node* tables = source.find("tables");
      for (std::size_t i = 0; tables != nullptr && i < tables->children.size(); ++i) {
        Properties one = properties(tables->children[i]);
        one.source = text_at(source, "name");
        one.identifier = text_at(tables->children[i], "identifier");
        if (tables->children[i].find("freshness") != nullptr ||
            source.find("freshness") != nullptr) {
          left_.push_back({file_, "freshness of source " + one.source + "." + one.name,
                           "declare slaProperties in its contract"});
        }
        sources.push_back(std::move(one));
      }
    }
  }

  Properties properties(const Node& node) {
    Properties one;
    one.file = file_;
    one.name = text_at(node, "name");
    one.description = text_at(node, "description");
    if (const Node* config = node.find("config")) {
      apply_config(*config, one.config);
      one.has_config = true;
    }
    if (const Node* columns = node.find("columns")) {
      for (const Node& column : columns->children) {
        const std::string name = text_at(column, "name");
        one.columns.push_back({name, text_at(column, "description"), text_at(column, "data_type")});
        read_tests(column, one.name, name, one.tests);
      }
    }
    read_tests(node, one.name, "", one.tests);
    return one;
  }

  void read_tests(const Node& node, const std::string& table, const std::string& column,
                  std::vector<ColumnTest>& tests) {
    for (const char* key : {"tests", "data_tests"}) {
      const Node* list = node.find(key);
      for (std::size_t i = 0; list != nullptr && i < list->children.size(); ++i) {
        read_test(list->children[i], table, column, tests);
      }
    }
  }

  void read_test(const Node& node, const std::string& table, const std::string& column,
                 std::vector<ColumnTest>& tests) {
    ColumnTest test;
    test.column = column;
    const Node* options = nullptr;
    if (node.is_scalar()) {
      test.kind = node.text;
    } else if (node.is_map() && !node.keys.empty()) {
      test.kind = node.keys[0].name;
      options = &node.children[0];
      if (const Node* named = node.find("test_name"); named != nullptr && named->is_scalar()) {
        test.kind = named->text;
        options = &node;
      }
    }
    const bool known =
        !column.empty() && (test.kind == "unique" || test.kind == "not_null" ||
                            test.kind == "accepted_values" || test.kind == "relationships");
    if (!known) {
      left_.push_back({file_,
                       "test " + test.kind + " of " + table + (column.empty() ? "" : "." + column),
                       "write it as a quality rule of type sql in the table's contract"});
      return;
    }
    if (options != nullptr && options->is_map()) {
      read_options(*options, table, test);
    }
    tests.push_back(std::move(test));
  }

  void read_options(const Node& options, const std::string& table, ColumnTest& test) {
    const Node* arguments = options.find("arguments");
    const Node& given = arguments != nullptr && arguments->is_map() ? *arguments : options;
    const Node* config = options.find("config");
    test.warns = text_at(options, "severity") == "warn" ||
                 (config != nullptr && text_at(*config, "severity") == "warn");
    test.values = texts_of(given.find("values"));
    test.to_table = text_at(given, "to");
    test.to_column = text_at(given, "field");
    if (options.find("where") != nullptr ||
        (config != nullptr && config->find("where") != nullptr)) {
      left_.push_back({file_,
                       "the condition of test " + test.kind + " of " + table + "." + test.column,
                       "it is held for every row; write a quality rule of type sql instead"});
    }
  }

  std::string file_;
  std::vector<LeftOver>& left_;
};

}  // namespace

PropertyFile read_properties(const std::string& file, const Node& root,
                             std::vector<LeftOver>& left) {
  if (!root.is_map()) {
    return {};
  }
  return PropertyReader(file, left).read(root);
}

}  // namespace sluice::dbt::internal
