#include "sluice/decode/infer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sluice::decode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Infer : public testing::Test {
 protected:
  Infer() { std::filesystem::create_directories(dir_); }
  ~Infer() override { std::filesystem::remove_all(dir_); }

  job::InferResult infer(std::string_view text, job::FileFormat format = job::FileFormat::kCsv) {
    const std::string path = dir_ + "/" + std::to_string(job_.files.size());
    std::ofstream(path) << text;
    job_.files.push_back({1, path, path, static_cast<std::int64_t>(text.size()), 0});
    job_.format = format;
    job_.keys = true;
    auto result = run_infer(job_, {}, {});
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result.ok() ? *result : job::InferResult{};
  }

  static std::vector<std::string> types(const job::InferResult& result) {
    std::vector<std::string> texts;
    for (const data::ColumnProfile& column : result.columns) {
      texts.push_back(column.name + ": " + (column.known ? data::to_text(column.type) : "?"));
    }
    return texts;
  }

  job::InferJob job_;

 private:
  std::string dir_ =
      testing::TempDir() + "infer-" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Infer, ReadsTheColumnsOfACsvFile) {
  const auto result = infer("id,zip,amount,day,note\n1,01234,1.5,2024-01-01,\n2,9,2,2024-01-02,\n");
  EXPECT_THAT(types(result), ElementsAre("id: int", "zip: string", "amount: decimal(18, 2)",
                                         "day: date", "note: ?"));
  EXPECT_EQ(result.rows, 2);
  EXPECT_EQ(result.damaged, 0);
  EXPECT_TRUE(result.whole);
  EXPECT_TRUE(result.columns[0].unique);
  EXPECT_EQ(result.columns[0].minimum, "1");
  EXPECT_EQ(result.columns[0].maximum, "2");
  EXPECT_EQ(result.columns[4].nulls, 2);
  EXPECT_THAT(result.columns[1].domain, ElementsAre("01234", "9"));
  EXPECT_EQ(result.columns[1].length_min, 1);
  EXPECT_EQ(result.columns[1].length_max, 5);
}

TEST_F(Infer, LeavesDamagedRecordsOut) {
  const auto result = infer("a,b\n1,2\nx\n3,4\n\"open,");
  EXPECT_THAT(types(result), ElementsAre("a: int", "b: int"));
  EXPECT_EQ(result.rows, 2);
  EXPECT_EQ(result.damaged, 2);
}

TEST_F(Infer, NamesTheColumnsOfAFileWithoutHeader) {
  job_.dialect.header = false;
  EXPECT_THAT(types(infer("1,x\n2,y\n")), ElementsAre("column1: int", "column2: string"));
}

TEST_F(Infer, TellsOfAHeaderThatNamesAColumnTwice) {
  const auto result = infer("a,a\n1,2\n");
  EXPECT_THAT(result.columns, IsEmpty());
  EXPECT_THAT(result.problems, SizeIs(1));
}

TEST_F(Infer, ReadsFractionsWithADecimalComma) {
  job_.dialect.delimiter = ';';
  job_.dialect.decimal = ',';
  EXPECT_THAT(types(infer("a;b\n1,5;x,y\n2;z\n")), ElementsAre("a: decimal(18, 2)", "b: string"));
}

TEST_F(Infer, StopsAtItsBounds) {
  job_.rows_max = 2;
  const auto result = infer("a\n1\n2\nx\n");
  EXPECT_THAT(types(result), ElementsAre("a: int"));
  EXPECT_EQ(result.rows, 2);
  EXPECT_FALSE(result.whole);
}

TEST_F(Infer, FindsPairsOfColumnsThatAreUniqueTogether) {
  const auto result = infer("o,l,x\n1,1,a\n1,2,a\n2,1,a\n2,2,b\n");
  EXPECT_THAT(result.keys, ElementsAre(ElementsAre("o", "l")));
}

TEST_F(Infer, ReadsNestedJson) {
  const auto result = infer(
      R"({"id": 1, "who": {"name": "a", "age": 3}, "tags": ["x"], "n": null, "s": "12"}
{"id": 9007199254740993, "who": {"name": "b", "at": "2024-01-01"}, "tags": [], "s": "1"}
)",
      job::FileFormat::kNdjson);
  EXPECT_THAT(types(result),
              ElementsAre("id: long", "who: struct<name: string, age: int, at: date>",
                          "tags: list<string>", "n: ?", "s: string"));
  EXPECT_EQ(result.columns[1].values, 2);
  EXPECT_EQ(result.columns[1].nulls, 0);
}

TEST_F(Infer, CountsWhatAStringColumnOfJsonRefuses) {
  const auto result =
      infer("{\"a\": \"x\", \"b\": 1}\n{\"a\": 5, \"b\": {\"c\": 1}}\n{\"a\": 1, \"a\": 2}\n[1]\n",
            job::FileFormat::kNdjson);
  EXPECT_THAT(types(result), ElementsAre("a: string", "b: string"));
  EXPECT_EQ(result.columns[0].misfits, 1);
  EXPECT_EQ(result.columns[1].misfits, 1);
  EXPECT_EQ(result.damaged, 2);
}

TEST_F(Infer, MakesAMapOfObjectsWithManyKeys) {
  std::string text;
  for (int i = 0; i < 70; ++i) {
    text += "{\"m\": {\"k" + std::to_string(i) + "\": " + std::to_string(i) + "}}\n";
  }
  EXPECT_THAT(types(infer(text, job::FileFormat::kNdjson)), ElementsAre("m: map<string, int>"));
}

TEST_F(Infer, LooksOnlyAtWantedColumns) {
  job_.columns = {"b"};
  EXPECT_THAT(types(infer("a,b\n1,2\n")), ElementsAre("b: int"));
}

TEST_F(Infer, CountsAFileThatIsNoParquetAsDamaged) {
  const auto result = infer("no parquet", job::FileFormat::kParquet);
  EXPECT_THAT(result.columns, IsEmpty());
  EXPECT_EQ(result.damaged, 1);
}

}  // namespace
}  // namespace sluice::decode
