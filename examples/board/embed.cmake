# SPDX-License-Identifier: BSL-1.0
# cmake -DPAGE=<folder> -DOUTPUT=<header> -P embed.cmake: the files of the page, as strings in a header.
set(files "")
foreach(file index.html:text/html style.css:text/css icon.svg:image/svg+xml board.js:text/javascript
    cards.js:text/javascript drag.js:text/javascript editor.js:text/javascript node.js:text/javascript)
  string(REPLACE ":" ";" parts ${file})
  list(GET parts 0 name)
  list(GET parts 1 type)
  file(READ ${PAGE}/${name} text)
  set(path /${name})
  if(name STREQUAL index.html)
    set(path /)
  endif()
  string(APPEND files "    {\"${path}\", \"${type}; charset=utf-8\", R\"page(${text})page\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#pragma once\n#include <array>\n#include <string_view>\n\nnamespace board {\n"
  "struct page_file {\n  std::string_view path, type, text;\n};\n"
  "inline constexpr page_file page_files[] = {\n${files}};\n}  // namespace board\n")
