// SPDX-License-Identifier: BSL-1.0
// The way to the node: what this page asks for, and the news that it gets.
"use strict";

// A page keeps its name when it is loaded anew, so it finds what it can undo.
const page = sessionStorage.page ??= Array.from(crypto.getRandomValues(new Uint8Array(8)),
  (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Refused extends Error {}

/** Asks the node to do something; its answer. Throws Refused with its reason, or TypeError if it does not answer. */
export async function ask(what) {
  const response = await fetch("/act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ page, ...what }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error);
  return answer;
}

/** Calls hello(number of this page) at each connection, news(what changed) then, and lost() when it breaks. */
export function listen({ hello, news, lost }) {
  let stream;
  let alarm;
  // The browser connects again by itself, but not after every error; and a node that is stopped says nothing.
  const open = () => {
    clearTimeout(alarm);
    stream?.close();
    stream = new EventSource("/events?page=" + page);
    stream.addEventListener("hello", (event) => hello(JSON.parse(event.data).me));
    stream.onmessage = (event) => {
      awake();
      news(JSON.parse(event.data));
    };
    stream.addEventListener("beat", awake);
    stream.onerror = () => {
      lost();
      clearTimeout(alarm);
      alarm = setTimeout(open, 1000);
    };
    awake();
  };
  const awake = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => {
      lost();
      open();
    }, 8000);
  };
  open();
}
