#include "sluice/worker/serve.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <new>
#include <thread>

#include "sluice/job/codec.h"
#include "sluice/worker/frame.h"

namespace sluice::worker {
namespace {

using base::ErrorKind;

/// Serves in a thread of this process, so that frames can be written by hand.
class Serve : public testing::Test {
 protected:
  Serve() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    front_ = UniqueFd(pair[0]);
    worker_ = UniqueFd(pair[1]);
  }

  // The thread ends with the stream.
  ~Serve() override { front_.reset(); }

  void start() {
    thread_ = std::jthread([this] { outcome_ = serve(std::move(worker_), executors_); });
  }

  Frame read() {
    FrameReader reader(front_.get());
    while (true) {
      auto progress = reader.step();
      EXPECT_TRUE(progress.ok());
      if (!progress || *progress == FrameReader::Progress::kClosed) {
        return {};
      }
      if (*progress == FrameReader::Progress::kFrame) {
        return reader.take();
      }
      pollfd readable{front_.get(), POLLIN, 0};
      ::poll(&readable, 1, 5000);
    }
  }

  base::Error run_and_fail(const job::Request& request) {
    EXPECT_TRUE(send_frame(front_.get(), FrameType::kRun, job::encode(request)).ok());
    const Frame frame = read();
    EXPECT_EQ(frame.type, FrameType::kFailed);
    return *decode_error(frame.payload);
  }

  base::Status hang_up() {
    front_.reset();
    thread_.join();
    return outcome_;
  }

  UniqueFd front_;
  UniqueFd worker_;
  Executors executors_;
  base::Status outcome_;
  std::jthread thread_;
};

TEST_F(Serve, EndsWellWhenTheFrontHangsUp) {
  start();
  EXPECT_TRUE(hang_up().ok());
}

TEST_F(Serve, RefusesAJobThatItHasNoExecutorFor) {
  start();
  EXPECT_EQ(run_and_fail({job::ParseJob{}, {}}).kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(hang_up().ok());
}

TEST_F(Serve, ReportsADamagedRequestAndServesOn) {
  executors_.add<job::FooterJob>(
      [](const job::FooterJob&, JobContext&) -> base::Result<job::FooterResult> {
        return job::FooterResult{{{7, ""}}};
      });
  start();
  ASSERT_TRUE(send_frame(front_.get(), FrameType::kRun, "nonsense").ok());
  EXPECT_EQ(decode_error(read().payload)->kind, ErrorKind::kCorrupt);
  ASSERT_TRUE(
      send_frame(front_.get(), FrameType::kRun, job::encode(job::Request{job::FooterJob{}, {}}))
          .ok());
  const Frame done = read();
  ASSERT_EQ(done.type, FrameType::kDone);
  const auto response = job::decode_response(done.payload);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(std::get<job::FooterResult>(response->answer).footers.at(0).rows, 7);
}

TEST_F(Serve, TurnsBadAllocIntoExhausted) {
  executors_.add<job::CheckJob>(
      [](const job::CheckJob&, JobContext&) -> base::Result<job::CheckResult> {
        throw std::bad_alloc();
      });
  start();
  EXPECT_EQ(run_and_fail({job::CheckJob{}, {}}).kind, ErrorKind::kExhausted);
}

TEST_F(Serve, IgnoresACancelThatCameTooLate) {
  start();
  ASSERT_TRUE(send_frame(front_.get(), FrameType::kCancel, "").ok());
  EXPECT_EQ(run_and_fail({job::ParseJob{}, {}}).kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(hang_up().ok());
}

TEST_F(Serve, StopsOnAFrameThatOnlyWorkersSend) {
  start();
  ASSERT_TRUE(send_frame(front_.get(), FrameType::kDone, "").ok());
  thread_.join();
  EXPECT_EQ(outcome_.error().kind, ErrorKind::kCorrupt);
}

TEST_F(Serve, RefusesBatchesOnceCancelled) {
  ErrorKind seen = ErrorKind::kInternal;
  executors_.add<job::QueryJob>(
      [&](const job::QueryJob&, JobContext& context) -> base::Result<job::QueryResult> {
        while (true) {
          if (auto sent = context.sink(data::Batch{}); !sent) {
            seen = sent.error().kind;
            return sent.error();
          }
        }
      });
  start();
  ASSERT_TRUE(
      send_frame(front_.get(), FrameType::kRun, job::encode(job::Request{job::QueryJob{}, {}}))
          .ok());
  EXPECT_EQ(read().type, FrameType::kBatch);
  ASSERT_TRUE(send_frame(front_.get(), FrameType::kCancel, "").ok());
  Frame frame = read();
  while (frame.type == FrameType::kBatch) {
    frame = read();
  }
  EXPECT_EQ(frame.type, FrameType::kFailed);
  EXPECT_EQ(seen, ErrorKind::kCancelled);
}

}  // namespace
}  // namespace sluice::worker
