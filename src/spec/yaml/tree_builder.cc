#include "sluice/yaml/internal/tree_builder.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <map>
#include <streambuf>
#include <unordered_set>
#include <utility>

#include "sluice/yaml/internal/utf8.h"

namespace sluice::yaml::internal {

namespace {

/// Ends a parse early. Thrown through yaml-cpp, which has no other way to stop, and caught below.
struct Stop {
  Mark mark;
  std::string message;
};

/// Reads a piece of memory in place.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

/// Builds the tree as yaml-cpp reports events. Open collections are a stack of nodes; a map's child
/// alternates between key and value.
class TreeHandler : public YAML::EventHandler {
 public:
  TreeHandler(const SourceText& source, int first_line, Diagnostics& diagnostics)
      : source_(source), first_line_(first_line), diagnostics_(diagnostics) {}

  Node take_root() { return std::move(root_); }
  Mark last_mark() const { return last_; }
  Mark place(const YAML::Mark& mark) const {
    return {std::max(mark.line, 0) + first_line_, std::max(mark.column, 0) + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw Stop{place(mark), "a second document in one file"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_leaf(make(NodeKind::kNull, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) {
      throw Stop{place(mark), "an alias inside the node that it names"};
    }
    nodes_ += count(found->second);
    check_node_count(place(mark));
    if (static_cast<int>(open_.size()) + depth(found->second) > kDocumentDepthMax) {
      throw Stop{place(mark), "nested deeper than 64 levels"};
    }
    place_child(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = make(NodeKind::kScalar, mark);
    refuse_tag(node.mark, tag);
    node.quoted = tag == "!";
    node.text = value;
    if (!node.quoted && (value == "null" || value == "~" || value == "Null" || value == "NULL")) {
      node.kind = NodeKind::kNull;
    }
    add_leaf(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(NodeKind::kList, mark), tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(NodeKind::kMap, mark), tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::unordered_set<std::string> names;
    bool wants_value = false;  // a key was seen and its value comes next
    bool drops_value = false;  // that key was there before
  };

  Node make(NodeKind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.mark = place(mark);
    node.source = &source_;
    last_ = node.mark;
    ++nodes_;
    check_node_count(node.mark);
    return node;
  }

  void check_node_count(Mark mark) const {
    if (nodes_ > kDocumentNodesMax) {
      throw Stop{mark, "more than 200,000 values, aliases counted as often as they are used"};
    }
  }

  void refuse_tag(Mark mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      diagnostics_.add(source_, mark, "tags such as '" + tag + "' are not supported");
    }
  }

  static std::size_t count(const Node& node) {
    std::size_t total = 1;
    for (const Node& child : node.children) {
      total += count(child);
    }
    return total;
  }

  static int depth(const Node& node) {
    int deepest = 0;
    for (const Node& child : node.children) {
      deepest = std::max(deepest, depth(child));
    }
    return node.is_list() || node.is_map() ? deepest + 1 : 0;
  }

  void open(Node node, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(node.mark, tag);
    if (static_cast<int>(open_.size()) >= kDocumentDepthMax) {
      throw Stop{node.mark, "nested deeper than 64 levels"};
    }
    if (wants_key()) {
      throw Stop{node.mark, "a key must be a single value, not " + std::string(to_text(node.kind))};
    }
    open_.push_back({std::move(node), anchor, {}, false, false});
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    remember(closed.node, closed.anchor);
    place_child(std::move(closed.node));
  }

  void add_leaf(Node node, YAML::anchor_t anchor) {
    remember(node, anchor);
    place_child(std::move(node));
  }

  void remember(const Node& node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      nodes_ += count(node);
      check_node_count(node.mark);
      anchored_[anchor] = node;
    }
  }

  bool wants_key() const {
    return !open_.empty() && open_.back().node.is_map() && !open_.back().wants_value;
  }

  void place_child(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (!parent.node.is_map()) {
      parent.node.children.push_back(std::move(node));
      return;
    }
    if (!parent.wants_value) {
      add_key(parent, node);
      return;
    }
    parent.wants_value = false;
    if (!parent.drops_value) {
      parent.node.children.push_back(std::move(node));
    }
  }

  void add_key(Open& parent, const Node& node) {
    if (node.is_list() || node.is_map()) {
      throw Stop{node.mark, "a key must be a single value"};
    }
    parent.wants_value = true;
    parent.drops_value = !parent.names.insert(node.text).second;
    if (parent.drops_value) {
      const Mark first = parent.node.key_mark(node.text);
      diagnostics_.add(source_, node.mark, "key '" + node.text + "' stands here a second time",
                       "the first is on line " + std::to_string(first.line));
      return;
    }
    parent.node.keys.push_back({node.text, node.mark});
  }

  const SourceText& source_;
  int first_line_;
  Diagnostics& diagnostics_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchored_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  Mark last_;
};

Mark mark_of_byte(std::string_view text, std::size_t at, int first_line) {
  const std::string_view before = text.substr(0, at);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {first_line + static_cast<int>(lines), static_cast<int>(at - line_begin) + 1};
}

/// yaml-cpp's messages, without its own "yaml-cpp: error at line ..." in front.
std::string plain_message(const YAML::Exception& error) {
  return error.msg.empty() ? "not valid YAML" : "not valid YAML: " + error.msg;
}

void parse_events(std::string_view text, TreeHandler& handler) {
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  YAML::Parser parser(stream);
  while (parser.HandleNextDocument(handler)) {
  }
}

}  // namespace

Node build_tree(const SourceText& source, Extent extent, Diagnostics& diagnostics) {
  const std::string_view text =
      std::string_view(source.text).substr(extent.begin, extent.end - extent.begin);
  Node nothing;
  nothing.source = &source;
  nothing.mark = {extent.first_line, 1};
  if (text.size() > kDocumentBytesMax) {
    diagnostics.add({source.file, nothing.mark, "larger than 4 MiB", "", ""});
    return nothing;
  }
  if (const std::size_t at = find_unprintable(text); at != std::string_view::npos) {
    diagnostics.add({source.file, mark_of_byte(text, at, extent.first_line),
                     "a byte that is neither UTF-8 nor printable", "save the file as UTF-8", ""});
    return nothing;
  }
  TreeHandler handler(source, extent.first_line, diagnostics);
  try {
    parse_events(text, handler);
    Node root = handler.take_root();
    return root.source == nullptr ? nothing : root;
  } catch (const Stop& stop) {
    diagnostics.add(source, stop.mark, stop.message);
  } catch (const YAML::Exception& error) {
    const Mark mark = error.mark.is_null() ? handler.last_mark() : handler.place(error.mark);
    diagnostics.add(source, mark, plain_message(error));
  } catch (const std::exception& error) {
    diagnostics.add(source, handler.last_mark(), std::string("not valid YAML: ") + error.what());
  }
  return nothing;
}

}  // namespace sluice::yaml::internal
