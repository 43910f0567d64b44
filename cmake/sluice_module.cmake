# sluice_module(<floor>/<module>
#   SOURCES a.cc ...        paths inside the module's folder
#   PUBLIC base ...         modules that its headers include
#   PRIVATE storage ...     modules that only its .cc files include
#   PUBLIC_LIBS, LIBS ...   third-party targets, in headers or only in .cc files)
# Each module has an include root of its own that holds one link, so that an include of a module which
# is not linked does not compile.
function(sluice_module path)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE;PUBLIC_LIBS;LIBS" ${ARGN})
  sluice_refuse_unknown(${path} "${ARG_UNPARSED_ARGUMENTS}")
  get_filename_component(name ${path} NAME)
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root}/sluice)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${path} ${root}/sluice/${name} SYMBOLIC)
  if(ARG_SOURCES)
    list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/${path}/)
    sluice_report_missing_at_build(${ARG_SOURCES})
    add_library(sluice_${name} STATIC ${ARG_SOURCES})
    set(public PUBLIC)
  else()
    add_library(sluice_${name} INTERFACE)
    set(public INTERFACE)
  endif()
  target_include_directories(sluice_${name} ${public} ${root})
  list(TRANSFORM ARG_PUBLIC PREPEND sluice_)
  target_link_libraries(sluice_${name} ${public} ${ARG_PUBLIC} ${ARG_PUBLIC_LIBS})
  if(ARG_PRIVATE OR ARG_LIBS)
    list(TRANSFORM ARG_PRIVATE PREPEND sluice_)
    target_link_libraries(sluice_${name} PRIVATE ${ARG_PRIVATE} ${ARG_LIBS})
  endif()
endfunction()

# sluice_module_tests(<floor>/<module> SOURCES tests/a_test.cc ... [DEPS other modules] [LIBS targets])
# One program `sluice_<module>_tests`; CTest lists each of its tests as `<module>.<Suite>.<Name>`.
# DEPS may name `crash_points_on`; without it the program gets the empty crash points.
function(sluice_module_tests path)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  sluice_refuse_unknown(${path} "${ARG_UNPARSED_ARGUMENTS}")
  if(SLUICE_FUZZ)
    return()
  endif()
  get_filename_component(name ${path} NAME)
  set(program sluice_${name}_tests)
  list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/${path}/)
  sluice_report_missing_at_build(${ARG_SOURCES})
  add_executable(${program} ${ARG_SOURCES})
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  sluice_link_program(${program} ${name} ${ARG_DEPS})
  target_link_libraries(${program} PRIVATE
    ${ARG_LIBS} GTest::gmock GTest::gtest GTest::gtest_main Threads::Threads)
  set_property(GLOBAL APPEND PROPERTY SLUICE_TEST_PROGRAMS ${program})
  gtest_discover_tests(${program} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# sluice_fuzz_target(<name> SOURCES fuzz/a_fuzz.cc [DEPS modules] [CORPUS folder])
# Exists only in a SLUICE_FUZZ build; sources and corpus are relative to the calling folder.
function(sluice_fuzz_target name)
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;DEPS;LIBS" ${ARGN})
  sluice_refuse_unknown(${name} "${ARG_UNPARSED_ARGUMENTS}")
  if(NOT SLUICE_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  sluice_link_program(${name} ${ARG_DEPS})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_property(GLOBAL APPEND PROPERTY SLUICE_FUZZ_PROGRAMS ${name})
  if(ARG_CORPUS)
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_CORPUS}
      ${CMAKE_BINARY_DIR}/fuzz/${name}.seeds SYMBOLIC)
  endif()
endfunction()

# Links a program with modules and with one body of crash_point().
function(sluice_link_program program)
  set(modules ${ARGN})
  if(NOT "crash_points_on" IN_LIST modules AND NOT "crash_points_off" IN_LIST modules)
    list(APPEND modules crash_points_off)
  endif()
  list(TRANSFORM modules PREPEND sluice_)
  target_link_libraries(${program} PRIVATE ${modules})
endfunction()

# A listed source that does not exist fails the build of its own target, not everyone's configuration.
function(sluice_report_missing_at_build)
  foreach(source IN LISTS ARGN)
    if(NOT EXISTS ${source})
      set_source_files_properties(${source} PROPERTIES GENERATED TRUE)
    endif()
  endforeach()
endfunction()

function(sluice_refuse_unknown where arguments)
  if(arguments)
    message(FATAL_ERROR "${where}: unknown arguments: ${arguments}")
  endif()
endfunction()
