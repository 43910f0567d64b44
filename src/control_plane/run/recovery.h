#pragma once

#include <string>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/lake/catalog.h"
#include "sluice/run/records.h"
#include "sluice/storage/file_io.h"

namespace sluice::run {

/// Settles what processes that died left behind: of each run that never ended the commit is looked
/// up; when it did not take place, the files it staged are removed and the run is `interrupted`.
/// Landed files that the ledger lacks because it came from a backup are entered again by their
/// journal. Copies in the raw zone that did not reach the ledger go, too: their originals are
/// landed again. Returns one line per thing settled. Call under the project's lock.
base::Result<std::vector<std::string>> recover(lake::Catalog& catalog, storage::FileIo& files,
                                               Records& records, const base::Clock& clock);

}  // namespace sluice::run
