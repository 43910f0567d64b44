#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"

namespace sluice::lake {

/// Splits a JSON object into its members' names and the text of their values, without parsing the
/// values: they are only cut out by their brackets and quotes, and the caller parses those it
/// wants. Slices point into `text`. kCorrupt, with the offset, when it is not an object or a name
/// repeats.
base::Result<std::vector<std::pair<std::string, std::string_view>>> slice_object(
    std::string_view text, std::string_view what);

/// Splits a JSON array into the text of its items, in the same way.
base::Result<std::vector<std::string_view>> slice_array(std::string_view text,
                                                        std::string_view what);

/// Appends `text` as a JSON string, quoted and escaped; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& out);

}  // namespace sluice::lake
