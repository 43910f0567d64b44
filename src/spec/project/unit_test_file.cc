#include <algorithm>
#include <utility>

#include "sluice/base/text.h"
#include "sluice/project/internal/folder.h"
#include "sluice/project/unit_test.h"
#include "sluice/yaml/reader.h"

namespace sluice::project {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kFolder = "tests";
constexpr std::string_view kEnding = ".yaml";
constexpr std::string_view kFileKeys[] = {"tests"};
constexpr std::string_view kTestKeys[] = {"name", "description", "model",  "source", "contract",
                                          "now",  "given",       "tables", "expect"};
constexpr std::string_view kModelExpectKeys[] = {"rows"};
constexpr std::string_view kSourceExpectKeys[] = {"rows", "refused"};
constexpr std::string_view kContractExpectKeys[] = {"violations"};
constexpr std::string_view kRefusalKeys[] = {"file", "line", "column", "rule"};
constexpr std::int64_t kCountMax = std::int64_t{1} << 40;

/// Reads the tests of one file.
class TestFileReader {
 public:
  TestFileReader(const Project& project, std::string file,
                 std::shared_ptr<const yaml::Document> document, Reader& reader)
      : project_(project),
        file_(std::move(file)),
        document_(std::move(document)),
        reader_(reader) {}

  std::vector<UnitTest> read() {
    std::vector<UnitTest> tests;
    const Node& root = document_->root;
    if (!reader_.expect_map(root, "a file of tests")) {
      return tests;
    }
    reader_.check_known_keys(root, "a file of tests", kFileKeys);
    const Node* list = reader_.required(root, "tests", "a file of tests");
    if (list == nullptr || !reader_.expect_list(*list, "tests")) {
      return tests;
    }
    for (const Node& node : list->children) {
      if (auto test = read_test(node)) {
        tests.push_back(std::move(*test));
      }
    }
    return tests;
  }

 private:
  std::optional<UnitTest> read_test(const Node& node) {
    if (!reader_.expect_map(node, "a test")) {
      return std::nullopt;
    }
    reader_.check_known_keys(node, "a test", kTestKeys);
    UnitTest test;
    test.file = file_;
    test.mark = node.mark;
    test.document = document_;
    if (const Node* name = reader_.required(node, "name", "a test")) {
      test.name = reader_.text(*name, "name").value_or("");
    }
    if (const Node* text = node.find("description")) {
      test.description = reader_.text(*text, "description").value_or("");
    }
    if (!read_subject(node, test)) {
      return std::nullopt;
    }
    if (const Node* now = node.find("now")) {
      read_now(*now, test);
    }
    if (const Node* given = reader_.required(node, "given", "a test")) {
      read_given(*given, test);
    }
    if (const Node* tables = node.find("tables")) {
      if (test.kind == UnitTestKind::kContract) {
        read_given_tables(*tables, test);
      } else {
        reader_.add_at_key(node, "tables", "'tables' is for the test of a contract",
                           test.kind == UnitTestKind::kModel ? "put them into 'given'" : "");
      }
    }
    if (const Node* expect = reader_.required(node, "expect", "a test")) {
      read_expected(*expect, test);
    }
    return test;
  }

  bool read_subject(const Node& node, UnitTest& test) {
    int subjects = 0;
    for (const auto& [key, kind] : {std::pair{"model", UnitTestKind::kModel},
                                    {"source", UnitTestKind::kSource},
                                    {"contract", UnitTestKind::kContract}}) {
      const Node* subject = node.find(key);
      if (subject == nullptr) {
        continue;
      }
      ++subjects;
      test.kind = kind;
      test.subject = reader_.text(*subject, key).value_or("");
      test.subject_mark = subject->mark;
      if (!test.subject.empty() && !is_known(test)) {
        const std::string near = base::nearest(test.subject, known_subjects(test.kind));
        reader_.add(*subject, "there is no " + std::string(key) + " '" + test.subject + "'",
                    near.empty() ? "" : "did you mean '" + near + "'?");
        return false;
      }
    }
    if (subjects != 1) {
      reader_.add(node, "a test names one of model, source and contract");
    }
    return subjects == 1;
  }

  bool is_known(const UnitTest& test) const {
    const auto names = known_subjects(test.kind);
    return std::find(names.begin(), names.end(), test.subject) != names.end();
  }

  std::vector<std::string> known_subjects(UnitTestKind kind) const {
    std::vector<std::string> names;
    if (kind == UnitTestKind::kModel) {
      for (const Model& model : project_.models) {
        names.push_back(model.table);
      }
    } else if (kind == UnitTestKind::kSource) {
      for (const Source& source : project_.sources) {
        names.push_back(source.table);
      }
    } else {
      for (const contract::Contract& contract : project_.contracts) {
        names.push_back(contract.table);
        names.push_back(contract.file);
      }
    }
    return names;
  }

  void read_now(const Node& node, UnitTest& test) {
    const auto text = reader_.text(node, "now");
    if (!text) {
      return;
    }
    if (auto at = base::parse_iso8601(*text)) {
      test.now = *at;
    } else {
      reader_.add(node, "now: " + at.error().message, "write 2024-01-31T12:00:00Z");
    }
  }

  void read_given(const Node& node, UnitTest& test) {
    switch (test.kind) {
      case UnitTestKind::kModel:
        read_given_tables(node, test);
        return;
      case UnitTestKind::kSource:
        read_given_files(node, test);
        return;
      case UnitTestKind::kContract:
        if (check_rows(node, "given")) {
          test.given = &node;
        }
        return;
    }
  }

