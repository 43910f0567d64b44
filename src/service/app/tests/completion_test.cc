#include "sluice/app/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<CommandShape> some_commands() {
  return {{{}, "A program", {{{"-h", "--help"}, "Print help"}}, {"run", "quarantine"}},
          {{"run"}, "Don't stop", {{{"-s", "--select"}, "Tables", true, true}}, {}},
          {{"quarantine"}, "Look", {}, {"list"}},
          {{"quarantine", "list"},
           "List",
           {{{"--limit"}, "How many", true}, {{}, "", true, true}},
           {}}};
}

TEST(Completion, IsWrittenForBashAndZsh) {
  const std::string bash = completion_script(some_commands(), "bash");
  EXPECT_THAT(bash, HasSubstr("\"run\"|\"quarantine\"|\"quarantine list\") path="));
  EXPECT_THAT(bash, HasSubstr("\"quarantine\") words=\"list\" ;;"));
  EXPECT_THAT(bash, HasSubstr("-s|--select) words=\"$(sluice completion tables"));
  EXPECT_THAT(completion_script(some_commands(), "zsh"), HasSubstr("#compdef sluice\n"));
}

TEST(Completion, IsWrittenForFish) {
  const std::string fish = completion_script(some_commands(), "fish");
  EXPECT_THAT(fish, HasSubstr("-n '__fish_use_subcommand' -a run -d 'Don\\'t stop'"));
  EXPECT_THAT(fish, HasSubstr("-s s -l select -r -a '(sluice completion tables"));
  EXPECT_THAT(fish, HasSubstr("'__fish_seen_subcommand_from quarantine; and not "
                              "__fish_seen_subcommand_from list' -a list"));
}

TEST(Completion, TheManualHasEveryCommandWithoutRequestsOfItsOwn) {
  auto commands = some_commands();
  commands[1].help = ".so /etc/passwd";
  const std::string page = manual_page(commands, "1.2");
  EXPECT_THAT(page, HasSubstr(".SS sluice quarantine list\nList.\n"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-s, \\-\\-select\\fR\nTables\n"));
  EXPECT_THAT(page, Not(HasSubstr("\n.so")));
}

}  // namespace
}  // namespace sluice::app
