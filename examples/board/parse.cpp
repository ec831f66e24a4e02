// SPDX-License-Identifier: BSL-1.0
#include "parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace board {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> colours = {"yellow", "orange", "red", "purple",
                                                     "blue",   "green",  "grey"};

/// The members of an object of JSON, each taken with its limits.
class fields {
 public:
  fields(const json& from, const limits& most) : from_(from), most_(most) {}

  bool has(const char* key) const { return from_.contains(key); }

  /// A text without control characters; `lines` allows line breaks and tabs.
  std::string text(const char* key, std::size_t bytes, bool lines = false) const {
    const auto found = from_.find(key);
    if (found == from_.end() || !found->is_string())
      throw refused(400, fmt::format("'{}' has to be a text.", key));
    auto value = found->get<std::string>();
    if (value.size() > bytes) throw refused(413, fmt::format("'{}' is longer than {} bytes.", key, bytes));
    const bool control = std::ranges::any_of(value, [&](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7f;
    });
    if (control) throw refused(400, fmt::format("'{}' has control characters in it.", key));
    return value;
  }
  /// The same, and more than spaces.
  std::string words(const char* key, std::size_t bytes) const {
    auto value = text(key, bytes);
    if (value.find_first_not_of(' ') == value.npos) throw refused(400, fmt::format("'{}' is empty.", key));
    return value;
  }
  record_id id(const char* key) const { return id_from(text(key, 16)); }
  /// Behind which: nothing said is the end, null the beginning.
  std::optional<record_id> after() const {
    if (!has("after")) return {};
    return from_.at("after").is_null() ? 0 : id("after");
  }
  /// Those of the fields of a note or column that are there.
  std::map<std::uint8_t, std::string> written(bool is_note) const {
    std::map<std::uint8_t, std::string> all;
    if (has("title"))
      all[field::title] = is_note ? text("title", most_.title_bytes) : words("title", most_.title_bytes);
    if (is_note && has("text")) all[field::text] = text("text", most_.text_bytes, true);
    if (is_note && has("colour")) {
      all[field::colour] = text("colour", 16);
      if (std::ranges::count(colours, all[field::colour]) == 0)
        throw refused(400, "There is no such colour.");
    }
    if (all.empty()) throw refused(400, "There is nothing to write: give a title, a text or a colour.");
    return all;
  }

 private:
  const json& from_;
  const limits& most_;
};

json read_json(std::string_view text) {
  auto read = json::parse(text, nullptr, false);
  if (read.is_discarded()) throw refused(400, "This is no JSON.");
  if (!read.is_object()) throw refused(400, "This is no object of JSON.");
  return read;
}

action note_or_column(verb what, bool is_note, const fields& given) {
  action wanted{what, is_note ? &board_fields::notes : &board_fields::columns};
  if (what != verb::create) wanted.id = given.id(is_note ? "note" : "column");
  if (what == verb::create || what == verb::write) wanted.fields = given.written(is_note);
  if (what == verb::create || what == verb::move) {
    if (is_note) wanted.column = given.id("column");
    wanted.after = given.after();
  }
  return wanted;
}

}  // namespace

request read_request(std::string_view text, const limits& most) {
  const auto read = read_json(text);
  const fields given(read, most);
  request wanted;
  wanted.page = given.words("page", 32);
  const auto what = given.words("do", 32);
  if (what == "here") {
    wanted.what = request::kind::here;
    wanted.name = given.words("name", most.name_bytes);
    if (given.has("note") && !read.at("note").is_null()) wanted.note = given.id("note");
  } else if (what == "online") {
    wanted.what = request::kind::online;
    if (!given.has("on") || !read.at("on").is_boolean()) throw refused(400, "'on' has to be true or false.");
    wanted.online = read.at("on").get<bool>();
  } else if (what == "undo") {
    wanted.what = request::kind::undo;
  } else if (what == "begin") {
    wanted.what = request::kind::begin;
  } else {
    wanted.wanted = read_action(read, most);
  }
  return wanted;
}

action read_action(const json& read, const limits& most) {
  static const std::map<std::string, std::pair<verb, bool>> known = {
      {"create", {verb::create, true}},
      {"write", {verb::write, true}},
      {"move", {verb::move, true}},
      {"remove", {verb::remove, true}},
      {"keep", {verb::keep, true}},
      {"tag", {verb::tag, true}},
      {"untag", {verb::untag, true}},
      {"vote", {verb::vote, true}},
      {"create column", {verb::create, false}},
      {"write column", {verb::write, false}},
      {"move column", {verb::move, false}},
      {"remove column", {verb::remove, false}},
  };
  const fields given(read, most);
  const auto found = known.find(given.words("do", 32));
  if (found == known.end()) throw refused(400, "There is no such action.");
  const auto [what, is_note] = found->second;
  auto wanted = note_or_column(what, is_note, given);
  if (what == verb::tag || what == verb::untag) wanted.tag = given.words("tag", most.tag_bytes);
  return wanted;
}

}  // namespace board
