// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

/// The JSON and the parameters of Consul's API, checked.
namespace api {

using nlohmann::json, std::string;

template <class Error = std::invalid_argument>
void require(bool good, const string& why) {
  if (!good) throw Error(why);
}

/// By the word in the path.
inline const std::map<string, string> statuses{
    {"pass", "passing"}, {"warn", "warning"}, {"fail", "critical"}};

/// An instance as it is answered, but for its node, from a registration. Throws what `http_server` answers.
inline json service(const json& given) {
  const string name = given.at("Name"), id = given.value("ID", name);
  const string status = given.value(json::json_pointer("/Check/Status"), "passing");
  const auto port = given.value("Port", json(0U));
  const auto is_it = [&](const auto& each) { return each.second == status; };
  require(!name.empty() && !id.empty(), "Name and ID must not be empty");
  require(port.is_number_unsigned() && port <= 65535, "Port has to be a number up to 65535");
  require(std::ranges::any_of(statuses, is_it), "Status has to be passing, warning or critical");
  json one{{"ID", id}, {"Service", name}, {"Address", given.value("Address", "")}, {"Port", port}};
  one["Tags"] = given.value("Tags", std::set<string>());
  return {{"Service", one}, {"Checks", {{{"Status", status}}}}};
}

/// A parameter that looks like `otherwise`: a number, with `s` behind it or not.
inline unsigned long number(const httplib::Request& request, const char* name, const string& otherwise) {
  const auto text = request.has_param(name) ? request.get_param_value(name) : otherwise;
  const std::regex form(otherwise.ends_with('s') ? "\\d{1,9}s" : "\\d{1,18}");
  require(std::regex_match(text, form), fmt::format("{} has to be like {}", name, otherwise));
  return std::stoul(text);
}

/// Of a list of instances, leaves those that pass, if the request says so, and that have all the tags that it
/// names.
inline void filter(json& all, const httplib::Request& request) {
  for (std::size_t i = all.is_array() ? all.size() : 0; i-- != 0;) {
    bool fits = !request.has_param("passing") || all[i]["Checks"][0]["Status"] == "passing";
    const auto& tags = all[i]["Service"]["Tags"];
    for (std::size_t tag = 0; tag < request.get_param_value_count("tag"); ++tag)
      fits &= std::count(tags.begin(), tags.end(), request.get_param_value("tag", tag)) != 0;
    if (!fits) all.erase(i);
  }
}

}  // namespace api
