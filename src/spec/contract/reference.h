#pragma once

#include <string>
#include <string_view>

namespace sluice::contract {

/// A property as a relationship names it. `object` and `property` may be names or stable ids; ""
/// where the text leaves them out.
struct PropertyReference {
  std::string file;
  std::string object;
  std::string property;
};

/// Takes apart `customers.id` or `customers.odcs.yaml#/schema/customers/properties/id`.
/// Source: ODCS 3.1, "References".
PropertyReference parse_reference(std::string_view text);

}  // namespace sluice::contract
