#pragma once

#include "sluice/yaml/document.h"

namespace sluice::contract {

/// Judges a document by the standard's own JSON Schema: that of its `apiVersion`, or of the newest
/// version where it names none that is known. Says whatever a validator of that schema refuses,
/// each with its place; what the standard allows and Sluice does not do is not judged here. Source:
/// Open Data Contract Standard 3.0.2, 3.1.0 and 3.2.0, JSON Schemas.
void check_standard(const yaml::Node& root, yaml::Diagnostics& diagnostics);

}  // namespace sluice::contract
