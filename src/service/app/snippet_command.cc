#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "sluice/app/commands.h"
#include "sluice/base/text.h"

namespace sluice::app {

namespace {

using base::Result;

/// Code that reads a table; `{0}` is its current metadata file, `{1}` its folder, `{2}` its name.
struct Snippet {
  std::string_view reader;
  const char* code;
};

constexpr Snippet kSnippets[] = {
    {"duckdb", R"(-- DuckDB
INSTALL iceberg; LOAD iceberg;
SELECT * FROM iceberg_scan('{0}');
)"},
    {"pyiceberg", R"(# pip install 'pyiceberg[pyarrow]'
from pyiceberg.table import StaticTable

table = StaticTable.from_metadata("{0}")
rows = table.scan().to_arrow()
)"},
    {"pandas", R"(# pip install 'pyiceberg[pyarrow,pandas]'
from pyiceberg.table import StaticTable

rows = StaticTable.from_metadata("{0}").scan().to_pandas()
)"},
    {"polars", R"(# pip install polars 'pyiceberg[pyarrow]'
import polars
from pyiceberg.table import StaticTable

rows = polars.from_arrow(StaticTable.from_metadata("{0}").scan().to_arrow())
)"},
    {"spark",
     R"(# pip install pyspark==4.1.4; package org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0
from pyspark.sql import SparkSession

spark = (SparkSession.builder
         .config("spark.jars.packages", "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0")
         .getOrCreate())
rows = spark.read.format("iceberg").load("{0}")
)"},
};

}  // namespace

Result<int> run_snippet(const CommandLine& line) {
  SLUICE_ASSIGN_OR_RETURN(const auto workspace, Workspace::open(line.workspace));
  SLUICE_RETURN_IF_ERROR(workspace->open_for_reading());
  SLUICE_ASSIGN_OR_RETURN(const auto entries, workspace->catalog().list_tables());
  std::vector<std::string> names;
  for (const lake::TableEntry& entry : entries) {
    names.push_back(lake::to_text(entry.table));
    if (names.back() != line.exported) {
      continue;
    }
    for (const Snippet& snippet : kSnippets) {
      if (snippet.reader == line.reader) {
        fmt::print(fmt::runtime(snippet.code), entry.metadata_location);
        return 0;
      }
    }
  }
  const std::string near = base::nearest(line.exported, names);
  return base::not_found(fmt::format(
      "there is no table {}; {}", line.exported,
      near.empty() ? "there are " + base::join(names, ", ") : "did you mean " + near + "?"));
}

}  // namespace sluice::app
