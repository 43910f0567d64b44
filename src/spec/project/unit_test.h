#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/project/project.h"
#include "sluice/yaml/diagnostics.h"
#include "sluice/yaml/document.h"

namespace sluice::project {

/// What a unit test looks at: a model's rows, how a source judges files, or a contract alone.
enum class UnitTestKind { kModel, kSource, kContract };

std::string_view to_text(UnitTestKind kind);

/// Rows of a table as written: `rows` is a list of maps from column to value, in
/// UnitTest::document.
struct GivenTable {
  std::string table;
  yaml::Mark mark;
  const yaml::Node* rows = nullptr;
};

/// A dropped file of a source: its name, whose ending a source's format may depend on, and bytes.
struct GivenFile {
  std::string name;
  std::string bytes;
};

/// A record that the source must refuse; what is not said is not compared.
struct ExpectedRefusal {
  std::optional<std::string> file;
  std::optional<std::int64_t> line;
  std::optional<std::string> column;
  std::optional<std::string> rule;
  yaml::Mark mark;
};

/// One test of `tests/**/*.yaml`. Without `rows` (sources) the good rows are not compared; without
/// `refusals` none may be refused.
struct UnitTest {
  std::string name;
  std::string description;
  std::string file;
  yaml::Mark mark;
  UnitTestKind kind = UnitTestKind::kModel;
  std::string subject;  // table of the model or source, or the contract's table or file
  yaml::Mark subject_mark;
  std::optional<base::Timestamp> now;  // the reference time; arrival of a source's files
  std::vector<GivenTable> tables;      // kContract: those that its rules read beside its own
  std::vector<GivenFile> files;        // in the order of their arrival
  const yaml::Node* given = nullptr;   // kContract: the rows to judge
  const yaml::Node* rows = nullptr;    // expected rows; columns that they name are compared
  std::vector<ExpectedRefusal> refusals;
  std::map<std::string, std::int64_t> violations;  // kContract: by rule; other rows' rules 0
  std::shared_ptr<const yaml::Document> document;
};

/// Reads every test of the project, ordered by file and place. What is wrong goes to `diagnostics`:
/// unknown keys, subjects that the project does not have, two tests of one name. Variables are not
/// expanded: a test says what it says.
base::Result<std::vector<UnitTest>> load_unit_tests(const Project& project,
                                                    yaml::Diagnostics& diagnostics);

}  // namespace sluice::project
