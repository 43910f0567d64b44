#include "sluice/lake/commit.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sluice/base/digest.h"
#include "sluice/lake/catalog.h"
#include "sluice/lake/commit_ledger.h"
#include "sluice/lake/internal/commit_attempt.h"
#include "sluice/lake/schema_json.h"

namespace sluice::lake {

namespace {

using base::Result;
using base::Status;

/// Feeds texts to a digest so that no two different sequences run together.
class RequestDigest {
 public:
  void text(std::string_view value) { sha_.update(fmt::format("{}:{}", value.size(), value)); }
  void number(std::int64_t value) { text(std::to_string(value)); }
  void text_if(const std::optional<std::string>& value) {
    number(value ? 1 : 0);
    text(value.value_or(""));
  }
  void texts(const std::map<std::string, std::string>& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (const auto& [key, value] : values) {
      text(key);
      text(value);
    }
  }
  std::string hex() { return sha_.hex(); }

 private:
  base::Sha256 sha_;
};

void digest_change(const TableChange& change, RequestDigest& digest) {
  digest.text(to_text(change.table));
  digest.text_if(change.base_metadata_location);
  digest.number(change.create ? 1 : 0);
  if (change.create) {
    digest.text(to_json(change.create->schema).dump());
    digest.text(to_json(change.create->spec).dump());
    digest.texts(change.create->properties);
  }
  digest.number(change.new_schema ? 1 : 0);
  if (change.new_schema) {
    digest.text(to_json(*change.new_schema).dump());
  }
  if (change.new_spec) {
    digest.text("spec");
    digest.text(to_json(*change.new_spec).dump());
  }
  if (change.make_current) {
    digest.text("make_current");
    digest.number(*change.make_current);
  }
  for (const auto& [name, ref] : change.set_refs) {
    digest.text("ref " + name);
    digest.text(ref ? to_json(*ref).dump() : "");
  }
  digest.number(static_cast<std::int64_t>(change.write));
  digest.number(static_cast<std::int64_t>(change.files.size()));
  for (const DataFile& file : change.files) {
    digest.text(file.path);
    digest.number(file.record_count);
    digest.number(file.file_size_bytes);
  }
  if (change.forget || !change.drop_snapshots.empty()) {
    digest.text(change.forget ? "forget" : "drop");
    for (const std::int64_t id : change.drop_snapshots) {
      digest.number(id);
    }
  }
  digest.number(static_cast<std::int64_t>(change.removed.size()));
  for (const std::string& path : change.removed) {
    digest.text(path);
  }
  digest.texts(change.set_properties);
  digest.texts(change.summary);
}

}  // namespace

std::string request_hash(const CommitRequest& request) {
  RequestDigest digest;
  for (const TableChange& change : request.changes) {
    digest_change(change, digest);
  }
  return digest.hex();
}

Result<CommitOutcome> Catalog::commit(const CommitRequest& request) {
  if (request.id.empty() || request.changes.empty()) {
    return base::invalid_input("a commit needs an id and at least one change");
  }
  const std::string hash = request_hash(request);
  SLUICE_ASSIGN_OR_RETURN(auto recorded, find_ledger_entry(database_, request.id));
  if (recorded && recorded->request_hash != hash) {
    return base::invalid_input(
        fmt::format("commit id {} was used for another request", request.id.text));
  }
  if (recorded) {
    return CommitOutcome{std::move(recorded->tables), true};
  }
  CommitAttempt attempt(*this, request, hash);
  SLUICE_RETURN_IF_ERROR(attempt.prepare());
  SLUICE_RETURN_IF_ERROR(attempt.judge());
  Status done = attempt.stage();
  if (done) {
    done = attempt.record();
  }
  if (done) {
    return attempt.publish();
  }
  // Files that a commit may refer to stay until its outcome is known.
  if (done.error().kind == base::ErrorKind::kCommitStateUnknown) {
    return done.error().in(fmt::format("commit {}", request.id.text));
  }
  attempt.undo();
  return std::move(done).error();
}

}  // namespace sluice::lake
