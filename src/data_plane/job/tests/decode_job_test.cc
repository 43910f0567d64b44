#include "sluice/job/decode_job.h"

#include <gtest/gtest.h>

#include <set>

namespace sluice::job {
namespace {

TEST(QuarantineSchema, NumbersItsFieldsInOrder) {
  const data::Schema schema = quarantine_schema();
  int id = 0;
  for (const data::Field& field : schema.fields) {
    EXPECT_EQ(field.id, ++id) << field.name;
  }
}

TEST(QuarantineSchema, HasEachColumnOnceAndDocumentsIt) {
  std::set<std::string> names;
  for (const data::Field& field : quarantine_schema().fields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_FALSE(field.doc.empty()) << field.name;
  }
}

TEST(QuarantineSchema, RequiresWhatReconcilesARecord) {
  const data::Schema schema = quarantine_schema();
  for (const char* name : {"file_id", "line", "byte_offset", "rule", "status"}) {
    ASSERT_NE(schema.find(name), nullptr) << name;
    EXPECT_TRUE(schema.find(name)->required) << name;
  }
}

}  // namespace
}  // namespace sluice::job
