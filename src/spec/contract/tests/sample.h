#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sluice/contract/contract.h"
#include "sluice/contract/read.h"

namespace sluice::contract {

/// A contract with the given `properties`, each line indented by six.
inline std::string contract_of(const std::string& properties) {
  return "apiVersion: v3.2.0\nkind: DataContract\nid: orders\nversion: 1.0.0\nschema:\n"
         "  - name: orders\n    properties:\n" +
         properties;
}

/// What reading a text says: the diagnostics, or "" for a sound contract.
inline std::string complaint(std::string text) {
  yaml::Diagnostics diagnostics;
  const auto contract = read_contract({"c.odcs.yaml", std::move(text)}, diagnostics);
  return contract ? "" : diagnostics.to_text();
}

inline Contract sound(std::string text) {
  yaml::Diagnostics diagnostics;
  auto contract = read_contract({"c.odcs.yaml", std::move(text)}, diagnostics);
  SLUICE_CHECK(contract.has_value(), diagnostics.to_text().c_str());
  return std::move(*contract);
}

inline constexpr const char* kOrders = R"(apiVersion: v3.2.0
kind: DataContract
id: 53581432-orders
name: Orders
version: 1.2.0
status: active
description:
  purpose: Orders as the shop takes them.
  usage: Revenue.
tags: [shop]
team:
  name: shop
servers:
  - server: local
    type: local
    path: ./data
    format: csv
schema:
  - name: orders
    physicalName: bronze.orders
    logicalType: object
    description: One line for each order.
    tags: [finance]
    properties:
      - name: order_id
        logicalType: integer
        physicalType: bigint
        primaryKey: true
        primaryKeyPosition: 1
        description: Counts up.
      - name: country
        logicalType: string
        required: true
        enum:
          - value: DE
            label: Germany
          - value: FR
        examples: [DE]
      - name: amount
        logicalType: number
        physicalType: decimal(9,2)
        logicalTypeOptions:
          minimum: 0
          exclusiveMaximum: 100000
        classification: internal
      - name: code
        logicalType: string
        logicalTypeOptions:
          minLength: 2
          maxLength: 8
          pattern: ^[A-Z]+$
        quality:
          - type: text
            description: Somebody looks at these.
          - metric: nullValues
            mustBe: 0
            severity: warning
      - name: ts
        logicalType: timestamp
        logicalTypeOptions:
          timezone: true
          minimum: "2013-01-01T00:00:00Z"
    quality:
      - metric: duplicateValues
        arguments:
          properties: [country, code]
        mustBe: 0
)";

}  // namespace sluice::contract
