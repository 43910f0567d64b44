#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "sluice/base/text.h"
#include "sluice/notify/message.h"

namespace sluice::notify {

namespace {

constexpr std::size_t kBase64LineBytes = 76;   // RFC 2045, 6.8
constexpr std::size_t kEncodedWordBytes = 45;  // as base64 within RFC 2047's 75 characters
constexpr std::size_t kSubjectBytesMax = 400;

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= left ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text;
}

/// Writes a header's text; other than ASCII goes into encoded words (RFC 2047), cut between
/// characters.
std::string header_text(std::string text) {
  text = one_line(std::move(text)).substr(0, kSubjectBytesMax);
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii) {
    return text;
  }
  std::string encoded;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(begin + kEncodedWordBytes, text.size());
    while (end < text.size() && end > begin + 1 && (text[end] & 0xC0) == 0x80) {
      --end;
    }
    encoded += encoded.empty() ? "" : "\r\n ";
    encoded += "=?utf-8?B?" + base64(std::string_view(text).substr(begin, end - begin)) + "?=";
    begin = end;
  }
  return encoded;
}

std::string mail_date(base::Timestamp at) {
  static constexpr const char* kDays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t seconds = at.us / 1'000'000;
  const std::int64_t days = seconds / 86'400;
  const std::int64_t of_day = seconds % 86'400;
  const base::CivilDate date = base::civil_from_days(days);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[days % 7], date.day,
                     kMonths[date.month - 1], date.year, of_day / 3600, of_day / 60 % 60,
                     of_day % 60);
}

std::string body_of(const Message& message) {
  std::string body = fmt::format("{}\n\n{}\n\n", message.summary, message.detail);
  body += fmt::format("project  {} (target {})\ntable    {}\nsince    {}\n", message.project,
                      message.target, message.subject, base::format_iso8601(message.since));
  body += fmt::format("why      {}\n", explain_command(message));
  if (!message.link.empty()) {
    body += fmt::format("link     {}\n", message.link);
  }
  return body;
}

}  // namespace

std::string to_mail(const Message& message, const std::string& from,
                    const std::vector<std::string>& to) {
  std::string mail;
  const auto header = [&](std::string_view name, const std::string& value) {
    mail += fmt::format("{}: {}\r\n", name, value);
  };
  header("Date", mail_date(message.at));
  header("From", one_line(from));
  header("To", one_line(base::join(to, ", ")));
  header("Subject", header_text(fmt::format("[sluice {}] {}: {}", message.project, message.status,
                                            message.summary)));
  header("Message-ID", "<" + one_line(message.id) + "@sluice>");
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  header("Content-Transfer-Encoding", "base64");
  header("Auto-Submitted", "auto-generated");
  mail += "\r\n";
  const std::string body = base64(body_of(message));
  for (std::size_t i = 0; i < body.size(); i += kBase64LineBytes) {
    mail += body.substr(i, kBase64LineBytes) + "\r\n";
  }
  return mail;
}

}  // namespace sluice::notify
