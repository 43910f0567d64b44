#include "sluice/app/answer_writer.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sluice::app {
namespace {

using data::Type;
using data::TypeKind;

data::Batch batch_of(std::vector<data::Value> names, std::vector<data::Value> counts) {
  data::Batch batch;
  batch.columns.push_back({"name", Type{TypeKind::kString}, std::move(names)});
  batch.columns.push_back({"n", Type{TypeKind::kLong}, std::move(counts)});
  return batch;
}

std::string print(AnswerFormat format, std::vector<data::Batch> batches, bool cut = false) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  const auto writer = make_answer_writer(format, out);
  const std::vector<data::Column> columns = batch_of({}, {}).columns;
  for (data::Batch& batch : batches) {
    EXPECT_TRUE(writer->add(std::move(batch)).ok());
  }
  EXPECT_TRUE(writer->finish(columns, cut).ok());
  std::fclose(out);
  std::string printed(text, size);
  std::free(text);
  return printed;
}

TEST(AnswerWriter, AlignsColumnsAndCountsRows) {
  const auto batch =
      batch_of({std::string("Zürich"), data::Value()}, {std::int64_t{5}, std::int64_t{1000}});
  EXPECT_EQ(print(AnswerFormat::kTable, {batch}),
            "name       n\n"
            "──────  ────\n"
            "Zürich     5\n"
            "NULL    1000\n"
            "(2 rows)\n");
  EXPECT_EQ(print(AnswerFormat::kTable, {}, true),
            "name  n\n────  ─\n(0 rows (cut; there are more))\n");
}

TEST(AnswerWriter, WritesJsonObjects) {
  const auto batch = batch_of({std::string("a\"b")}, {data::Value()});
  EXPECT_EQ(print(AnswerFormat::kJson, {batch}), "[\n{\"name\":\"a\\\"b\",\"n\":null}\n]\n");
  EXPECT_EQ(print(AnswerFormat::kJson, {}), "[]\n");
}

TEST(AnswerWriter, QuotesCsvSoThatEmptyTextDiffersFromNull) {
  const auto batch = batch_of({std::string("a,\"b"), std::string(), data::Value()},
                              {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}});
  EXPECT_EQ(print(AnswerFormat::kCsv, {batch}), "name,n\r\n\"a,\"\"b\",1\r\n\"\",2\r\n,3\r\n");
  EXPECT_EQ(print(AnswerFormat::kCsv, {}), "name,n\r\n");
}

}  // namespace
}  // namespace sluice::app
