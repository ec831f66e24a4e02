# SPDX-License-Identifier: BSL-1.0
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hearsay)

# One export file a component, so that asking for one never needs the dependencies of another.
get_property(components GLOBAL PROPERTY HEARSAY_COMPONENTS)
foreach(component IN LISTS components)
  install(TARGETS hearsay_${component} EXPORT hearsay-${component})
  install(EXPORT hearsay-${component} FILE hearsay-${component}-targets.cmake NAMESPACE hearsay:: DESTINATION ${config_dir})
endforeach()

set(without_node REGEX "/hearsay/node(\\.hpp)?$" EXCLUDE)
if(HEARSAY_WITH_NODE)
  set(without_node "")
endif()
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${without_node})

write_basic_package_version_file(${PROJECT_BINARY_DIR}/hearsay-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/hearsay-config.cmake ${PROJECT_BINARY_DIR}/hearsay-config-version.cmake DESTINATION ${config_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
