#pragma once

#include "sluice/project/alert_settings.h"
#include "sluice/yaml/document.h"
#include "sluice/yaml/reader.h"

namespace sluice::project::internal {

/// Reads `alerts:` of sluice.yaml.
void read_alerts(const yaml::Node& node, AlertSettings& alerts, yaml::Reader& reader);

}  // namespace sluice::project::internal
