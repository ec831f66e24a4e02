# SPDX-License-Identifier: BSL-1.0
# cmake -DPAGE=<folder> -DOUTPUT=<header> -P embed.cmake: report.html, with the files that it names as @file@ in their
# places, as a string in a header.
file(READ ${PAGE}/report.html text)
foreach(part style.css charts.js replay.js main.js)
  file(READ ${PAGE}/${part} content)
  string(FIND "${text}" "@${part}@" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${PAGE}/report.html does not name @${part}@")
  endif()
  string(REPLACE "@${part}@" "${content}" text "${text}")
endforeach()
file(WRITE ${OUTPUT} "#pragma once\n#include <string_view>\n\nnamespace simulate {\n"
  "inline constexpr std::string_view report_page = R\"page(${text})page\";\n}  // namespace simulate\n")
