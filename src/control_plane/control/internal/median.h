#pragma once

#include <vector>

namespace sluice::control {

/// Returns the middle value (the mean of the two middle ones); `values` must not be empty.
double median(std::vector<double> values);

}  // namespace sluice::control
