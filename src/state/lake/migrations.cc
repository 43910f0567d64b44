#include <array>

#include "sluice/lake/catalog.h"
#include "sluice/lake/internal/catalog_tables.h"
#include "sluice/lake/internal/landed_tables.h"

namespace sluice::lake {

std::span<const metastore::Migration> catalog_migrations() {
  static constexpr std::array kMigrations = {metastore::Migration{"lake", 1, kCatalogTables},
                                             metastore::Migration{"lake", 2, kLandedTables},
                                             metastore::Migration{"lake", 3, kSettledColumns},
                                             metastore::Migration{"lake", 4, kErasedColumns}};
  return kMigrations;
}

}  // namespace sluice::lake
