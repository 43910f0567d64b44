#include "sluice/worker/frame.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <thread>

namespace sluice::worker {
namespace {

using base::ErrorKind;
using Progress = FrameReader::Progress;

struct SocketPair {
  SocketPair() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    a = UniqueFd(pair[0]);
    b = UniqueFd(pair[1]);
  }
  UniqueFd a;
  UniqueFd b;
};

base::Result<Progress> read_one(FrameReader& reader, int socket) {
  while (true) {
    auto progress = reader.step();
    if (!progress || *progress != Progress::kNeedsMore) {
      return progress;
    }
    pollfd readable{socket, POLLIN, 0};
    ::poll(&readable, 1, 5000);
  }
}

std::string raw_header(std::uint32_t length, std::uint8_t version, std::uint8_t type,
                       std::uint16_t fds = 0) {
  std::string header(8, '\0');
  std::memcpy(header.data(), &length, 4);
  header[4] = static_cast<char>(version);
  header[5] = static_cast<char>(type);
  std::memcpy(header.data() + 6, &fds, 2);
  return header;
}

TEST(Frame, ArrivesAsItWasSent) {
  SocketPair sockets;
  ASSERT_TRUE(send_frame(sockets.a.get(), FrameType::kBatch, "payload").ok());
  ASSERT_TRUE(send_frame(sockets.a.get(), FrameType::kCancel, "").ok());
  FrameReader reader(sockets.b.get());
  ASSERT_EQ(*read_one(reader, sockets.b.get()), Progress::kFrame);
  const Frame first = reader.take();
  EXPECT_EQ(first.type, FrameType::kBatch);
  EXPECT_EQ(first.payload, "payload");
  ASSERT_EQ(*read_one(reader, sockets.b.get()), Progress::kFrame);
  EXPECT_EQ(reader.take().type, FrameType::kCancel);
  EXPECT_EQ(*reader.step(), Progress::kNeedsMore);
}

TEST(Frame, CarriesAPayloadLargerThanTheSocketBuffer) {
  SocketPair sockets;
  std::string large(20 << 20, 'x');
  large[12345678] = 'y';
  std::jthread sender(
      [&] { EXPECT_TRUE(send_frame(sockets.a.get(), FrameType::kDone, large).ok()); });
  FrameReader reader(sockets.b.get());
  ASSERT_EQ(*read_one(reader, sockets.b.get()), Progress::kFrame);
  EXPECT_EQ(reader.take().payload, large);
}

TEST(Frame, PassesDescriptorsWithTheirOwnFrame) {
  SocketPair sockets;
  std::array<int, 2> first{};
  std::array<int, 2> second{};
  ASSERT_EQ(::pipe(first.data()), 0);
  ASSERT_EQ(::pipe(second.data()), 0);
  ASSERT_EQ(::write(first[1], "one", 3), 3);
  ASSERT_EQ(::write(second[1], "two", 3), 3);
  ASSERT_TRUE(send_frame(sockets.a.get(), FrameType::kRun, "a", std::array{first[0]}).ok());
  ASSERT_TRUE(send_frame(sockets.a.get(), FrameType::kRun, "b").ok());
  ASSERT_TRUE(send_frame(sockets.a.get(), FrameType::kRun, "c", std::array{second[0]}).ok());
  for (const int fd : {first[0], first[1], second[0], second[1]}) {
    ::close(fd);
  }
  FrameReader reader(sockets.b.get());
  for (const auto& [payload, text] : {std::pair{"a", "one"}, {"b", ""}, {"c", "two"}}) {
    ASSERT_EQ(*read_one(reader, sockets.b.get()), Progress::kFrame);
    const Frame frame = reader.take();
    EXPECT_EQ(frame.payload, payload);
    ASSERT_EQ(frame.fds.size(), std::strlen(text) == 0 ? 0U : 1U);
    if (!frame.fds.empty()) {
      std::array<char, 8> bytes{};
      EXPECT_EQ(::read(frame.fds[0].get(), bytes.data(), bytes.size()), 3);
      EXPECT_STREQ(bytes.data(), text);
    }
  }
}

TEST(Frame, TellsAnEndBetweenFramesFromOneInside) {
  {
    SocketPair sockets;
    sockets.a.reset();
    FrameReader reader(sockets.b.get());
    EXPECT_EQ(*reader.step(), Progress::kClosed);
  }
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{12}}) {
    SocketPair sockets;
    const std::string bytes = (raw_header(10, kProtocolVersion, 3) + "0123456789").substr(0, cut);
    ASSERT_EQ(::send(sockets.a.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    sockets.a.reset();
    FrameReader reader(sockets.b.get());
    EXPECT_EQ(read_one(reader, sockets.b.get()).error().kind, ErrorKind::kUnavailable) << cut;
  }
}

TEST(Frame, RefusesAHeaderThatCannotBe) {
  EXPECT_TRUE(parse_frame_header(raw_header(64U << 20, kProtocolVersion, 1)).ok());
  EXPECT_TRUE(parse_frame_header(raw_header(0, kProtocolVersion, 5, 64)).ok());
  for (const std::string& header :
       {raw_header((64U << 20) + 1, kProtocolVersion, 1), raw_header(0, kProtocolVersion + 1, 1),
        raw_header(0, kProtocolVersion, 0), raw_header(0, kProtocolVersion, 7),
        raw_header(0, kProtocolVersion, 1, 65), std::string("short")}) {
    EXPECT_EQ(parse_frame_header(header).error().kind, ErrorKind::kCorrupt);
  }
}

TEST(Frame, RefusesAFrameWithoutTheDescriptorsItAnnounced) {
  SocketPair sockets;
  const std::string bytes = raw_header(0, kProtocolVersion, 1, 1);
  ASSERT_EQ(::send(sockets.a.get(), bytes.data(), bytes.size(), 0), 8);
  FrameReader reader(sockets.b.get());
  EXPECT_EQ(reader.step().error().kind, ErrorKind::kCorrupt);
}

TEST(Frame, IsNotSentWhenTooLarge) {
  SocketPair sockets;
  const std::string large(kFramePayloadMax + 1, 'x');
  EXPECT_EQ(send_frame(sockets.a.get(), FrameType::kRun, large).error().kind,
            ErrorKind::kExhausted);
}

TEST(Frame, SendingToAPeerThatLeftIsAnErrorAndNoSignal) {
  SocketPair sockets;
  sockets.b.reset();
  EXPECT_EQ(send_frame(sockets.a.get(), FrameType::kRun, "x").error().kind,
            ErrorKind::kUnavailable);
}

TEST(Frame, SendingIsInterruptible) {
  SocketPair sockets;
  const UniqueFd interrupt(::eventfd(1, EFD_CLOEXEC));
  const std::string large(8 << 20, 'x');
  EXPECT_EQ(send_frame(sockets.a.get(), FrameType::kRun, large, {}, interrupt.get()).error().kind,
            ErrorKind::kCancelled);
}

TEST(Frame, SurvivesRandomBytes) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    SocketPair sockets;
    std::string bytes = raw_header(static_cast<std::uint32_t>(random() % 40), kProtocolVersion,
                                   static_cast<std::uint8_t>(random() % 7));
    for (std::uint64_t i = random() % 100; i > 0; --i) {
      bytes.push_back(static_cast<char>(random() % 4));
    }
    ASSERT_GT(::send(sockets.a.get(), bytes.data(), bytes.size(), 0), 0);
    sockets.a.reset();
    FrameReader reader(sockets.b.get());
    auto progress = read_one(reader, sockets.b.get());
    while (progress.ok() && *progress == Progress::kFrame) {
      reader.take();
      progress = read_one(reader, sockets.b.get());
    }
    EXPECT_TRUE(!progress.ok() || *progress == Progress::kClosed);
  }
}

TEST(EncodedError, ReadsBackWithItsKind) {
  const auto error = decode_error(encode_error(base::exhausted("too much")));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind, ErrorKind::kExhausted);
  EXPECT_EQ(error->message, "too much");
  EXPECT_FALSE(decode_error("").has_value());
  EXPECT_FALSE(decode_error("\x7f").has_value());
}

}  // namespace
}  // namespace sluice::worker
