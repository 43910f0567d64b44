#include "sluice/project/internal/source_file.h"

#include <gtest/gtest.h>

namespace sluice::project::internal {
namespace {

constexpr const char* kMinimal =
    "source: bronze.orders\ntype: files\npath: data/*.csv\ncontract: contracts/orders.odcs.yaml\n";

struct Read {
  SourceFile file;
  std::string said;
};

Read read(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const yaml::Document document = yaml::parse({"s.yaml", text}, diagnostics);
  yaml::Reader reader(diagnostics, [](std::string_view) { return std::nullopt; });
  SourceFile file = read_source(document.root, "/project", reader);
  return {std::move(file), diagnostics.to_text()};
}

TEST(SourceFileReader, HasDefaults) {
  const Read got = read(kMinimal);
  EXPECT_EQ(got.said, "");
  const Source& source = got.file.source;
  EXPECT_EQ(source.table, "bronze.orders");
  EXPECT_EQ(source.name, "orders");
  EXPECT_EQ(source.paths, (std::vector<std::string>{"/project/data/*.csv"}));
  EXPECT_EQ(source.raw, RawMode::kCopy);
  EXPECT_EQ(source.csv.delimiter, ',');
  EXPECT_EQ(source.nulls, (std::vector<std::string>{""}));
  EXPECT_EQ(source.settle_ms, 2000);
  EXPECT_EQ(source.on_violation, OnViolation::kQuarantine);
}

TEST(SourceFileReader, ReadsEveryKey) {
  const Read got = read(
      "source: bronze.orders\ntype: files\npath: /data/**\nformat: csv\n"
      "csv: {delimiter: \"\\t\", quote: \"'\", header: false, encoding: utf-8}\nnulls: [NA, '']\n"
      "raw: copy\ncontract: contracts/orders.odcs.yaml\non_violation: fail\nsettle: 500ms\n"
      "partition_by: [day(ts), country]\ndescription: orders\n");
  EXPECT_EQ(got.said, "");
  const Source& source = got.file.source;
  EXPECT_EQ(source.csv.delimiter, '\t');
  EXPECT_EQ(source.csv.quote, '\'');
  EXPECT_FALSE(source.csv.header);
  EXPECT_EQ(source.nulls, (std::vector<std::string>{"NA", ""}));
  EXPECT_EQ(source.on_violation, OnViolation::kFail);
  EXPECT_EQ(source.settle_ms, 500);
  EXPECT_EQ(source.partition_by, (std::vector<std::string>{"day(ts)", "country"}));
}

TEST(SourceFileReader, ReadsFoldersAndListsOfPaths) {
  const Read got = read(
      "source: bronze.a\ntype: files\nformat: csv\npath: [in/, 'more/**/*.txt', /x/one.csv]\n"
      "raw: move\ncontract: contracts/a.odcs.yaml\n");
  EXPECT_EQ(got.said, "");
  EXPECT_EQ(got.file.source.paths,
            (std::vector<std::string>{"/project/in", "/project/more/**/*.txt", "/x/one.csv"}));
  EXPECT_EQ(got.file.source.raw, RawMode::kMove);
  EXPECT_NE(read("path: []\n").said.find("the list of paths must not be empty"), std::string::npos);
}

TEST(SourceFileReader, ReadsDedupe) {
  const Read got = read(std::string(kMinimal) + "dedupe: {key: [a, b], window: 7d}\n");
  EXPECT_EQ(got.said, "");
  ASSERT_TRUE(got.file.source.dedupe);
  EXPECT_EQ(got.file.source.dedupe->key, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(got.file.source.dedupe->window_ms, 7 * 86'400'000LL);
  EXPECT_EQ(got.file.dedupe_key.size(), 2u);
  const auto said = [](const std::string& text) { return read(kMinimal + text).said; };
  EXPECT_NE(said("dedupe: {window: 7d}\n").find("dedupe lacks 'key'"), std::string::npos);
  EXPECT_NE(said("dedupe: {key: []}\n").find("at least one column"), std::string::npos);
  EXPECT_NE(said("dedupe: {key: [a, a]}\n").find("'a' is named twice"), std::string::npos);
  EXPECT_NE(said("dedupe: {key: a, window: 0s}\n").find("from 1s to 3650d"), std::string::npos);
  EXPECT_NE(said("dedupe: {key: a, windw: 1d}\n").find("did you mean 'window'?"),
            std::string::npos);
}

TEST(SourceFileReader, ReadsADialect) {
  const Read got = read(std::string(kMinimal) +
                        "compression: zstd\nencoding: windows-1252\n"
                        "csv: {delimiter: ;, quote: '', escape: \"\\\\\", comment: '#', "
                        "skip_lines: 2, decimal: ','}\n");
  EXPECT_EQ(got.said, "");
  const Source& source = got.file.source;
  EXPECT_EQ(source.compression, Compression::kZstd);
  EXPECT_EQ(source.encoding, Encoding::kWindows1252);
  EXPECT_EQ(source.csv.quote, '\0');
  EXPECT_EQ(source.csv.escape, '\\');
  EXPECT_EQ(source.csv.comment, '#');
  EXPECT_EQ(source.csv.skip_lines, 2);
  EXPECT_EQ(source.csv.decimal, ',');
}

TEST(SourceFileReader, TakesTheFormatFromThePath) {
  const auto format = [](const std::string& path) {
    const Read got = read("source: bronze.a\ntype: files\npath: " + path +
                          "\ncontract: contracts/a.odcs.yaml\n");
    EXPECT_EQ(got.said, "") << path;
    return got.file.source.format;
  };
  EXPECT_EQ(format("data/*.CSV"), FileFormat::kCsv);
  EXPECT_EQ(format("data/*.ndjson.gz"), FileFormat::kNdjson);
  EXPECT_EQ(format("data/*.jsonl"), FileFormat::kNdjson);
  EXPECT_EQ(format("data/*.json.zst"), FileFormat::kJson);
  EXPECT_EQ(format("data/*.parquet"), FileFormat::kParquet);
}

TEST(SourceFileReader, RefusesEachDocumentedThingThatIsNotBuiltByName) {
  const auto refused = [](const std::string& line) { return read(kMinimal + line + "\n").said; };
  EXPECT_NE(refused("format: orc").find("format 'orc' is not built yet"), std::string::npos);
  EXPECT_NE(refused("compression: xz").find("compression 'xz' is not built yet"),
            std::string::npos);
  for (const char* type : {"kafka", "http", "api", "cdc"}) {
    const std::string text = "source: bronze.a\ntype: " + std::string(type) + "\n";
    EXPECT_NE(read(text).said.find("type '" + std::string(type) + "' is not built yet"),
              std::string::npos);
  }
}

TEST(SourceFileReader, NamesWhatIsWrong) {
  const auto said = [](const std::string& text) { return read(text).said; };
  EXPECT_NE(said("").find("a source must be a map"), std::string::npos);
  EXPECT_NE(said("source: silver.x\n").find("names no bronze table"), std::string::npos);
  EXPECT_NE(said("source: bronze.X\n").find("names no bronze table"), std::string::npos);
  EXPECT_NE(said("path: s3://b/*.csv\n").find("path 's3://b/*.csv' is not built yet"),
            std::string::npos);
  EXPECT_NE(said("path: data/*\n").find("s.yaml:1:1: the path's ending does not say"),
            std::string::npos);
  EXPECT_NE(said("csv: {delimiter: ab}\n").find("delimiter must be one ASCII character"),
            std::string::npos);
  EXPECT_NE(said("csv: {quote: ','}\n").find("delimiter and quote must differ"), std::string::npos);
  EXPECT_NE(said("csv: {comment: '\"'}\n").find("must differ"), std::string::npos);
  EXPECT_NE(said("csv: {decimal: ','}\n").find("decimal and delimiter must differ"),
            std::string::npos);
  EXPECT_NE(said("format: json\ncsv: {delimiter: ;}\n").find("the files are not CSV"),
            std::string::npos);
  EXPECT_NE(said("format: parquet\ncompression: gzip\n").find("compressed inside"),
            std::string::npos);
  EXPECT_NE(said("encoding: ebcdic\n").find("encoding"), std::string::npos);
  EXPECT_NE(said("settle: 2d\n").find("settle must be at most 1d"), std::string::npos);
  EXPECT_NE(said("on_violation: quarantin\n").find("did you mean 'quarantine'?"),
            std::string::npos);
  EXPECT_NE(said("contract: ''\n").find("the contract must not be empty"), std::string::npos);
}

TEST(PartitionColumn, IsTheColumnInsideATransform) {
  EXPECT_EQ(partition_column("country"), "country");
  EXPECT_EQ(partition_column("day(ts)"), "ts");
  EXPECT_EQ(partition_column("bucket(16, id)"), "id");
  EXPECT_EQ(partition_column("day(ts"), "");
}

std::string of_database(const std::string& lines) {
  return read("source: bronze.a\ntype: sql\ncontract: contracts/a.odcs.yaml\n" + lines).said;
}

TEST(SourceFileReader, ReadsATableOfADatabase) {
  const Read got = read(
      "source: bronze.a\ntype: sql\ncontract: contracts/a.odcs.yaml\n"
      "connection: postgresql://app:${PASSWORD}@host/shop\ntable: sales.orders\ncursor: id\n"
      "continues: postgresql:shop/5/16402\n");
  EXPECT_EQ(got.said, "");
  ASSERT_TRUE(got.file.source.database.has_value());
  const DatabaseTable& database = *got.file.source.database;
  EXPECT_EQ(database.kind, DatabaseKind::kPostgres);
  EXPECT_EQ(database.connection, "postgresql://app:${PASSWORD}@host/shop");
  EXPECT_EQ(database.table, "sales.orders");
  EXPECT_EQ(database.cursor, "id");
  EXPECT_EQ(database.continues, "postgresql:shop/5/16402");
  EXPECT_EQ(got.file.source.format, FileFormat::kParquet);
}

TEST(SourceFileReader, ReadsHowLateRowsMayBe) {
  const std::string rest = "\nconnection: mysql://app@host/shop\ntable: t\ncursor: id\n";
  const auto lag_of = [&](const std::string& lag) {
    return *read("source: bronze.a\ntype: sql\ncontract: contracts/a.odcs.yaml\ncursor_lag: " +
                 lag + rest)
                .file.source.database;
  };
  EXPECT_EQ(lag_of("10m").kind, DatabaseKind::kMysql);
  EXPECT_EQ(lag_of("10m").lag->amount, 600'000);
  EXPECT_TRUE(lag_of("10m").lag->is_time);
  EXPECT_EQ(lag_of("1000").lag->amount, 1000);
  EXPECT_FALSE(lag_of("1000").lag->is_time);
  EXPECT_NE(of_database("cursor_lag: soon" + rest).find("must be a time or a number"),
            std::string::npos);
  EXPECT_NE(of_database("cursor_lag: 0" + rest).find("must be above 0"), std::string::npos);
  EXPECT_NE(of_database("cursor_lag: 400d" + rest).find("at most 365d"), std::string::npos);
  EXPECT_NE(of_database("cursor_lag: 5m\nconnection: sqlite:a.db\ntable: t\ncursor: id\n")
                .find("not known for SQLite"),
            std::string::npos);
}

TEST(SourceFileReader, RefusesAPasswordAndDoesNotShowIt) {
  const std::string rest = "\ntable: t\ncursor: id\n";
  for (const char* url :
       {"postgresql://app:hunter2@host/shop", "postgres://host/shop?password=hunter2",
        "postgresql://app:a/b@hunter2@host/shop", "mysql://app:hunter2@host/shop"}) {
    const std::string said = of_database("connection: " + std::string(url) + rest);
    EXPECT_NE(said.find("a password must not stand in the project"), std::string::npos) << url;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << url;
  }
  EXPECT_EQ(of_database("connection: ${DATABASE_URL}" + rest), "");
}

TEST(SourceFileReader, NamesWhatADatabaseNeeds) {
  const std::string connection = "connection: sqlite:shop.db\n";
  EXPECT_NE(of_database(connection + "table: t\n").find("needs 'cursor'"), std::string::npos);
  EXPECT_NE(of_database(connection + "cursor: id\n").find("needs 'table' or 'query'"),
            std::string::npos);
  EXPECT_NE(of_database(connection + "cursor: id\ntable: .t\n").find("'.t' names no table"),
            std::string::npos);
  EXPECT_NE(of_database(connection + "cursor: id\nquery: ';'\n").find("must not be empty"),
            std::string::npos);
  EXPECT_NE(of_database("connection: oracle://host/db\ntable: t\ncursor: id\n")
                .find("to no database that is known"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::project::internal
