#include "sluice/project/internal/variables.h"

#include "sluice/project/tests/folder_fixture.h"

namespace sluice::project {
namespace {

class Variables : public FolderTest {
 protected:
  void settings(const std::string& vars, const std::string& dev = "") {
    write("sluice.yaml", "project: shop\ntargets:\n  dev: { warehouse: \"./${vars.folder}\"" + dev +
                             " }\n  prod: { warehouse: ./p }\nvars: { folder: w, " + vars + " }\n");
  }

  std::string literal(const Project& project, const std::string& name) {
    const Variable* variable = project.find_variable(name);
    return variable == nullptr ? "none" : internal::sql_literal(*variable);
  }
};

TEST_F(Variables, HaveTheTypeOfTheirValue) {
  settings("n: 7, price: 1.50, on: true, since: 2013-01-31, name: it's, zip: '0815'");
  const Project project = load();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(literal(project, "n"), "CAST(7 AS BIGINT)");
  EXPECT_EQ(literal(project, "price"), "CAST(1.50 AS DECIMAL(38,2))");
  EXPECT_EQ(literal(project, "on"), "true");
  EXPECT_EQ(literal(project, "since"), "DATE '2013-01-31'");
  EXPECT_EQ(literal(project, "name"), "'it''s'");
  EXPECT_EQ(literal(project, "zip"), "'0815'");
}

TEST_F(Variables, AreExpandedInYaml) {
  settings("n: 7");
  EXPECT_TRUE(load().find_target("dev")->warehouse.ends_with("/w"));
}

TEST_F(Variables, AreAnotherForATarget) {
  settings("n: 7", ", vars: { n: 8 }");
  EXPECT_EQ(load("dev").find_variable("n")->text, "8");
  EXPECT_EQ(load("prod").find_variable("n")->text, "7");
}

TEST_F(Variables, KeepTheirTypeAndTheirName) {
  settings("n: 7", ", vars: { n: many, m: 1 }");
  load();
  EXPECT_TRUE(says("variable 'n' is a whole number, which 'many' is not")) << said_;
  EXPECT_TRUE(says("variable 'm' is not declared")) << said_;
  EXPECT_TRUE(says("did you mean 'n'?")) << said_;
}

TEST_F(Variables, AreTakenFromTheCommandLine) {
  settings("n: 7, day: 2013-01-01");
  yaml::Diagnostics diagnostics;
  LoadOptions options{root_, "", {}, {{"n", "9"}}};
  EXPECT_EQ(load_project(options, diagnostics)->find_variable("n")->text, "9");
  options.variables = {{"dayy", "2013-01-02"}};
  EXPECT_NE(load_project(options, diagnostics).error().message.find("did you mean 'day'?"),
            std::string::npos);
  options.variables = {{"day", "2013-02-30"}};
  EXPECT_NE(load_project(options, diagnostics).error().message.find("it is a date"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::project
