# Every third-party target that a module may name in LIBS or PUBLIC_LIBS:
#   fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json yaml-cpp CLI11::CLI11 SQLite::SQLite3
#   OpenSSL::Crypto CURL::libcurl xxhash::xxhash duckdb::duckdb simdjson::simdjson ZLIB::ZLIB
#   zstd::zstd Threads::Threads Boost::headers
# and in tests: GTest::gtest GTest::gmock rapidcheck benchmark::benchmark
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CURL REQUIRED)
find_package(Boost 1.81 REQUIRED)  # headers only: Asio and Beast
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(rapidcheck REQUIRED)
include(GoogleTest)

find_path(SLUICE_XXHASH_INCLUDE xxhash.h REQUIRED)
find_library(SLUICE_XXHASH_LIBRARY xxhash REQUIRED)
add_library(xxhash::xxhash UNKNOWN IMPORTED)
set_target_properties(xxhash::xxhash PROPERTIES
  IMPORTED_LOCATION ${SLUICE_XXHASH_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${SLUICE_XXHASH_INCLUDE})

find_path(SLUICE_ZSTD_INCLUDE zstd.h REQUIRED)
find_library(SLUICE_ZSTD_LIBRARY zstd REQUIRED)
add_library(zstd::zstd UNKNOWN IMPORTED)
set_target_properties(zstd::zstd PROPERTIES
  IMPORTED_LOCATION ${SLUICE_ZSTD_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${SLUICE_ZSTD_INCLUDE})

if(NOT SLUICE_THIRD_PARTY)
  if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(sluice_cache $ENV{XDG_CACHE_HOME})
  else()
    set(sluice_cache $ENV{HOME}/.cache)
  endif()
  set(SLUICE_THIRD_PARTY ${sluice_cache}/sluice/third_party CACHE PATH
    "Folder that tools/third_party.py fills")
endif()

# Sets `out` to the folder that one artifact of tools/third_party.lock.toml has or would have.
function(sluice_third_party_path name out)
  set(lock ${CMAKE_SOURCE_DIR}/tools/third_party.lock.toml)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lock})
  file(READ ${lock} text)
  if(NOT text MATCHES "name = \"${name}\"\nversion = \"([^\"]+)\"")
    message(FATAL_ERROR "${lock}: no artifact '${name}'")
  endif()
  set(${out} ${SLUICE_THIRD_PARTY}/${name}-${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

# The same for an artifact without which nothing can be built.
function(sluice_third_party_folder name out)
  sluice_third_party_path(${name} folder)
  if(NOT EXISTS ${folder})
    message(FATAL_ERROR "${folder} is missing: run './x setup'")
  endif()
  set(${out} ${folder} PARENT_SCOPE)
endfunction()

# The library is found at run time through the rpath into the cache folder.
sluice_third_party_folder(duckdb-library duckdb_library)
sluice_third_party_folder(duckdb-headers duckdb_headers)
add_library(duckdb::duckdb SHARED IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES
  IMPORTED_LOCATION ${duckdb_library}/lib/libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${duckdb_headers}/include)

# One source file, compiled once. Hidden, so that no other library's copy takes its place. Its readers
# are inlined into the file that includes it, which therefore gets the same options.
sluice_third_party_folder(simdjson simdjson_folder)
set(SLUICE_SIMDJSON_OPTIONS -O3 -march=x86-64-v2 -w)
add_library(simdjson STATIC ${simdjson_folder}/simdjson.cpp)
target_include_directories(simdjson SYSTEM PUBLIC ${simdjson_folder})
target_compile_definitions(simdjson PUBLIC SIMDJSON_EXCEPTIONS=0)
target_compile_options(simdjson PRIVATE ${SLUICE_SIMDJSON_OPTIONS})
set_target_properties(simdjson PROPERTIES CXX_VISIBILITY_PRESET hidden)
add_library(simdjson::simdjson ALIAS simdjson)