  void read_given_tables(const Node& node, UnitTest& test) {
    if (node.is_null() || !reader_.expect_map(node, "given")) {
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      if (check_rows(node.children[i], node.keys[i].name)) {
        test.tables.push_back({node.keys[i].name, node.keys[i].mark, &node.children[i]});
      }
    }
  }

  /// One text is one file; a map has a text per file name.
  void read_given_files(const Node& node, UnitTest& test) {
    const Source* source = project_.find_source(test.subject);
    if (node.is_scalar()) {
      if (auto bytes = reader_.text(node, "given")) {
        test.files.push_back(
            {"given." + std::string(source == nullptr ? "csv" : to_text(source->format)),
             std::move(*bytes)});
      }
      return;
    }
    if (!reader_.expect_map(node, "given")) {
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      if (auto bytes = reader_.text(node.children[i], "a given file")) {
        test.files.push_back({node.keys[i].name, std::move(*bytes)});
      }
    }
  }

  bool check_rows(const Node& node, std::string_view what) {
    if (node.is_null()) {
      return true;
    }
    if (!reader_.expect_list(node, what)) {
      return false;
    }
    return std::all_of(node.children.begin(), node.children.end(),
                       [&](const Node& row) { return reader_.expect_map(row, "a row"); });
  }

  void read_expected(const Node& node, UnitTest& test) {
    if (node.is_list() && test.kind != UnitTestKind::kContract) {
      test.rows = check_rows(node, "expect") ? &node : nullptr;
      return;
    }
    if (!reader_.expect_map(node, "expect")) {
      return;
    }
    if (test.kind == UnitTestKind::kModel) {
      reader_.check_known_keys(node, "expect", kModelExpectKeys);
      (void)reader_.required(node, "rows", "what a model's test expects");
    } else if (test.kind == UnitTestKind::kSource) {
      reader_.check_known_keys(node, "expect", kSourceExpectKeys);
    } else {
      reader_.check_known_keys(node, "expect", kContractExpectKeys);
      if (const Node* violations = reader_.required(node, "violations", "what is expected")) {
        read_violations(*violations, test);
      }
    }
    if (const Node* rows = node.find("rows"); rows != nullptr && check_rows(*rows, "rows")) {
      test.rows = rows;
    }
    if (const Node* refused = node.find("refused")) {
      read_refusals(*refused, test);
    }
  }

  void read_violations(const Node& node, UnitTest& test) {
    if (node.is_null() || !reader_.expect_map(node, "violations")) {
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      if (const auto count = reader_.integer(node.children[i], "violations", 0, kCountMax)) {
        test.violations[node.keys[i].name] = *count;
      }
    }
  }

  void read_refusals(const Node& node, UnitTest& test) {
    if (node.is_null() || !reader_.expect_list(node, "refused")) {
      return;
    }
    for (const Node& item : node.children) {
      if (!reader_.expect_map(item, "a refused record")) {
        continue;
      }
      reader_.check_known_keys(item, "a refused record", kRefusalKeys);
      ExpectedRefusal refusal;
      refusal.mark = item.mark;
      const auto text = [&](const char* key) -> std::optional<std::string> {
        const Node* value = item.find(key);
        return value == nullptr ? std::nullopt : reader_.text(*value, key);
      };
      refusal.file = text("file");
      refusal.column = text("column");
      refusal.rule = text("rule");
      if (const Node* line = item.find("line")) {
        refusal.line = reader_.integer(*line, "line", 1, kCountMax);
      }
      test.refusals.push_back(std::move(refusal));
    }
  }

  const Project& project_;
  std::string file_;
  std::shared_ptr<const yaml::Document> document_;
  Reader& reader_;
};

void refuse_equal_names(const std::vector<UnitTest>& tests, yaml::Diagnostics& diagnostics) {
  std::map<std::pair<std::string, std::string>, const UnitTest*> names;
  for (const UnitTest& test : tests) {
    const auto [first, added] = names.emplace(std::pair{test.subject, test.name}, &test);
    if (!added) {
      diagnostics.add({test.file, test.mark,
                       "a second test of " + test.subject + " is called '" + test.name + "'",
                       "the first is in " + first->second->file, ""});
    }
  }
}

}  // namespace

std::string_view to_text(UnitTestKind kind) {
  switch (kind) {
    case UnitTestKind::kModel:
      return "model";
    case UnitTestKind::kSource:
      return "source";
    case UnitTestKind::kContract:
      return "contract";
  }
  return "";
}

base::Result<std::vector<UnitTest>> load_unit_tests(const Project& project,
                                                    yaml::Diagnostics& diagnostics) {
  SLUICE_ASSIGN_OR_RETURN(const auto files,
                          internal::list_files(project.root, std::string(kFolder), kEnding));
  std::vector<UnitTest> tests;
  for (const std::string& file : files) {
    SLUICE_ASSIGN_OR_RETURN(std::string text, internal::read_text(project.root / file));
    yaml::Diagnostics found;
    auto document =
        std::make_shared<const yaml::Document>(yaml::parse({file, std::move(text)}, found));
    if (found.empty()) {
      Reader reader(found);
      auto read = TestFileReader(project, file, document, reader).read();
      std::move(read.begin(), read.end(), std::back_inserter(tests));
    }
    found.sort();
    diagnostics.append(std::move(found));
  }
  refuse_equal_names(tests, diagnostics);
  return tests;
}

}  // namespace sluice::project
