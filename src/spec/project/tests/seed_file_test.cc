#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/project/tests/folder_fixture.h"

namespace sluice::project {
namespace {

using testing::HasSubstr;

class Seeds : public FolderTest {
 protected:
  Seeds() { write("sluice.yaml", kSettings); }
};

TEST_F(Seeds, AreModelsOfTheirRows) {
  write("seeds/countries.csv", "code,name,since\nDE,Germany,1990-10-03\nFR,\"L'Hexagone\",\n");
  const Project project = load();
  ASSERT_EQ(count_, 0U) << said_;
  ASSERT_EQ(project.models.size(), 1U);
  EXPECT_EQ(project.models[0].table, "seeds.countries");
  EXPECT_EQ(project.models[0].file, "seeds/countries.csv");
  EXPECT_TRUE(project.models[0].is_seed());
  EXPECT_EQ(project.models[0].sql(),
            "SELECT CAST(c0 AS VARCHAR) AS \"code\", CAST(c1 AS VARCHAR) AS \"name\", CAST(c2 AS "
            "DATE) AS \"since\"\nFROM (VALUES\n('DE', 'Germany', '1990-10-03'),\n('FR', "
            "'L''Hexagone', NULL)) AS seed(c0, c1, c2)");
}

TEST_F(Seeds, MayStandInANamespaceAndHaveNoRows) {
  write("seeds/ref/codes.csv", "code\n");
  const Project project = load();
  ASSERT_EQ(count_, 0U) << said_;
  EXPECT_EQ(project.models[0].table, "ref.codes");
  EXPECT_THAT(std::string(project.models[0].sql()), HasSubstr("(NULL)) AS seed(c0)\nWHERE false"));
}

TEST_F(Seeds, HaveTheTypesOfTheirContract) {
  write("seeds/codes.csv", "code,rank\n1,2\n");
  write("contracts/seeds.codes.odcs.yaml",
        "apiVersion: v3.2.0\nkind: DataContract\nid: codes\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: codes\n    properties:\n      - {name: code, logicalType: string}\n");
  const Project project = load();
  ASSERT_EQ(count_, 0U) << said_;
  EXPECT_THAT(std::string(project.models[0].sql()),
              HasSubstr("CAST(c0 AS VARCHAR) AS \"code\", CAST(c1 AS BIGINT) AS \"rank\""));
}

TEST_F(Seeds, SayWhatIsWrongWithThem) {
  write("seeds/Bad Name.csv", "a\n1\n");
  write("seeds/bronze/a.csv", "a\n1\n");
  write("seeds/short.csv", "a,b\n1\n");
  write("seeds/large.csv", "a\n" + std::string((1 << 20) + 1, 'x'));
  write("seeds/readme.txt", "");
  load();
  EXPECT_TRUE(says("seeds/Bad Name.csv:1:1: the file's path names no table")) << said_;
  EXPECT_TRUE(says("namespace 'bronze' is not for seeds")) << said_;
  EXPECT_TRUE(says("line 2: 1 fields where the header has 2")) << said_;
  EXPECT_TRUE(says("seeds are small tables")) << said_;
  EXPECT_TRUE(says("seeds/readme.txt:1:1: seeds are .csv files")) << said_;
}

}  // namespace
}  // namespace sluice::project
