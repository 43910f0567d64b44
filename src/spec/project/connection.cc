#include "sluice/project/connection.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "sluice/project/internal/variables.h"

namespace sluice::project {

namespace {

/// Undoes `%40` and the like, as a URL has them.
std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) -> int {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// The database that a URL leads to; MySQL's has the scheme by which DuckDB knows it.
std::optional<Connection> read_url(const std::string& url) {
  Connection connection;
  connection.text = url;
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return connection;
  }
  connection.kind = DatabaseKind::kMysql;
  if (url.starts_with("mariadb://")) {
    connection.text = "mysql" + url.substr(std::string_view("mariadb").size());
    return connection;
  }
  return url.starts_with("mysql://") ? std::optional(connection) : std::nullopt;
}

/// `place` goes in front of errors, with a colon and a space behind it.
base::Result<Connection> expand_url(const Project& project, const std::string& url,
                                    const std::string& place, yaml::EnvLookup env) {
  yaml::Diagnostics diagnostics;
  yaml::Reader reader(diagnostics, internal::with_variables(std::move(env), project));
  const yaml::SourceText file{place, ""};
  yaml::Node node;  // as it was read, but for the text of its file
  node.kind = yaml::NodeKind::kScalar;
  node.text = url;
  node.source = &file;
  const auto text = reader.text(node, "connection");
  if (!text) {
    const yaml::Diagnostic& problem = diagnostics.items().front();
    return base::invalid_input(place + problem.message +
                               (problem.hint.empty() ? "" : "; " + problem.hint));
  }
  auto known = read_url(*text);
  if (!known) {
    return base::invalid_input(
        place + "the variable's value begins with neither postgresql:// nor mysql://");
  }
  Connection connection = std::move(*known);
  connection.secrets.push_back(connection.text);
  if (const std::string_view password = password_in(*text); !password.empty()) {
    connection.secrets.emplace_back(password);
    connection.secrets.push_back(percent_decoded(password));
  }
  return connection;
}

}  // namespace

std::string_view password_in(std::string_view connection) {
  constexpr std::string_view kParameter = "password=";
  if (const std::size_t given = connection.find(kParameter); given != std::string_view::npos) {
    const std::string_view rest = connection.substr(given + kParameter.size());
    return rest.substr(0, rest.find('&'));
  }
  const std::size_t scheme = connection.find("://");
  if (scheme == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = connection.substr(scheme + 3);
  const std::size_t at = rest.rfind('@');
  const std::size_t colon = rest.substr(0, at).find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos) {
    return {};
  }
  return rest.substr(colon + 1, at - colon - 1);
}

base::Result<Connection> expand_connection(const Project& project, const Source& source,
                                           yaml::EnvLookup env) {
  const DatabaseTable& database = *source.database;
  Connection connection;
  if (database.kind == DatabaseKind::kSqlite) {
    connection.kind = DatabaseKind::kSqlite;
    connection.text = database.connection;
    return connection;
  }
  const yaml::Mark& mark = database.connection_mark;
  return expand_url(project, database.connection,
                    source.file + ":" + std::to_string(mark.line) + ":" +
                        std::to_string(mark.column) + ": connection: ",
                    std::move(env));
}

base::Result<Connection> expand_connection(const Project& project, const std::string& url,
                                           const std::string& option, yaml::EnvLookup env) {
  SLUICE_ASSIGN_OR_RETURN(Connection connection,
                          expand_url(project, url, option + ": ", std::move(env)));
  if (connection.kind != DatabaseKind::kPostgres) {
    return base::invalid_input(option + ": the variable's value does not begin with postgresql://");
  }
  return connection;
}

}  // namespace sluice::project
