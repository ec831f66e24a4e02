// SPDX-License-Identifier: BSL-1.0
// The editor of one note. What is typed goes out as it is typed; what others write into the same note comes in.
"use strict";

import { make, name_of, say } from "./cards.js";

const colours = ["yellow", "orange", "red", "purple", "blue", "green", "grey"];
const pause = 30;  // ms between two writes of one field, so that a burst of keys is one

const $ = (id) => document.getElementById(id);
const draft = (id, field) => `draft ${id} ${field}`;

export class Editor {
  id = null;
  #sending = new Set();  // fields on their way, as "note field"

  /** act: what the buttons do; write(id, fields) returns a promise, rejected where the node does not answer. */
  constructor(cards, act) {
    this.cards = cards;
    this.act = act;
    this.inputs = [$("title"), $("text")];
    for (const input of this.inputs) {
      input.addEventListener("input", () => {
        sessionStorage[draft(this.id, input.dataset.field)] = input.value;
        this.#send(this.id, input.dataset.field);
      });
    }
    for (const colour of colours) {
      const radio = make("input", { type: "radio", name: "colour", value: colour, "aria-label": colour,
        onchange: () => act.write(this.id, { colour }) });
      $("colours").append(make("label", { class: "swatch", "data-colour": colour, title: colour }, radio));
    }
    $("close").onclick = () => this.close();
    $("remove").onclick = () => act.remove(this.id);
    $("vote").onclick = () => act.vote(this.id);
    $("up").onclick = () => this.#step("ArrowUp");
    $("down").onclick = () => this.#step("ArrowDown");
    $("to-column").onchange = () => act.move(this.id, { column: $("to-column").value });
    $("add-tag").onsubmit = (event) => {
      event.preventDefault();
      act.tag(this.id, $("new-tag").value.trim());
      $("new-tag").value = "";
    };
    $("editor").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  open(id) {
    this.id = id;
    this.show(true);
    $("editor").hidden = false;
    this.inputs[0].focus();
    this.act.here();
  }

  close() {
    const id = this.id;
    if (id === null) return;
    this.id = null;
    $("editor").hidden = true;
    this.cards.focus(id);
    this.act.here();
  }

  /** Shows the note as it is now. A field in which somebody types is left alone until it was sent. */
  show(anew = false, mine = false) {
    if (this.id === null) return;
    const note = this.cards.notes.get(this.id);
    $("gone").hidden = note !== undefined;
    if (!note) return;
    for (const input of this.inputs) {
      const field = input.dataset.field;
      const unsent = sessionStorage[draft(this.id, field)];
      const value = unsent ?? note[field];
      const typing = document.activeElement === input && !anew;
      if (input.value !== value && !(typing && (mine || unsent !== undefined))) this.#set(input, value);
      const also = document.querySelector(`[data-also=${field}]`);
      also.replaceChildren(...(note.also?.[field] ?? []).map((other) => make("li", {},
        make("span", {}, "Written at the same time: " + (other || "(nothing)")),
        make("button", { type: "button", onclick: () => this.act.write(this.id, { [field]: other }) }, "Take this"),
        make("button", { type: "button", onclick: () => this.act.write(this.id, { [field]: note[field] }) }, "Leave it"))));
    }
    const radio = document.querySelector(`#colours [value=${note.colour || "yellow"}]`);
    if (radio) radio.checked = true;
    const select = $("to-column");
    select.replaceChildren(...this.cards.columns.map((each) => make("option", { value: each.id }, each.title)));
    select.value = note.column;
    $("up").disabled = !this.cards.step(this.id, "ArrowUp");
    $("down").disabled = !this.cards.step(this.id, "ArrowDown");
    $("tags").replaceChildren(...note.tags.map((tag) => make("li", {}, tag,
      make("button", { type: "button", "aria-label": "Remove the tag " + tag,
        onclick: () => this.act.untag(this.id, tag) }, "×"))));
    say($("vote"), `Vote (${note.votes})`);
    say($("editor-title"), name_of(note));
  }

  /** names: who else is on this note. */
  show_others(names) {
    say($("others"), names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} here, too.`);
  }

  /** Sends what was typed while the node did not answer, also before the page was loaded anew. */
  send_drafts() {
    for (const key of Object.keys(sessionStorage)) {
      const [what, id, field] = key.split(" ");
      if (what === "draft") this.#send(id, field);
    }
  }

  #set(input, value) {
    const at = [input.selectionStart, input.selectionEnd];
    input.value = value;
    if (document.activeElement === input) input.setSelectionRange(...at);
  }

  #step(key) {
    const to = this.cards.step(this.id, key);
    if (to) this.act.move(this.id, to);
  }

  async #send(id, field) {
    const key = draft(id, field);
    if (this.#sending.has(key)) return;
    this.#sending.add(key);
    try {
      for (let value; (value = sessionStorage[key]) !== undefined;) {
        const sent = await this.act.write(id, { [field]: value });
        if (sent === null) break;  // no answer: later
        if (sessionStorage[key] === value) sessionStorage.removeItem(key);
        else await new Promise((done) => setTimeout(done, pause));
      }
    } finally {
      this.#sending.delete(key);
      this.show();
    }
  }
}
