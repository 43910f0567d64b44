#pragma once

#include "sluice/data/sql_quote.h"

namespace sluice::sql {

using data::quote_identifier;
using data::quote_literal;
using data::quote_table;

}  // namespace sluice::sql
