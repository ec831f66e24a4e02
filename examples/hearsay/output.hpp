// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol.hpp"

namespace program {

/// Text that any terminal shows as it is: what would steer it (control characters, marks of the direction of
/// writing, bytes that are no UTF-8) becomes \n, \t, \xNN or \u{N}, and a backslash becomes two.
std::string visible(std::string_view text);
/// Columns of a terminal that `visible` text takes, if each character takes one.
std::size_t columns(std::string_view text);
/// Lines of columns, each as wide as its widest cell; the first row is the heading.
std::string table(std::vector<std::vector<std::string>> rows);

/// @name What a command prints, for people or, with `json`, as one line of JSON.
/// Bytes that are no UTF-8 are U+FFFD in JSON. An incarnation is a string there: it has more digits than a
/// double.
/// @{
void print_started(const member_row& self, const std::string& ipc, bool json);
void print_members(const std::vector<member_row>& members, bool json);
void print_tags(const std::map<std::string, std::string>& tags, bool json);
void print_objects(const request& wanted, const objects& found, bool json);
/// What a writing command did.
void print_written(const request& wanted, const reply& answer, bool json);
/// What changed between two looks.
void print_changes(const std::string& name, const objects& before, const objects& now, bool json);
void print_left(bool json);
/// To standard error.
void print_error(const std::string& what, int code, bool json);
/// @}

}  // namespace program
