#include "sluice/control/internal/median.h"

#include <algorithm>

#include "sluice/base/check.h"

namespace sluice::control {

double median(std::vector<double> values) {
  SLUICE_CHECK(!values.empty(), "no median of nothing");
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace sluice::control
