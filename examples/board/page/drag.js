// SPDX-License-Identifier: BSL-1.0
// Moving notes with a finger, a pen or a mouse, by their handles.
"use strict";

import { make } from "./cards.js";

const edge = 48;  // px from the side of the columns where they begin to scroll

/** Calls move(id, {column, after}) when a note was dropped. */
export function draggable(root, move) {
  let drag = null;
  const gap = make("li", { class: "gap", "aria-hidden": "true" });

  root.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip || event.button !== 0) return;
    event.preventDefault();
    const card = grip.closest(".note");
    drag = { card, grip, x: event.clientX, y: event.clientY };
    grip.setPointerCapture(event.pointerId);
    card.classList.add("dragged");
  });

  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.card.style.transform = `translate(${event.clientX - drag.x}px, ${event.clientY - drag.y}px)`;
    const sides = root.getBoundingClientRect();
    if (event.clientX < sides.left + edge) root.scrollLeft -= 12;
    if (event.clientX > sides.right - edge) root.scrollLeft += 12;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const list = under?.closest(".column")?.querySelector(".notes");
    if (!list) return;
    const note = under.closest(".note");
    if (!note) {
      if (!under.closest(".gap")) list.append(gap);
      return;
    }
    const box = note.getBoundingClientRect();
    list.insertBefore(gap, event.clientY < box.top + box.height / 2 ? note : note.nextSibling);
  });

  const end = (drop) => {
    if (!drag) return;
    const { card } = drag;
    drag = null;
    card.classList.remove("dragged");
    card.style.transform = "";
    let before = gap.previousElementSibling;
    if (before === card) before = card.previousElementSibling;
    const column = gap.closest(".column")?.dataset.id;
    gap.remove();
    if (drop && column) move(card.dataset.id, { column, after: before?.dataset.id ?? null });
  };
  root.addEventListener("pointerup", () => end(true));
  root.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end(false);
  });
}
