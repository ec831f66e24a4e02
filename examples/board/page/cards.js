// SPDX-License-Identifier: BSL-1.0
// Columns, and the cards of the notes in them.
"use strict";

/** An element with attributes and children. Text goes in as text, never as HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Sets a text, if it is another one. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function ago(at) {
  const seconds = Math.max(0, (Date.now() - at) / 1000);
  if (seconds < 10) return "just now";
  if (seconds < 60) return Math.floor(seconds / 10) * 10 + " s ago";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min ago";
  if (seconds < 86400) return Math.floor(seconds / 3600) + " h ago";
  return new Date(at).toLocaleDateString();
}

export const name_of = (note) => note.title || "(no title)";

const nowhere = "nowhere";  // the column of notes whose column is not there

export class Cards {
  notes = new Map();    // by id, as the node tells them
  columns = [];
  #cards = new Map();   // by id, the parts of a card
  #columns = new Map();
  #visitors = new Map();

  /** act: what the buttons do. */
  constructor(root, act) {
    this.root = root;
    this.act = act;
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("focusin", (event) => this.#focused(event.target));
    setInterval(() => this.#cards.forEach((card, id) => this.#time(card, this.notes.get(id))), 10_000);
  }

  list(column) { return this.#columns.get(column)?.list; }
  card(id) { return this.#cards.get(id)?.card; }
  column_of(id) { return this.#cards.get(id)?.card.closest(".column")?.dataset.id; }
  focus(id) { this.#cards.get(id)?.open.focus(); }

  set_columns(columns) {
    this.columns = columns;
    const lost = { id: nowhere, title: "No column" };
    const keep = new Set(columns.map((each) => each.id)).add(nowhere);
    for (const [id, { section }] of this.#columns) {
      if (keep.has(id)) continue;
      section.remove();
      this.#columns.delete(id);
    }
    [...columns, lost].forEach((each, i) => {
      const column = this.#columns.get(each.id) ?? this.#new_column(each.id);
      say(column.title, each.title);
      say(column.summary, "⋯");
      column.summary.setAttribute("aria-label", "Column " + each.title);
      if (document.activeElement !== column.name) column.name.value = each.title;
      if (this.root.children[i] !== column.section) this.root.insertBefore(column.section, this.root.children[i] ?? null);
    });
    for (const [id, note] of this.notes) this.#place(id, note);
    this.counts();
  }

  set(note) {
    this.notes.set(note.id, note);
    const card = this.#cards.get(note.id) ?? this.#new_card(note.id);
    card.card.dataset.colour = note.colour || "yellow";
    say(card.open, name_of(note));
    say(card.text, note.text);
    card.text.hidden = !note.text;
    card.tags.replaceChildren(...note.tags.map((tag) => make("li", {}, tag)));
    say(card.vote, "▲ " + note.votes);
    card.vote.setAttribute("aria-label", `Vote for ${name_of(note)}: ${note.votes} votes`);
    card.kept.hidden = !note.kept;
    say(card.why, note.kept ? `${note.kept} deleted this note while it was edited; the edit keeps it. ` : "");
    card.also.hidden = !note.also;
    this.#time(card, note);
    this.#place(note.id, note);
  }

  drop(id) {
    this.notes.delete(id);
    this.#cards.get(id)?.card.remove();
    this.#cards.delete(id);
  }

  flash(id) {
    const card = this.#cards.get(id)?.card;
    if (!card) return;
    card.classList.remove("news");
    void card.offsetWidth;  // so that a highlight under way begins anew
    card.classList.add("news");
    clearTimeout(card.timer);
    card.timer = setTimeout(() => card.classList.remove("news"), 3000);
  }

  counts() {
    for (const [id, column] of this.#columns) {
      const count = column.list.childElementCount;
      say(column.count, String(count));
      column.remove.disabled = count !== 0;
      if (id === nowhere) column.section.hidden = count === 0;
      const tabbable = column.list.querySelector('.open[tabindex="0"]') ?? column.list.querySelector(".open");
      if (tabbable) tabbable.tabIndex = 0;
    }
  }

  /** visitors: by note, the names of those who are on it. */
  set_visitors(visitors) {
    for (const id of new Set([...this.#visitors.keys(), ...visitors.keys()])) {
      const card = this.#cards.get(id);
      if (card) say(card.on, visitors.has(id) ? "✎ " + visitors.get(id).join(", ") : "");
    }
    this.#visitors = visitors;
  }

  /** Where a step leads: the column, and the note to put it behind; undefined if nowhere. */
  step(id, key) {
    const from = this.column_of(id);
    if (from === undefined) return undefined;
    const mine = this.#cards.get(id).card;
    if (key === "ArrowUp") {
      const before = mine.previousElementSibling;
      return before && { column: from, after: before.previousElementSibling?.dataset.id ?? null };
    }
    if (key === "ArrowDown") {
      const next = mine.nextElementSibling;
      return next && { column: from, after: next.dataset.id };
    }
    const at = this.columns.findIndex((each) => each.id === from) + (key === "ArrowLeft" ? -1 : 1);
    const to = this.columns[at];
    return to && { column: to.id };
  }

  #new_column(id) {
    const act = this.act;
    const title = make("h2", { id: "column-" + id });
    const count = make("span", { class: "count", "aria-label": "Notes" });
    const list = make("ul", { class: "notes", "aria-labelledby": "column-" + id });
    const name = make("input", { maxlength: 200, required: "", "aria-label": "Name of the column" });
    const summary = make("summary");
    const remove = make("button", { type: "button", class: "danger", onclick: () => act.remove_column(id) }, "Delete");
    const menu = make("details", { class: "menu" }, summary, make("div", {},
      make("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        menu.open = false;
        act.rename_column(id, name.value);
      } }, name, make("button", {}, "Rename")),
      make("div", { class: "row" },
        make("button", { type: "button", onclick: () => act.move_column(id, -1) }, "To the left"),
        make("button", { type: "button", onclick: () => act.move_column(id, 1) }, "To the right"), remove)));
    const add = make("button", { type: "button", class: "add", onclick: () => act.create(id) }, "+ Add a note");
    const section = make("section", { class: "column", "data-id": id, "aria-labelledby": "column-" + id },
      make("div", { class: "head" }, title, count, menu), add, list);
    if (id === nowhere) {
      menu.hidden = true;
      add.hidden = true;
    }
    const column = { section, title, count, list, name, summary, remove };
    this.#columns.set(id, column);
    return column;
  }

  #new_card(id) {
    const act = this.act;
    const parts = {
      open: make("button", { type: "button", class: "open", tabindex: -1, onclick: () => act.open(id) }),
      text: make("p", { class: "text" }),
      tags: make("ul", { class: "tags", "aria-label": "Tags" }),
      vote: make("button", { type: "button", class: "vote", tabindex: -1, onclick: () => act.vote(id) }),
      time: make("span", { class: "time" }),
      on: make("span", { class: "on" }),
      why: make("span"),
      also: make("p", { class: "kept" }, "Two people wrote this at once: open it to see both."),
    };
    parts.kept = make("p", { class: "kept" }, parts.why,
      make("button", { type: "button", onclick: () => act.keep(id) }, "Keep it"));
    parts.card = make("li", { class: "note", "data-id": id },
      make("div", { class: "head" }, make("span", { class: "grip", "aria-hidden": "true", title: "Drag" }, "⠿"), parts.open),
      parts.text, parts.tags, parts.kept, parts.also,
      make("div", { class: "foot" }, parts.vote, parts.on, parts.time));
    this.#cards.set(id, parts);
    const on = this.#visitors.get(id);
    if (on) say(parts.on, "✎ " + on.join(", "));
    return parts;
  }

  #time(card, note) {
    say(card.time, `${note.by}, ${ago(note.at)}`);
  }

  // Puts a card where its note belongs, unless it is there.
  #place(id, note) {
    const card = this.#cards.get(id)?.card;
    const list = (this.#columns.get(note.column) ?? this.#columns.get(nowhere))?.list;
    if (!card || !list) return;
    const before = (element) => {
      const other = this.notes.get(element.dataset.id);
      return other.place < note.place || (other.place === note.place && other.id < id);
    };
    const left = card.previousElementSibling;
    const right = card.nextElementSibling;
    if (card.parentElement === list && (!left || before(left)) && (!right || !before(right))) return;
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    card.remove();
    let low = 0;
    let high = list.childElementCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(list.children[middle])) low = middle + 1;
      else high = middle;
    }
    list.insertBefore(card, list.children[low] ?? null);
    focused?.focus();
  }

  // One note of a column is reached with Tab, the others with the arrow keys.
  #focused(element) {
    if (!element.classList.contains("open")) return;
    element.closest(".notes")?.querySelectorAll('.open[tabindex="0"]').forEach((each) => each.tabIndex = -1);
    element.tabIndex = 0;
  }

  #key(event) {
    if (!event.target.classList.contains("open") || event.ctrlKey || event.metaKey) return;
    const card = event.target.closest(".note");
    const id = card.dataset.id;
    const arrow = event.key.startsWith("Arrow");
    if (arrow && event.altKey) {
      const to = this.step(id, event.key);
      if (to) this.act.move(id, to);
    } else if (arrow) {
      this.#neighbour(card, event.key)?.querySelector(".open").focus();
    } else if (event.key === "v") {
      this.act.vote(id);
    } else if (event.key === "n") {
      this.act.create(this.column_of(id));
    } else if (event.key === "Delete") {
      this.act.remove(id);
    } else {
      return;
    }
    event.preventDefault();
  }

  #neighbour(card, key) {
    if (key === "ArrowUp") return card.previousElementSibling;
    if (key === "ArrowDown") return card.nextElementSibling;
    const lists = [...this.root.querySelectorAll(".notes")].filter((list) => list.childElementCount !== 0);
    const list = lists[lists.indexOf(card.parentElement) + (key === "ArrowLeft" ? -1 : 1)];
    const at = [...card.parentElement.children].indexOf(card);
    return list && list.children[Math.min(at, list.childElementCount - 1)];
  }
}
