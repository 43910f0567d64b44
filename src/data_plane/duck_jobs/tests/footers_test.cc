#include "sluice/duck_jobs/footers.h"

#include <gtest/gtest.h>

#include <fstream>

#include "sluice/duck_jobs/stage.h"
#include "sluice/duck_jobs/tests/scratch_folder.h"

namespace sluice::duck_jobs {
namespace {

TEST(Footers, ReadsEachFileByItself) {
  ScratchFolder folder;
  job::StageJob stage;
  stage.sql = "SELECT range AS i FROM range(42)";
  stage.output.schema.fields = {{1, "i", *data::parse_type("long")}};
  stage.output.dir = folder.path();
  const auto staged = run_stage(stage, {}, {});
  ASSERT_TRUE(staged.ok());
  std::ofstream(folder / "broken.parquet") << "PAR1 nothing here";
  const auto result = run_footers(
      {{folder / "broken.parquet", staged->files[0].path, folder / "gone.parquet"}}, {}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->footers[0].rows, -1);
  EXPECT_NE(result->footers[0].error, "");
  EXPECT_EQ(result->footers[1].rows, 42);
  EXPECT_EQ(result->footers[1].error, "");
  EXPECT_EQ(result->footers[2].rows, -1);
  EXPECT_NE(result->footers[2].error, "");
}

}  // namespace
}  // namespace sluice::duck_jobs
