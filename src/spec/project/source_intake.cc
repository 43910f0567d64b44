#include "sluice/project/internal/source_intake.h"

#include <algorithm>
#include <string>

#include "sluice/project/internal/source_file.h"

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

constexpr std::string_view kDedupeKeys[] = {"key", "window"};
constexpr std::int64_t kWindowMsMax = std::int64_t{3650} * 24 * 3600 * 1000;
constexpr std::string_view kChanges[] = {"discard_row", "freeze", "evolve", "discard_value"};
constexpr std::string_view kRaw[] = {"copy", "move", "reference"};

void read_path(const Node& node, const std::filesystem::path& project_root, Source& source,
               Reader& reader) {
  const auto text = reader.text(node, "path");
  if (!text) {
    return;
  }
  if (text->empty()) {
    reader.add(node, "the path must not be empty");
  } else if (text->find("://") != std::string::npos) {
    reader.add(node, "path '" + *text + "' is not built yet",
               "this version reads files of this machine");
  } else {
    std::string path = (project_root / *text).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) {
      path.pop_back();
    }
    source.paths.push_back(std::move(path));
  }
}

}  // namespace

void read_intake(const Node& root, const std::filesystem::path& project_root, Source& source,
                 Reader& reader) {
  if (const Node* path = reader.required(root, "path", "a source")) {
    if (!path->is_list()) {
      read_path(*path, project_root, source, reader);
    } else if (path->children.empty()) {
      reader.add(*path, "the list of paths must not be empty");
    } else {
      for (const Node& child : path->children) {
        read_path(child, project_root, source, reader);
      }
    }
  }
  if (const Node* raw = root.find("raw")) {
    const auto mode = reader.choice(*raw, "raw", kRaw).value_or("copy");
    source.raw = mode == "move"        ? RawMode::kMove
                 : mode == "reference" ? RawMode::kReference
                                       : RawMode::kCopy;
  }
  read_schema_changes(root, source, reader);
}

void read_schema_changes(const Node& root, Source& source, Reader& reader) {
  if (const Node* changes = root.find("schema_changes")) {
    const auto choice = reader.choice(*changes, "schema_changes", kChanges);
    source.schema_changes = choice == "freeze"          ? SchemaChanges::kFreeze
                            : choice == "evolve"        ? SchemaChanges::kEvolve
                            : choice == "discard_value" ? SchemaChanges::kDiscardValue
                                                        : SchemaChanges::kDiscardRow;
  }
}

std::vector<NamedPlace> read_dedupe(const Node& node, Source& source, Reader& reader) {
  std::vector<NamedPlace> places;
  if (!reader.expect_map(node, "dedupe")) {
    return places;
  }
  reader.check_known_keys(node, "dedupe", kDedupeKeys);
  Dedupe dedupe;
  if (const Node* key = reader.required(node, "key", "dedupe")) {
    places = read_places(*key, "key", reader);
    if (key->is_list() && key->children.empty()) {
      reader.add(*key, "the key must name at least one column");
    }
    for (const NamedPlace& place : places) {
      if (std::count(dedupe.key.begin(), dedupe.key.end(), place.name) > 0) {
        reader.add(*key, "column '" + place.name + "' is named twice");
      }
      dedupe.key.push_back(place.name);
    }
  }
  if (const Node* window = node.find("window")) {
    dedupe.window_ms = reader.duration_ms(*window, "window");
    if (dedupe.window_ms && (*dedupe.window_ms < 1000 || *dedupe.window_ms > kWindowMsMax)) {
      reader.add(*window, "window must be from 1s to 3650d, not " + window->text);
    }
  }
  source.dedupe = std::move(dedupe);
  return places;
}

}  // namespace sluice::project::internal
