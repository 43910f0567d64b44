#include "sluice/contract/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/contract/read.h"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

data::ColumnProfile column(std::string name, std::string_view type, std::int64_t nulls = 0) {
  data::ColumnProfile profile;
  profile.name = std::move(name);
  profile.type = *data::parse_type(type);
  profile.known = true;
  profile.values = 100 - nulls;
  profile.nulls = nulls;
  profile.distinct = 50;
  return profile;
}

DraftInput input() {
  DraftInput draft;
  draft.table = "orders";
  draft.origin = "orders.csv";
  draft.rows = 100;
  draft.columns = {column("id", "long"), column("state", "string", 3),
                   column("price", "decimal(18, 2)")};
  draft.columns[0].unique = true;
  draft.columns[1].domain = {"new", "paid: #1"};
  draft.columns[2].minimum = "1.50";
  draft.columns[2].maximum = "99.00";
  return draft;
}

Contract read(const std::string& text) {
  yaml::Diagnostics diagnostics;
  auto contract = read_contract({"x.odcs.yaml", text}, diagnostics);
  EXPECT_TRUE(contract.has_value()) << text << diagnostics.to_text();
  return contract ? *contract : Contract{};
}

TEST(DraftContract, IsAContractThatSaysWhatWasSeen) {
  const Contract contract = read(draft_contract(input()));
  ASSERT_EQ(contract.schema.fields.size(), 3U);
  EXPECT_EQ(data::to_text(contract.schema.fields[0].type), "long");
  EXPECT_TRUE(contract.schema.fields[0].required);
  EXPECT_FALSE(contract.schema.fields[1].required);
  EXPECT_EQ(data::to_text(contract.schema.fields[2].type), "decimal(18, 2)");
  ASSERT_EQ(contract.keys.size(), 1U);
  EXPECT_THAT(contract.keys[0].columns, ElementsAre("id"));
}

TEST(DraftContract, LeavesWhatMightBeARuleACommentThatCanBeTakenAsItIs) {
  std::string text = draft_contract(input());
  EXPECT_THAT(text, HasSubstr("# enum: [{ value: \"new\" }, { value: \"paid: #1\" }]"));
  EXPECT_THAT(text, HasSubstr("# logicalTypeOptions: { minimum: 1.50, maximum: 99.00 }"));
  for (const char* rule : {"# enum", "# logicalTypeOptions"}) {
    text.replace(text.find(rule), 2, "");
  }
  EXPECT_EQ(read(text).rules.size(), read(draft_contract(input())).rules.size() + 2);
}

TEST(DraftContract, ReadsBackEveryTypeAndName) {
  DraftInput draft = input();
  draft.columns.clear();
  for (const char* type :
       {"boolean", "int", "long", "float", "double", "decimal(38, 0)", "decimal(20, 5)", "date",
        "time", "timestamp", "timestamptz", "string", "uuid", "binary"}) {
    draft.columns.push_back(column(std::string("a \"b\": #") + type, type));
  }
  draft.columns.push_back(column("yes", "int"));
  draft.columns.push_back(column("1st", "int"));
  const Contract contract = read(draft_contract(draft));
  ASSERT_EQ(contract.schema.fields.size(), draft.columns.size());
  for (std::size_t i = 0; i < draft.columns.size(); ++i) {
    EXPECT_EQ(contract.schema.fields[i].name, draft.columns[i].name);
    EXPECT_EQ(data::to_text(contract.schema.fields[i].type), data::to_text(draft.columns[i].type));
  }
}

TEST(DraftContract, LeavesOnlyOutWhatNoContractCanName) {
  DraftInput draft = input();
  draft.columns.push_back(column("a|b", "int"));
  draft.columns.push_back(column("empty", "string", 100));
  draft.columns.back().known = false;
  const Contract contract = read(draft_contract(draft));
  ASSERT_EQ(contract.schema.fields.size(), 4U);
  EXPECT_EQ(data::to_text(contract.schema.fields[3].type), "string");
  EXPECT_FALSE(contract.schema.fields[3].required);
}

TEST(ChooseKey, TakesNoColumnOnlyBecauseItsValuesDiffer) {
  DraftInput draft = input();
  draft.columns[0].unique = false;
  draft.columns[1].unique = true;
  EXPECT_THAT(choose_key(draft), IsEmpty());
  EXPECT_THAT(draft_contract(draft), HasSubstr("# unique: true"));
}

TEST(ChooseKey, TakesTwoColumnsWhereNoneIsUniqueAlone) {
  DraftInput draft = input();
  draft.columns[0].unique = false;
  draft.keys = {{"id", "price"}};
  EXPECT_THAT(choose_key(draft), ElementsAre("id", "price"));
  EXPECT_THAT(read(draft_contract(draft)).keys[0].columns, ElementsAre("id", "price"));
  draft.rows = 3;
  EXPECT_THAT(choose_key(draft), IsEmpty());
}

}  // namespace
}  // namespace sluice::contract
