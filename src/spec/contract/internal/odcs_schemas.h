#pragma once

/// The JSON Schemas (draft 2019-09) of the Open Data Contract Standard, less their prose.
namespace sluice::contract::internal {

extern const char* const kOdcs302;
extern const char* const kOdcs310;
extern const char* const kOdcs320;

}  // namespace sluice::contract::internal
