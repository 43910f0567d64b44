#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sluice/project/graph.h"

// A selection is whatever somebody types: it chooses tables that there are, each once and in order,
// or is an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::project::Graph;
  using sluice::project::Project;
  using sluice::project::Selection;
  using sluice::project::TableKind;
  Project project;
  project.sources.resize(1);
  project.sources[0].table = "bronze.o";
  project.sources[0].name = "o";
  project.models.resize(2);
  project.models[0].tags = {"nightly"};
  Graph graph;
  graph.tables = {{"bronze.o", TableKind::kSource, 0, {}, {1}},
                  {"silver.a", TableKind::kModel, 0, {0}, {2}},
                  {"gold.b", TableKind::kModel, 1, {1}, {}}};
  Selection selection;
  selection.select = std::string(reinterpret_cast<const char*>(data), size);
  const auto chosen = sluice::project::select(project, graph, selection);
  if (chosen) {
    for (std::size_t i = 0; i < chosen->size(); ++i) {
      if ((*chosen)[i] >= graph.tables.size() || (i > 0 && (*chosen)[i - 1] >= (*chosen)[i])) {
        std::abort();
      }
    }
  }
  return 0;
}
