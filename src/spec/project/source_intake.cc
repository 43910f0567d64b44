#include "sluice/project/internal/source_intake.h"

#include <string>

namespace sluice::project::internal {

namespace {

using yaml::Node;
using yaml::Reader;

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
}

}  // namespace sluice::project::internal
