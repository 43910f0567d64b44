#include "sluice/api/daemon.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "sluice/base/random.h"
#include "sluice/metastore/migration.h"
#include "sluice/storage/local_file_io.h"

namespace sluice::api {
namespace {

/// A client that says exactly what it is told to.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience = {10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  RawClient& say(std::string_view text) {
    [[maybe_unused]] const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    return *this;
  }
  /// Everything until the server closes.
  std::string hear() {
    std::string heard;
    char block[4096];
    for (ssize_t got = 1; got > 0;) {
      got = ::recv(fd_, block, sizeof(block), 0);
      heard.append(block, got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return heard;
  }

 private:
  int fd_;
};

class DaemonTest : public testing::Test {
 protected:
  static HttpLimits limits() {
    HttpLimits limits;
    limits.connections_max = 4;
    limits.header_bytes_max = 1024;
    limits.body_bytes_max = 2048;
    limits.header_timeout_ms = 300;
    limits.body_timeout_ms = 300;
    limits.stop_grace_ms = 1000;
    return limits;
  }

  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / ("sluice-api-" + std::to_string(::getpid()));
    std::filesystem::create_directories(root_);
    auto server = HttpServer::listen("127.0.0.1", 0, limits());
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = *std::move(server);
    serving_ = std::jthread([this](const std::stop_token& stop) {
      base::SystemClock clock;
      base::Random random(1);
      const auto files = storage::make_local_file_io();
      auto database = *metastore::Database::open(":memory:", metastore::OpenMode::kReadWrite);
      ASSERT_TRUE(metastore::migrate(*database, lake::catalog_migrations(), "1", clock).ok());
      lake::Catalog lake(*database, *files, root_, clock, random);
      RestCatalog catalog({lake, {"shop"}});
      telemetry::Logger log(clock, nullptr);
      Daemon daemon(catalog, [] { return base::Status(); }, log);
      daemon.serve(*server_, stop);
    });
  }
  void TearDown() override {
    serving_.request_stop();
    serving_.join();
    std::filesystem::remove_all(root_);
  }

  std::string ask(std::string_view request) {
    return RawClient(server_->port()).say(request).hear();
  }
  std::string get(const std::string& path, std::string_view headers = "") {
    return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
               std::string(headers) + "\r\n");
  }
  static std::string first_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
  }
  static nlohmann::json body(const std::string& answer) {
    return nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  }

  std::string root_;
  std::unique_ptr<HttpServer> server_;
  std::jthread serving_;
};

TEST_F(DaemonTest, SaysThatItLivesAndIsReady) {
  EXPECT_EQ(first_line(get("/healthz")), "HTTP/1.1 200 OK");
  EXPECT_EQ(first_line(get("/readyz")), "HTTP/1.1 200 OK");
}

TEST_F(DaemonTest, CountsWhatItAnswered) {
  get("/iceberg/v1/config");
  get("/iceberg/v1/nothing");
  const std::string metrics = get("/metrics");
  EXPECT_NE(metrics.find("{endpoint=\"GET /v1/config\",status=\"200\"} 1"), std::string::npos);
  EXPECT_NE(metrics.find("{endpoint=\"\",status=\"404\"} 1"), std::string::npos);
  EXPECT_NE(metrics.find("sluice_http_request_seconds_count 2"), std::string::npos);
}

TEST_F(DaemonTest, ErrorsAreTheProtocols) {
  const auto error = body(get("/iceberg/v1/namespaces/none/tables"))["error"];
  EXPECT_EQ(error["type"], "NoSuchNamespaceException");
  EXPECT_EQ(error["code"], 404);
  EXPECT_EQ(error["message"], "there is no namespace none");
  EXPECT_EQ(body(get("/iceberg/v1/config?warehouse=other"))["error"]["type"],
            "NoSuchWarehouseException");
  EXPECT_EQ(body(get("/iceberg/../etc"))["error"]["type"], "BadRequestException");
}

TEST_F(DaemonTest, AMethodThatIsNotOfferedIsNamedWithThoseThatAre) {
  const std::string answer =
      ask("PATCH /iceberg/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(first_line(answer), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_NE(answer.find("Allow: GET"), std::string::npos);
}

TEST_F(DaemonTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(first_line(get("/healthz", "X: " + std::string(2000, 'x') + "\r\n")),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(first_line(ask("POST /iceberg/v1/namespaces HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Length: 5000\r\n\r\n" +
                           std::string(5000, 'x'))),
            "HTTP/1.1 413 Payload Too Large");
}

TEST_F(DaemonTest, RefusesWhatIsNoHttp) {
  EXPECT_EQ(first_line(ask("hello\r\n\r\n")), "HTTP/1.1 400 Bad Request");
}

TEST_F(DaemonTest, DoesNotWaitForSlowClients) {
  EXPECT_EQ(ask(""), "");  // silent: closed without a word
  EXPECT_EQ(first_line(ask("GET /healthz HTTP/1.1\r\nHost:")), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(first_line(ask("POST /iceberg/v1/namespaces HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Length: 10\r\n\r\nabc")),
            "HTTP/1.1 408 Request Timeout");
}

TEST_F(DaemonTest, TurnsAwayConnectionsBeyondItsLimit) {
  std::vector<std::unique_ptr<RawClient>> idle;
  for (std::size_t i = 0; i < limits().connections_max; ++i) {
    idle.push_back(std::make_unique<RawClient>(server_->port()));
    idle.back()->say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(first_line(get("/healthz")), "HTTP/1.1 503 Service Unavailable");
  idle.clear();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(first_line(get("/healthz")), "HTTP/1.1 200 OK");
}

TEST_F(DaemonTest, AnswersNobodyWhoCallsItByAnotherName) {
  EXPECT_EQ(body(ask("GET /iceberg/v1/config HTTP/1.1\r\nHost: evil.example\r\n"
                     "Connection: close\r\n\r\n"))["error"]["type"],
            "ForbiddenException");
  EXPECT_EQ(body(get("/iceberg/v1/config", "Origin: http://evil.example\r\n"))["error"]["type"],
            "ForbiddenException");
}

TEST_F(DaemonTest, KeepsAConnectionForSeveralRequests) {
  const std::string heard =
      ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
          "HEAD /iceberg/v1/namespaces/none HTTP/1.1\r\nHost: localhost\r\n\r\n"
          "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(heard.find("ok\n"), std::string::npos);
  EXPECT_NE(heard.find("HTTP/1.1 404 Not Found"), std::string::npos);
  EXPECT_NE(heard.find("ready\n"), std::string::npos);
}

TEST(Daemon, ListensOnThisMachineOnly) {
  EXPECT_TRUE(check_loopback("127.0.0.1").ok());
  EXPECT_TRUE(check_loopback("::1").ok());
  for (const char* address : {"0.0.0.0", "::", "192.168.1.2", "localhost", ""}) {
    EXPECT_EQ(check_loopback(address).error().kind, base::ErrorKind::kInvalidInput) << address;
  }
}

TEST(HttpServer, NamesAPortThatIsTaken) {
  const auto first = HttpServer::listen("127.0.0.1", 0, {});
  ASSERT_TRUE(first.ok());
  const auto second = HttpServer::listen("127.0.0.1", (*first)->port(), {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, base::ErrorKind::kAlreadyExists);
}

}  // namespace
}  // namespace sluice::api
