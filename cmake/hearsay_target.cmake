# SPDX-License-Identifier: BSL-1.0

# hearsay_warnings(<target>): the warnings that hearsay's own code is free of; never passed on to those who link it.
function(hearsay_warnings target)
  if(HEARSAY_WERROR)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # g++ 12 at -O3 sees overlaps in std::string, reads of an empty std::optional (GCC bugs 105651 and 80635) and
      # copies of 2^64 - 1 bytes from a short boost::container::small_vector that are not there.
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overread)
    endif()
  endif()
endfunction()

# hearsay_library(<component> [<source>...]): target hearsay_<component>, alias and exported name hearsay::<component>;
# header-only without sources.
function(hearsay_library component)
  set(target hearsay_${component})
  if(ARGN)
    set(scope PUBLIC)
    add_library(${target} ${ARGN})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    hearsay_warnings(${target})
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(hearsay::${component} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${component} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                $<INSTALL_INTERFACE:include>)
  set_property(GLOBAL APPEND PROPERTY HEARSAY_COMPONENTS ${component})
endfunction()
