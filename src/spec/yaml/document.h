#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/yaml/diagnostics.h"

namespace sluice::yaml {

inline constexpr std::size_t kDocumentBytesMax = std::size_t{4} << 20;
inline constexpr int kDocumentDepthMax = 64;
inline constexpr std::size_t kDocumentNodesMax = 200'000;  // counted after aliases are copied

enum class NodeKind { kNull, kScalar, kList, kMap };

std::string_view to_text(NodeKind kind);

struct Key {
  std::string name;
  Mark mark;
};

/// A node of the tree, with its place. `text` is the scalar as written (quotes and escapes undone,
/// variables not expanded). A map holds `keys[i]` for `children[i]`, without duplicates.
/// `source` belongs to the Document.
struct Node {
  NodeKind kind = NodeKind::kNull;
  bool quoted = false;  // a scalar that was quoted or a block: always text
  Mark mark;
  std::string text;
  std::vector<Key> keys;
  std::vector<Node> children;
  const SourceText* source = nullptr;

  bool is_null() const { return kind == NodeKind::kNull; }
  bool is_scalar() const { return kind == NodeKind::kScalar; }
  bool is_list() const { return kind == NodeKind::kList; }
  bool is_map() const { return kind == NodeKind::kMap; }

  /// Finds the value of a key; nullptr when this is no map or has no such key.
  const Node* find(std::string_view key) const;
  /// Returns the place of the key itself; the node's own place when it has no such key.
  Mark key_mark(std::string_view key) const;
};

/// A parsed file: its text and its tree. Nodes point into `source`; movable, not copyable.
struct Document {
  std::unique_ptr<const SourceText> source;
  Node root;
};

/// Part of a text that holds the YAML: bytes [begin, end) whose first byte is at the start of line
/// `first_line`. Positions are those of the whole text.
struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  int first_line = 1;
};

/// Parses one YAML 1.2 document. What is wrong goes to `diagnostics` and leaves a null root:
/// bytes, depth or nodes beyond the bounds above, syntax, duplicate keys, non-scalar keys, more
/// than one document, invalid UTF-8. An empty text is a null root and no diagnostic.
Document parse(SourceText source, Diagnostics& diagnostics);
Document parse(SourceText source, Extent extent, Diagnostics& diagnostics);

}  // namespace sluice::yaml
