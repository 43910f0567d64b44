#include "sluice/app/command_line.h"

#include <gtest/gtest.h>

namespace sluice::app {
namespace {

ParsedCommandLine parse(std::vector<std::string> words) {
  words.insert(words.begin(), "sluice");
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

TEST(CommandLine, ReadsEachCommand) {
  const auto run = parse({"run", "--select", "+gold.a", "--wait", "2m", "--json", "-p", "x"});
  EXPECT_EQ(run.exit_code, -1);
  EXPECT_EQ(run.line.command, "run");
  EXPECT_EQ(run.line.select, std::vector<std::string>{"+gold.a"});
  EXPECT_EQ(run.line.workspace.wait_ms, 120'000);
  EXPECT_EQ(run.line.workspace.root, "x");
  EXPECT_TRUE(run.line.json);
  EXPECT_EQ(parse({"quarantine", "list"}).line.command, "quarantine list");
  EXPECT_EQ(parse({"query", "SELECT 1", "--at", "5"}).line.at, "5");
  EXPECT_TRUE(parse({"audit", "--deep"}).line.deep);
}

TEST(CommandLine, EndsWithTwoForWrongUse) {
  EXPECT_EQ(parse({}).exit_code, 2);
  EXPECT_EQ(parse({"fly"}).exit_code, 2);
  EXPECT_EQ(parse({"run", "--wait", "soon"}).exit_code, 2);
  EXPECT_EQ(parse({"query"}).exit_code, 2);
  EXPECT_EQ(parse({"query", "SELECT 1", "-f", "xml"}).exit_code, 2);
}

TEST(CommandLine, PrintsHelpAndVersionWithZero) {
  EXPECT_EQ(parse({"--help"}).exit_code, 0);
  EXPECT_EQ(parse({"--version"}).exit_code, 0);
  EXPECT_EQ(parse({"run", "--help"}).exit_code, 0);
}

}  // namespace
}  // namespace sluice::app
