#include "sluice/notify/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

Message some_message() {
  Message message;
  message.id = "01a2";
  message.status = "firing";
  message.kind = "failure";
  message.project = "shop";
  message.target = "dev";
  message.subject = "gold.x";
  message.summary = "gold.x failed";
  message.detail = "no \"such\" column\nin line 2";
  message.run = "r1";
  message.since = {1'700'000'000'000'000};
  message.at = {1'700'000'060'000'000};
  return message;
}

TEST(Message, IsWrittenAsJson) {
  Message message = some_message();
  EXPECT_EQ(
      to_json(message),
      R"({"id":"01a2","status":"firing","kind":"failure","project":"shop","target":"dev",)"
      R"("subject":"gold.x","summary":"gold.x failed","detail":"no \"such\" column\nin line 2",)"
      R"("run":"r1","since":"2023-11-14T22:13:20Z","at":"2023-11-14T22:14:20Z",)"
      R"("explain":"sluice explain r1"})");
  message.link = "https://x/y";
  message.run.clear();
  EXPECT_THAT(to_json(message), HasSubstr(R"("explain":"sluice status","link":"https://x/y")"));
}

TEST(Message, IsWrittenAsMail) {
  const std::string mail = to_mail(some_message(), "a@b", {"c@d", "e@f"});
  EXPECT_THAT(mail, HasSubstr("Date: Tue, 14 Nov 2023 22:14:20 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("To: c@d, e@f\r\n"));
  EXPECT_THAT(mail, HasSubstr("Subject: [sluice shop] firing: gold.x failed\r\n"));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <01a2@sluice>\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\n\r\nZ29sZC54IGZhaWxlZAoK"));
}

TEST(Message, CannotAddAHeader) {
  Message message = some_message();
  message.summary = "x\r\nBcc: all@example.org";
  EXPECT_THAT(to_mail(message, "a@b", {"c@d"}), Not(HasSubstr("\nBcc:")));
  message.summary = "Größe \r\n" + std::string(300, 'x') + "é";
  const std::string mail = to_mail(message, "a@b", {"c@d"});
  EXPECT_THAT(mail, HasSubstr("Subject: =?utf-8?B?"));
  std::size_t begin = 0;
  while (begin < mail.size()) {
    const std::size_t end = mail.find("\r\n", begin);
    EXPECT_LE(end - begin, 90u);
    begin = end + 2;
  }
}

}  // namespace
}  // namespace sluice::notify
