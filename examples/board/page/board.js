// SPDX-License-Identifier: BSL-1.0
// The page: its header, and what its parts ask of the node.
"use strict";

import { Cards, make, name_of, say } from "./cards.js";
import { draggable } from "./drag.js";
import { Editor } from "./editor.js";
import { ask, listen, Refused } from "./node.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
let me = 0;  // the number of this page at its node

// A page that is broken says so, to readers and to tests.
window.addEventListener("error", (event) => {
  root.dataset.error = event.message;
  tell("This page is broken: " + event.message);
});
window.addEventListener("unhandledrejection", (event) => root.dataset.error = String(event.reason));

function tell(text) {
  const toast = $("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => toast.hidden = true, 6000);
}

/** Asks the node. Its answer; undefined if it refused, null if there was none, and the reader knows. */
async function act(what) {
  try {
    const answer = await ask(what);
    $("undo").disabled = answer.undo === 0;
    return answer;
  } catch (error) {
    tell(error instanceof Refused ? error.message : "Your node does not answer.");
    return error instanceof Refused ? undefined : null;
  }
}

const acts = {
  open: (id) => editor.open(id),
  here: () => act({ do: "here", name: $("name").value.trim() || "somebody", note: editor.id }),
  async create(column) {
    const made = await act({ do: "create", column, title: "", after: null });
    if (!made) return;
    awaited = made.id;
    open_awaited();
  },
  write: (note, fields) => act({ do: "write", note, ...fields }),
  move: (note, to) => act({ do: "move", note, ...to }),
  vote: (note) => act({ do: "vote", note }),
  keep: (note) => act({ do: "keep", note }),
  tag: (note, tag) => act({ do: "tag", note, tag }),
  untag: (note, tag) => act({ do: "untag", note, tag }),
  async remove(note) {
    const name = name_of(cards.notes.get(note) ?? {});
    const on = (visitors.get(note) ?? []).join(", ");
    const next = cards.card(note)?.nextElementSibling ?? cards.card(note)?.previousElementSibling;
    if (!await act({ do: "remove", note })) return;
    if (editor.id === note) editor.close();
    if (next) cards.focus(next.dataset.id);
    tell(`${name} was deleted; Undo brings it back.` + (on ? ` ${on} is on it: what is written there now keeps it.` : ""));
  },
  rename_column: (column, title) => act({ do: "write column", column, title }),
  remove_column: (column) => act({ do: "remove column", column }),
  move_column(id, by) {
    const ids = cards.columns.map((each) => each.id);
    const at = ids.indexOf(id) + by;
    if (at < 0 || at >= ids.length) return;
    ids.splice(at - by, 1);
    act({ do: "move column", column: id, after: ids[at - 1] ?? null });
  },
};

const cards = new Cards($("columns"), acts);
const editor = new Editor(cards, acts);
draggable($("columns"), acts.move);

let awaited = null;  // a note that this page has made, and of which no news has come yet
function open_awaited() {
  if (awaited === null || !cards.notes.has(awaited)) return;
  editor.open(awaited);
  awaited = null;
}

// What changed elsewhere is told to screen readers, a little later and at once for all of it.
const heard = new Map();
function announce(note) {
  if (heard.size === 0) {
    setTimeout(() => {
      const all = [...heard.values()];
      heard.clear();
      const first = all.slice(0, 3).map((each) => `${name_of(each)}, by ${each.by}`).join("; ");
      say($("live"), `${all.length === 1 ? "A note" : all.length + " notes"} changed: ${first}`);
    }, 1500);
  }
  heard.set(note.id, note);
}

let visitors = new Map();
function show_members(members) {
  visitors = new Map();
  $("members").replaceChildren(...members.map((member) => {
    for (const { name, note } of member.people) {
      if (note) visitors.set(note, [...visitors.get(note) ?? [], name]);
    }
    const people = member.people.map((each) => each.name).join(", ");
    const state = member.self ? "this node" : member.state === "alive" ? "here" : "does not answer";
    const behind = member.self ? "" : member.behind === 0 ? ", has all" : `, ${member.behind} behind`;
    return make("li", { class: "member", "data-state": member.state, "data-id": member.id, "data-behind": member.behind },
      make("span", { class: "lamp", "aria-hidden": "true" }),
      make("strong", {}, member.name), " ",
      make("span", { class: "soft" }, state + behind + (people ? ": " : "")),
      make("span", { class: "people" }, people));
  }));
  // Oneself is not somebody else, though oneself at another page is.
  const mine = visitors.get(editor.id);
  const at = mine?.indexOf($("name").value.trim()) ?? -1;
  const others = new Map(visitors);
  if (at >= 0) others.set(editor.id, mine.toSpliced(at, 1));
  for (const [id, names] of others) if (names.length === 0) others.delete(id);
  cards.set_visitors(others);
  editor.show_others(others.get(editor.id) ?? []);
  visitors = others;
}

let known = false;  // all that the node has is shown
function news(message) {
  $("lost").hidden = true;
  root.dataset.connected = "true";
  if (message.columns) {
    cards.set_columns(message.columns);
    $("empty").hidden = message.columns.length !== 0;
  }
  const changed = message.notes.map(({ from, note }) => {
    const before = cards.notes.get(note.id);
    const other = message.first ? JSON.stringify(before) !== JSON.stringify(note) : from !== me;
    return { note, own: from === me, other: known && other };
  });
  changed.sort((a, b) => a.note.place < b.note.place ? -1 : 1);
  const gone = message.gone.map((each) => each.id);
  if (message.first) {
    const all = new Set(message.notes.map(({ note }) => note.id));
    gone.push(...[...cards.notes.keys()].filter((id) => !all.has(id)));
  }
  for (const id of gone) cards.drop(id);
  for (const { note, other } of changed) {
    cards.set(note);
    if (!other) continue;
    cards.flash(note.id);
    announce(note);
  }
  if (changed.length !== 0 || gone.length !== 0) cards.counts();
  const edited = changed.find(({ note }) => note.id === editor.id);
  if (edited || gone.includes(editor.id) || message.columns) editor.show(false, edited?.own);
  if (message.members) show_members(message.members);
  if (message.online !== undefined) {
    $("online").setAttribute("aria-checked", message.online);
    say($("online"), message.online ? "Online" : "Offline");
    $("offline").hidden = message.online;
    root.dataset.online = message.online;
  }
  open_awaited();
  if (message.first) {
    known = true;
    root.dataset.ready = Math.round(performance.now());
  }
}

$("name").value = localStorage.name ?? "";
$("name").addEventListener("change", () => {
  localStorage.name = $("name").value.trim();
  acts.here();
});
$("undo").onclick = () => act({ do: "undo" });
$("online").onclick = () => act({ do: "online", on: $("online").getAttribute("aria-checked") !== "true" });
$("begin").onclick = () => act({ do: "begin" });
$("add-column").onsubmit = async (event) => {
  event.preventDefault();
  if (await act({ do: "create column", title: $("new-column").value })) $("new-column").value = "";
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=radio]), textarea");
  if (typing || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey) || event.key !== "z") return;
  event.preventDefault();
  if (!$("undo").disabled) act({ do: "undo" });
});

listen({
  hello(number) {
    me = number;
    acts.here();
    editor.send_drafts();
  },
  news,
  lost() {
    $("lost").hidden = false;
    root.dataset.connected = "false";
  },
});
