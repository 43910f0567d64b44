#include "sluice/api/rest_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sluice/api/catalog_page.h"
#include "sluice/api/loaded_table.h"
#include "sluice/api/protocol_error.h"
#include "sluice/base/text.h"

namespace sluice::api {

namespace {

using base::Result;
using base::Status;
using nlohmann::json;

constexpr char kLevelSeparator = '\x1f';  // between the levels of a namespace in a path
constexpr std::string_view kPrefix = "{prefix}";

/// The levels of a namespace are parted by dots in a lake's names.
json levels_of(const std::string& ns) { return base::split(ns, '.'); }

std::string joined_namespace(std::string text) {
  std::replace(text.begin(), text.end(), kLevelSeparator, '.');
  return text;
}

HttpResponse ok(const json& body) {
  HttpResponse response;
  response.body = body.dump();
  return response;
}

HttpResponse no_content() {
  HttpResponse response;
  response.status = 204;
  return response;
}

json token_of(const Page& page) { return page.next_token ? json(*page.next_token) : json(); }

}  // namespace

/// A request that found its endpoint.
struct RestCatalog::Call {
  const HttpRequest& http;
  const RequestPath& path;
  std::string ns;  // with dots between its levels
  std::string table;
};

struct RestCatalog::Endpoint {
  std::string_view method;
  std::string_view pattern;  // as the protocol writes it; this catalog has no prefix
  HttpResponse (RestCatalog::*handle)(const Call&);

