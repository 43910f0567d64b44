#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/api/http_message.h"
#include "sluice/api/request_path.h"
#include "sluice/lake/catalog.h"

namespace sluice::api {

/// The Iceberg REST catalog (apache/iceberg, open-api/rest-catalog-open-api.yaml) over the tables
/// of one catalog: translates requests to calls and back. Belongs to the catalog's thread.
class RestCatalog {
 public:
  struct Parts {
    lake::Catalog& catalog;               // outlives this
    std::vector<std::string> warehouses;  // what clients may call this warehouse
  };
  explicit RestCatalog(Parts parts) : parts_(std::move(parts)) {}

  /// Answers a request below `/iceberg`; `path` has the segments after it.
  HttpResponse answer(const HttpRequest& request, const RequestPath& path);

 private:
  struct Endpoint;
  struct Call;
  static std::span<const Endpoint> endpoints();

  HttpResponse config(const Call& call);
  HttpResponse list_namespaces(const Call& call);
  HttpResponse load_namespace(const Call& call);
  HttpResponse has_namespace(const Call& call);
  HttpResponse list_tables(const Call& call);
  HttpResponse load_table(const Call& call);
  HttpResponse has_table(const Call& call);

  base::Result<std::vector<std::string>> namespace_names();
  base::Status find_namespace(const std::string& ns);
  base::Result<lake::TableEntry> find_table(const Call& call);

  Parts parts_;
};

}  // namespace sluice::api
