#include "sluice/yaml/document.h"

#include <utility>

#include "sluice/yaml/internal/tree_builder.h"

namespace sluice::yaml {

std::string_view to_text(NodeKind kind) {
  switch (kind) {
    case NodeKind::kNull:
      return "nothing";
    case NodeKind::kScalar:
      return "a single value";
    case NodeKind::kList:
      return "a list";
    case NodeKind::kMap:
      return "a map";
  }
  return "";
}

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].name == key) {
      return &children[i];
    }
  }
  return nullptr;
}

Mark Node::key_mark(std::string_view key) const {
  for (const Key& candidate : keys) {
    if (candidate.name == key) {
      return candidate.mark;
    }
  }
  return mark;
}

Document parse(SourceText source, Diagnostics& diagnostics) {
  const Extent whole{0, source.text.size(), 1};
  return parse(std::move(source), whole, diagnostics);
}

Document parse(SourceText source, Extent extent, Diagnostics& diagnostics) {
  Document document;
  document.source = std::make_unique<const SourceText>(std::move(source));
  document.root = internal::build_tree(*document.source, extent, diagnostics);
  return document;
}

}  // namespace sluice::yaml
