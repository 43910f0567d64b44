#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/base/text.h"
#include "sluice/contract/tests/sample.h"

namespace sluice::contract {
namespace {

/// Subtrees that only describe: their inside is the affair of other tools.
bool only_describes(const std::string& line) {
  for (const char* key :
       {"  name: shop", "server:", "type: local", "path:", "format: csv", "purpose:", "usage:"}) {
    if (line.find(key) != std::string::npos) {
      return true;
    }
  }
  return false;
}

/// Every key of a sound contract, misspelled, is found and named at its line.
TEST(MutatedContract, WithAMisspelledKeyIsRefusedAtItsLine) {
  const std::vector<std::string> lines = base::split(kOrders, '\n');
  int mutated = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos || only_describes(lines[i])) {
      continue;
    }
    std::vector<std::string> changed = lines;
    changed[i].insert(colon, "q");
    const std::string said = complaint(base::join(changed, "\n"));
    EXPECT_NE(said.find("c.odcs.yaml:" + std::to_string(i + 1) + ":"), std::string::npos)
        << lines[i] << "\n"
        << said;
    EXPECT_NE(said.find("unknown key"), std::string::npos) << lines[i];
    ++mutated;
  }
  EXPECT_GT(mutated, 40);
}

/// Whatever line is lost, the contract is either still sound or refused with a place.
TEST(MutatedContract, WithALineLostIsSoundOrRefusedWithAPlace) {
  const std::vector<std::string> lines = base::split(kOrders, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> changed = lines;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string said = complaint(base::join(changed, "\n"));
    EXPECT_TRUE(said.empty() || said.starts_with("c.odcs.yaml:")) << said;
  }
}

TEST(MutatedContract, CutAnywhereIsSoundOrRefused) {
  const std::string text = kOrders;
  for (std::size_t length = 0; length < text.size(); length += 3) {
    const std::string said = complaint(text.substr(0, length));
    EXPECT_TRUE(said.empty() || said.starts_with("c.odcs.yaml:")) << length << said;
  }
}

}  // namespace
}  // namespace sluice::contract
