#include "sluice/project/source_choice.h"

#include <fmt/format.h>

#include "sluice/base/text.h"
#include "sluice/project/analysis.h"

namespace sluice::project {

base::Result<std::vector<std::size_t>> choose_sources(const Project& project,
                                                      const std::string& wanted) {
  std::vector<std::size_t> found;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < project.sources.size(); ++i) {
    const Source& source = project.sources[i];
    names.push_back(source.table);
    const std::string bare = source.table.substr(source.table.find('.') + 1);
    if (wanted.empty() || wanted == source.table || wanted == bare ||
        wanted == quarantine_table(source)) {
      found.push_back(i);
    }
  }
  if (found.empty() && !wanted.empty()) {
    const std::string near = base::nearest(wanted, names);
    return base::not_found(fmt::format(
        "there is no source {}; {}", wanted,
        near.empty() ? "there are " + base::join(names, ", ") : "did you mean " + near + "?"));
  }
  return found;
}

}  // namespace sluice::project
