#pragma once

#include <string_view>

/// Keys of the Open Data Contract Standard, 3.0.2 to 3.2.0. Written by tools/odcs_keys.py.
namespace sluice::contract::internal {

inline constexpr std::string_view kContractKeys[] = {
    "apiVersion",
    "authoritativeDefinitions",
    "context",
    "contractCreatedTs",
    "customProperties",
    "dataProduct",
    "description",
    "domain",
    "id",
    "kind",
    "name",
    "price",
    "roles",
    "schema",
    "servers",
    "slaDefaultElement",
    "slaProperties",
    "status",
    "support",
    "tags",
    "team",
    "tenant",
    "version",
};

inline constexpr std::string_view kDescriptionKeys[] = {
    "authoritativeDefinitions", "customProperties", "limitations", "purpose", "usage",
};

inline constexpr std::string_view kObjectKeys[] = {
    "authoritativeDefinitions",
    "businessName",
    "context",
    "customProperties",
    "dataGranularityDescription",
    "deprecated",
    "description",
    "id",
    "logicalType",
    "name",
    "physicalName",
    "physicalType",
    "properties",
    "quality",
    "relationships",
    "synonyms",
    "tags",
};

inline constexpr std::string_view kPropertyKeys[] = {
    "authoritativeDefinitions",
    "businessName",
    "classification",
    "criticalDataElement",
    "customProperties",
    "deprecated",
    "description",
    "encryptedName",
    "enum",
    "examples",
    "id",
    "items",
    "logicalType",
    "logicalTypeOptions",
    "map",
    "name",
    "partitionKeyPosition",
    "partitioned",
    "physicalName",
    "physicalType",
    "primaryKey",
    "primaryKeyPosition",
    "properties",
    "quality",
    "relationships",
    "required",
    "semanticType",
    "synonyms",
    "tags",
    "transformDescription",
    "transformLogic",
    "transformSourceObjects",
    "unique",
};

inline constexpr std::string_view kEnumValueKeys[] = {
    "authoritativeDefinitions", "customProperties", "description", "id", "label", "tags", "value",
};

inline constexpr std::string_view kQualityKeys[] = {
    "arguments",
    "authoritativeDefinitions",
    "businessImpact",
    "customProperties",
    "description",
    "dimension",
    "engine",
    "id",
    "implementation",
    "method",
    "metric",
    "mustBe",
    "mustBeBetween",
    "mustBeGreaterOrEqualTo",
    "mustBeGreaterThan",
    "mustBeLessOrEqualTo",
    "mustBeLessThan",
    "mustNotBe",
    "mustNotBeBetween",
    "name",
    "query",
    "rule",
    "schedule",
    "scheduler",
    "severity",
    "tags",
    "type",
    "unit",
};

inline constexpr std::string_view kOptionsStringKeys[] = {
    "format",
    "maxLength",
    "minLength",
    "pattern",
};

inline constexpr std::string_view kOptionsDateKeys[] = {
    "exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum",
};

inline constexpr std::string_view kOptionsTimestampKeys[] = {
    "defaultTimezone", "exclusiveMaximum", "exclusiveMinimum", "format",
    "maximum",         "minimum",          "timezone",
};

inline constexpr std::string_view kOptionsTimeKeys[] = {
    "defaultTimezone", "exclusiveMaximum", "exclusiveMinimum", "format",
    "maximum",         "minimum",          "timezone",
};

inline constexpr std::string_view kOptionsIntegerKeys[] = {
    "exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum", "multipleOf",
};

inline constexpr std::string_view kOptionsNumberKeys[] = {
    "exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum", "multipleOf",
};

}  // namespace sluice::contract::internal
