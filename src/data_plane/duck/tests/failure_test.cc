#include "sluice/duck/failure.h"

#include <gtest/gtest.h>

#include "sluice/duck/database.h"

namespace sluice::duck {
namespace {

using base::ErrorKind;

struct Open {
  Database database;
  Connection connection;
};

Open open_json(const char* memory = "200MB") {
  const std::pair<std::string, std::string> settings[] = {
      {"errors_as_json", "true"}, {"memory_limit", memory}, {"temp_directory", ""}};
  auto database = Database::open(settings);
  auto connection = database->connect();
  return {std::move(*database), std::move(*connection)};
}

Failure failure_of(const std::string& sql, const char* memory = "200MB") {
  Open open = open_json(memory);
  Failure failure;
  const auto result = open.connection.query(sql, {}, &failure);
  EXPECT_FALSE(result.ok());
  if (!result.ok()) {
    failure.error = result.error();
  }
  return failure;
}

TEST(Failure, NamesTheByteOfAnUnknownColumn) {
  const Failure failure = failure_of("SELECT 'ää', nosuch FROM range(3)");
  EXPECT_EQ(failure.error.kind, ErrorKind::kInvalidInput);
  EXPECT_NE(failure.error.message.find("nosuch"), std::string::npos);
  EXPECT_EQ(failure.offset, 15);
}

TEST(Failure, NamesTheByteOfASyntaxErrorAfterWideCharacters) {
  const Failure failure = failure_of("SELECT 'ää', FROM WHERE");
  EXPECT_EQ(failure.error.kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(failure.offset, 20);
}

TEST(Failure, MapsOutOfMemoryToExhausted) {
  const Failure failure = failure_of("SELECT count(DISTINCT i) FROM range(20000000) t(i)", "20MB");
  EXPECT_EQ(failure.error.kind, ErrorKind::kExhausted);
}

TEST(Failure, MapsAConversionErrorToInvalidInput) {
  EXPECT_EQ(failure_of("SELECT (range || 'x')::INT FROM range(2)").error.kind,
            ErrorKind::kInvalidInput);
}

TEST(Failure, ReadsTheKindOfAnIoErrorFromItsErrno) {
  EXPECT_EQ(failure_of("COPY (SELECT 1) TO '/nonexistent-folder/x.parquet'").error.kind,
            ErrorKind::kNotFound);
  const Failure full = read_failure(
      28, R"(IO Error: {"exception_type":"IO","exception_message":"no room","errno":"28"})", "");
  EXPECT_EQ(full.error.kind, ErrorKind::kExhausted);
  EXPECT_EQ(full.error.message, "no room");
}

TEST(Failure, KeepsAPlainMessage) {
  const Failure failure = read_failure(14, "Parser Error: odd", "x");
  EXPECT_EQ(failure.error.message, "Parser Error: odd");
  EXPECT_EQ(failure.offset, -1);
}

}  // namespace
}  // namespace sluice::duck