  /// Fills in the call's names; false when the path is another one.
  bool matches(const RequestPath& path, Call& call) const {
    const auto parts = base::split(pattern.substr(1), '/');
    std::size_t at = 0;
    for (const std::string& part : parts) {
      if (part == kPrefix) {
        continue;
      }
      if (at == path.segments.size()) {
        return false;
      }
      const std::string& segment = path.segments[at++];
      if (part == "{namespace}") {
        call.ns = joined_namespace(segment);
      } else if (part == "{table}") {
        call.table = segment;
      } else if (part != segment) {
        return false;
      }
    }
    return at == path.segments.size();
  }
};

std::span<const RestCatalog::Endpoint> RestCatalog::endpoints() {
  static constexpr std::array kEndpoints = {
      Endpoint{"GET", "/v1/config", &RestCatalog::config},
      Endpoint{"GET", "/v1/{prefix}/namespaces", &RestCatalog::list_namespaces},
      Endpoint{"GET", "/v1/{prefix}/namespaces/{namespace}", &RestCatalog::load_namespace},
      Endpoint{"HEAD", "/v1/{prefix}/namespaces/{namespace}", &RestCatalog::has_namespace},
      Endpoint{"GET", "/v1/{prefix}/namespaces/{namespace}/tables", &RestCatalog::list_tables},
      Endpoint{"GET", "/v1/{prefix}/namespaces/{namespace}/tables/{table}",
               &RestCatalog::load_table},
      Endpoint{"HEAD", "/v1/{prefix}/namespaces/{namespace}/tables/{table}",
               &RestCatalog::has_table},
  };
  return kEndpoints;
}

HttpResponse RestCatalog::answer(const HttpRequest& request, const RequestPath& path) {
  Call call{request, path, "", ""};
  std::string allowed;
  for (const Endpoint& endpoint : endpoints()) {
    if (!endpoint.matches(path, call)) {
      continue;
    }
    if (endpoint.method == request.method) {
      HttpResponse response = (this->*endpoint.handle)(call);
      response.endpoint = fmt::format("{} {}", endpoint.method, endpoint.pattern);
      return response;
    }
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", endpoint.method);
  }
  if (!allowed.empty()) {
    HttpResponse response = refusal(
        405, "UnsupportedOperationException",
        fmt::format("this catalog does not offer {} here, but {}", request.method, allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  return refusal(base::not_found("this catalog has no such endpoint; GET /iceberg/v1/config lists "
                                 "those that it has"),
                 Subject::kEndpoint);
}

HttpResponse RestCatalog::config(const Call& call) {
  const auto warehouse = call.path.parameter("warehouse");
  if (warehouse && !warehouse->empty() &&
      std::find(parts_.warehouses.begin(), parts_.warehouses.end(), *warehouse) ==
          parts_.warehouses.end()) {
    return refusal(base::not_found(fmt::format("there is no warehouse '{}'; this is '{}'",
                                               *warehouse, parts_.warehouses.front())),
                   Subject::kWarehouse);
  }
  json names = json::array();
  for (const Endpoint& endpoint : endpoints()) {
    if (endpoint.handle != &RestCatalog::config) {
      names.push_back(fmt::format("{} {}", endpoint.method, endpoint.pattern));
    }
  }
  return ok({{"defaults", json::object()}, {"overrides", json::object()}, {"endpoints", names}});
}

Result<std::vector<std::string>> RestCatalog::namespace_names() {
  SLUICE_ASSIGN_OR_RETURN(const auto tables, parts_.catalog.list_tables());
  std::set<std::string> names;
  for (const lake::TableEntry& entry : tables) {
    const std::string& ns = entry.table.ns;
    for (std::size_t dot = ns.find('.'); dot != std::string::npos; dot = ns.find('.', dot + 1)) {
      names.insert(ns.substr(0, dot));
    }
    names.insert(ns);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Status RestCatalog::find_namespace(const std::string& ns) {
  SLUICE_ASSIGN_OR_RETURN(const auto names, namespace_names());
  if (!std::binary_search(names.begin(), names.end(), ns)) {
    return base::not_found(fmt::format("there is no namespace {}", ns));
  }
  return {};
}

HttpResponse RestCatalog::list_namespaces(const Call& call) {
  const std::string parent = joined_namespace(call.path.parameter("parent").value_or(""));
  if (!parent.empty()) {
    if (const Status found = find_namespace(parent); !found) {
      return refusal(found.error(), Subject::kNamespace);
    }
  }
  auto names = namespace_names();
  if (!names) {
    return refusal(names.error(), Subject::kNamespace);
  }
  const std::string above = parent.empty() ? "" : parent + ".";
  std::erase_if(*names, [&](const std::string& ns) {
    return ns.size() <= above.size() || !ns.starts_with(above) ||
           ns.find('.', above.size()) != std::string::npos;
  });
  const auto page = cut_page(*std::move(names), call.path);
  if (!page) {
    return refusal(page.error(), Subject::kNamespace);
  }
  json items = json::array();
  for (const std::string& ns : page->keys) {
    items.push_back(levels_of(ns));
  }
  return ok({{"namespaces", std::move(items)}, {"next-page-token", token_of(*page)}});
}

HttpResponse RestCatalog::load_namespace(const Call& call) {
  if (const Status found = find_namespace(call.ns); !found) {
    return refusal(found.error(), Subject::kNamespace);
  }
  return ok({{"namespace", levels_of(call.ns)}, {"properties", json::object()}});
}

HttpResponse RestCatalog::has_namespace(const Call& call) {
  const Status found = find_namespace(call.ns);
  return found ? no_content() : refusal(found.error(), Subject::kNamespace);
}

HttpResponse RestCatalog::list_tables(const Call& call) {
  if (const Status found = find_namespace(call.ns); !found) {
    return refusal(found.error(), Subject::kNamespace);
  }
  const auto tables = parts_.catalog.list_tables();
  if (!tables) {
    return refusal(tables.error(), Subject::kNamespace);
  }
  std::vector<std::string> names;
  for (const lake::TableEntry& entry : *tables) {
    if (entry.table.ns == call.ns) {
      names.push_back(entry.table.name);
    }
  }
  const auto page = cut_page(std::move(names), call.path);
  if (!page) {
    return refusal(page.error(), Subject::kNamespace);
  }
  json items = json::array();
  for (const std::string& name : page->keys) {
    items.push_back({{"namespace", levels_of(call.ns)}, {"name", name}});
  }
  return ok({{"identifiers", std::move(items)}, {"next-page-token", token_of(*page)}});
}

Result<lake::TableEntry> RestCatalog::find_table(const Call& call) {
  SLUICE_ASSIGN_OR_RETURN(auto entry, parts_.catalog.find({call.ns, call.table}));
  if (!entry) {
    return base::not_found(fmt::format("there is no table {}.{}", call.ns, call.table));
  }
  return *std::move(entry);
}

HttpResponse RestCatalog::has_table(const Call& call) {
  const auto entry = find_table(call);
  return entry ? no_content() : refusal(entry.error(), Subject::kTable);
}

HttpResponse RestCatalog::load_table(const Call& call) {
  const auto shown = parse_snapshots_shown(call.path.parameter("snapshots"));
  if (!shown) {
    return refusal(shown.error(), Subject::kTable);
  }
  const auto entry = find_table(call);
  if (!entry) {
    return refusal(entry.error(), Subject::kTable);
  }
  const std::string tag = table_etag(entry->metadata_location, *shown);
  if (etag_matches(call.http.header("if-none-match"), tag)) {
    HttpResponse unchanged;
    unchanged.status = 304;
    unchanged.headers.emplace_back("ETag", tag);
    return unchanged;
  }
  const auto metadata = parts_.catalog.load_location(entry->metadata_location);
  if (!metadata) {
    return refusal(metadata.error(), Subject::kTable);
  }
  return loaded_table(entry->metadata_location, **metadata, *shown);
}

}  // namespace sluice::api
