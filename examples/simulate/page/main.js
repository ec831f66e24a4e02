// Puts the page together, and plays.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function showText() {
  document.title = `${data.title} - hearsay-sim`;
  byId("title").textContent = data.title;
  byId("about").textContent = data.about;
  for (const [name, value] of data.facts) {
    byId("facts").append(element("dt", {}, name), element("dd", {}, value));
  }
  const [head, ...rows] = data.table;
  if (!head) return;
  byId("measured").hidden = false;
  byId("table").append(
    element("thead", {}, element("tr", {}, ...head.map((cell) => element("th", { scope: "col" }, cell)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))))));
}

/** Shows the replay, and lets it be played; `moved(time)` is called whenever the present moves. */
function showReplay(replay, moved) {
  byId("replay").hidden = false;
  const picture = new Picture(byId("picture"), replay);
  const slider = byId("time");
  slider.max = replay.end;
  // Steps: when a node learns something, and when something happens.
  const steps = [...new Set([0, replay.end, ...replay.notes.map((note) => note[0]),
    ...replay.news.map((frame) => frame[0])])].sort((a, b) => a - b);
  let now = 0;
  let playing = false;
  let last = 0;

  const legend = replay.updates.map(([writer], u) => [`var(--c${u % palette})`, `knows update ${u + 1}, by n${writer}`]);
  legend.push(["var(--idle)", "knows nothing yet"]);
  if (replay.states.some((rows) => rows.some((row) => row[1] < 0))) legend.push(["var(--cut)", "\u2715 crashed"]);
  byId("legend").append(...legend.map(([colour, text]) => element("li", {},
    element("span", { class: "dot", style: `background:${colour}` }), text)));
  const notes = replay.notes.map(([at, text]) => {
    const button = element("button", { type: "button" }, `${at.toFixed(1)}  ${text}`);
    button.addEventListener("click", () => go(at));
    return button;
  });
  byId("notes").append(...notes.map((button) => element("li", {}, button)));
  byId("drawn").textContent = `Drawn are ${replay.news.length + replay.others.length} of ` +
    `${replay.framesSeen} frames, each for a moment before it arrives: large and dark those that bring ` +
    "something new, small and grey the others.";

  function tell(shown) {
    const alive = shown.known.filter((bits) => bits >= 0).length;
    const all = replay.updates.filter((update) => update[1] <= now).length;
    const full = shown.known.filter((bits) => bits === (1 << all) - 1 && bits > 0).length;
    const parts = [`round ${now.toFixed(2)}: ${full} of ${alive} nodes know all`];
    if (shown.learned > full) parts.push(`${shown.learned - full} know some`);
    if (alive < shown.nodes) parts.push(`${shown.nodes - alive} crashed`);
    if (shown.cut) parts.push(shown.cut.reach ? "each reaches a majority only" : "cut in two");
    byId("status").textContent = parts.join("; ") + ".";
    byId("picture").setAttribute("aria-label", "The cluster, " + byId("status").textContent);
    slider.setAttribute("aria-valuetext", byId("status").textContent);
    notes.forEach((button, i) => button.classList.toggle("past", replay.notes[i][0] <= now));
    document.documentElement.dataset.nodesDrawn = shown.nodes;
    document.documentElement.dataset.nodesKnowing = shown.learned;
    document.documentElement.dataset.nodesCrashed = shown.nodes - alive;
    document.documentElement.dataset.cut = shown.cut ? (shown.cut.reach ? "majorities" : "halves") : "";
  }

  function show() {
    slider.value = now;
    tell(picture.draw(now));
    moved(now);
  }
  function go(time) {
    now = Math.max(0, Math.min(replay.end, time));
    show();
  }
  function play(on) {
    playing = on;
    if (on && now >= replay.end) now = 0;
    byId("play").textContent = on ? "Pause" : "Play";
    document.documentElement.dataset.playing = on;
    if (!on) return;
    last = performance.now();
    requestAnimationFrame(beat);
  }
  function beat(time) {
    if (!playing) return;
    go(now + Math.max(0, time - last) / 1000 * Number(byId("speed").value));
    last = time;
    if (now >= replay.end) play(false);
    else requestAnimationFrame(beat);
  }
  function step(forward) {
    play(false);
    const next = forward ? steps.find((at) => at > now + 1e-6) : steps.findLast((at) => at < now - 1e-6);
    if (next !== undefined) go(next);
  }

  byId("play").addEventListener("click", () => play(!playing));
  byId("back").addEventListener("click", () => step(false));
  byId("next").addEventListener("click", () => step(true));
  slider.addEventListener("input", () => {
    play(false);
    go(Number(slider.value));
  });
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.tagName === "SELECT") return;
    if (event.key === " " && event.target.tagName !== "BUTTON") play(!playing);
    else if (event.key === "ArrowRight") step(true);
    else if (event.key === "ArrowLeft") step(false);
    else return;
    event.preventDefault();
  });
  window.addEventListener("resize", show);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);

  // The address may say where to begin: #12.5 is that round, #end the end.
  const start = location.hash.slice(1);
  go(start === "end" ? replay.end : Number(start) || 0);
  if (!start && !window.matchMedia("(prefers-reduced-motion: reduce)").matches) play(true);
}

showText();
const charts = data.charts.map((chart) => drawChart(chart, data.replay?.end ?? 0));
byId("charts").append(...charts.map((chart) => chart.figure));
if (data.replay) showReplay(data.replay, (time) => charts.forEach((chart) => chart.moveTo(time)));
document.documentElement.dataset.curves = document.querySelectorAll(".chart path").length;
document.documentElement.dataset.curvePoints =
  data.charts.reduce((sum, chart) => sum + chart.curves.reduce((all, curve) => all + curve.points.length, 0), 0);
document.documentElement.dataset.ready = "true";
