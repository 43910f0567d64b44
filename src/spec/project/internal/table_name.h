#pragma once

#include <string>
#include <string_view>

namespace sluice::project::internal {

/// Says whether `name` is `<namespace>.<table>`, each part lower-case letters, digits and `_`, not
/// beginning with a digit: names that every engine and file system takes as they are.
bool is_table_name(std::string_view name);

/// Says whether `name` is one such part.
bool is_name(std::string_view name);

/// Namespaces that Sluice keeps for its own tables.
bool is_reserved_namespace(std::string_view name);

}  // namespace sluice::project::internal
