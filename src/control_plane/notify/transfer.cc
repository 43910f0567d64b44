#include "sluice/notify/internal/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace sluice::notify {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kAnswerBytesMax = 4096;
constexpr long kSmtpFirstPermanent = 500;

struct EndHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, EndHandle>;

/// A list of lines as the library wants it.
class Lines {
 public:
  explicit Lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      list_ = curl_slist_append(list_, line.c_str());
    }
  }
  ~Lines() { curl_slist_free_all(list_); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

Handle open_handle(const std::string& url, std::int64_t timeout_ms) {
  // Once, before the first transfer; the front has no other thread by then that uses the library.
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  Handle handle(kReady == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle != nullptr) {
    curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  }
  return handle;
}

base::Error error_of(CURLcode code, const std::string& url) {
  const std::string text = fmt::format("{}: {}", url, curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {base::ErrorKind::kTimeout, text};
    case CURLE_LOGIN_DENIED:
    case CURLE_PEER_FAILED_VERIFICATION:
      return {base::ErrorKind::kUnauthorized, text};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_USE_SSL_FAILED:
      return base::invalid_input(text);
    default:
      return base::unavailable(text);
  }
}

std::size_t keep_answer(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& answer = *static_cast<std::string*>(to);
  const std::size_t got = size * count;
  answer.append(bytes, std::min(got, kAnswerBytesMax - std::min(kAnswerBytesMax, answer.size())));
  return got;
}

struct Upload {
  std::string_view left;
};

std::size_t give_mail(char* to, std::size_t size, std::size_t count, void* from) {
  auto& upload = *static_cast<Upload*>(from);
  const std::size_t bytes = std::min(size * count, upload.left.size());
  std::memcpy(to, upload.left.data(), bytes);
  upload.left.remove_prefix(bytes);
  return bytes;
}

}  // namespace

Result<HttpAnswer> post(const std::string& url, const std::vector<std::string>& headers,
                        const std::string& body, std::int64_t timeout_ms) {
  const Handle handle = open_handle(url, timeout_ms);
  if (handle == nullptr) {
    return base::internal_error("libcurl cannot be set up");
  }
  const Lines lines(headers);
  HttpAnswer answer;
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK) {
    return error_of(code, url);
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

Status send_mail(const Envelope& envelope, const std::string& mail, std::int64_t timeout_ms) {
  const Handle handle = open_handle(envelope.url, timeout_ms);
  if (handle == nullptr) {
    return base::internal_error("libcurl cannot be set up");
  }
  const Lines receivers(envelope.to);
  Upload upload{mail};
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, envelope.from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, receivers.get());
  if (!envelope.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, envelope.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, envelope.password.c_str());
  }
  if (envelope.starttls) {
    curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  }
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_mail);
  curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK) {
    return {};
  }
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  base::Error error = error_of(code, envelope.url);
  if (reply >= kSmtpFirstPermanent && error.kind == base::ErrorKind::kUnavailable) {
    error.kind = base::ErrorKind::kInvalidInput;  // RFC 5321, 4.2.1: permanent
  }
  if (reply > 0) {
    error.message += fmt::format(" (the server said {})", reply);
  }
  return error;
}

}  // namespace sluice::notify
