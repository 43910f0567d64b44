#include "sluice/project/init.h"

#include "sluice/project/tests/folder_fixture.h"

namespace sluice::project {
namespace {

class Init : public FolderTest {};

TEST_F(Init, MakesAProjectThatLoads) {
  const auto files = init_template("my-shop");
  ASSERT_TRUE(files.ok());
  for (const auto& [path, text] : *files) {
    write(path, text);
    EXPECT_EQ(text.find("@NAME@"), std::string::npos) << path;
  }
  const Project project = load();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(project.name, "my-shop");
  EXPECT_EQ(project.sources.size(), 1U);
  EXPECT_EQ(project.models.size(), 2U);
  EXPECT_TRUE(project.find_model("gold.daily_revenue")->expectations.has_value());
}

TEST_F(Init, RefusesNamesThatAreNone) {
  for (const char* name : {"", "a b", "1a", "../up", "-x"}) {
    EXPECT_EQ(init_template(name).error().kind, base::ErrorKind::kInvalidInput) << name;
  }
}

}  // namespace
}  // namespace sluice::project
