// Curves, as SVG.

const palette = 8;
const colourOf = (number) => `var(--c${number % palette})`;

/** An element of the page: attributes, then its text or its children. */
function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

function svg(name, attributes = {}, ...content) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** A few round numbers from 0 to `most` or just above. */
function ticksTo(most) {
  const rough = most / 6 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10);
  const ticks = [];
  for (let i = 0; (i - 1) * step < most * 0.999; ++i) ticks.push(i * step);
  return ticks;
}

/** The powers of ten around [least, most]. */
function powersOf(least, most) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most) - 1e-9); ++power) {
    ticks.push(10 ** power);
  }
  return ticks;
}

function number(value) {
  if (value >= 1e6) return `${+(value / 1e6).toFixed(1)} M`;
  if (value >= 1e4) return `${+(value / 1e3).toFixed(1)} k`;
  return `${+value.toFixed(value < 1 ? 2 : 1)}`;
}

const frame = { width: 460, height: 270, left: 52, right: 14, top: 12, bottom: 40 };

function legendOf(curves) {
  return element("ul", { class: "legend" }, ...curves.map((curve) => element("li", {},
    element("span", { class: curve.theory ? "stroke theory" : "stroke",
                      style: `border-color:${colourOf(curve.colour)}` }),
    curve.name)));
}

/** Draws one chart; returns its figure, and how to move its line for the present. */
function drawChart(chart, end) {
  const { width, height, left, right, top, bottom } = frame;
  const points = chart.curves.flatMap((curve) => curve.points);
  const ranges = chart.curves.flatMap((curve) => curve.ranges);
  const xs = points.map((point) => point[0]);
  const maxOf = (values, least) => values.reduce((most, value) => Math.max(most, value), least);
  const xTicks = chart.logX ? powersOf(Math.min(...xs), maxOf(xs, 1)) : ticksTo(chart.clock ? end : maxOf(xs, 0));
  const xMost = chart.clock ? end : xTicks.at(-1);
  const ys = [...points, ...ranges].map((point) => point[1]);
  const yTicks = chart.percent ? [0, 0.25, 0.5, 0.75, 1] : ticksTo(maxOf(ys, 1));
  const yTop = yTicks.at(-1);
  const share = (value) => chart.logX
    ? Math.log(value / xTicks[0]) / Math.log(xMost / xTicks[0]) : value / xMost;
  const x = (value) => left + share(value) * (width - left - right);
  const y = (value) => height - bottom - value / yTop * (height - top - bottom);

  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${chart.title}: ${chart.y} against ${chart.x}` });
  for (const tick of yTicks) {
    drawing.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" },
          chart.percent ? `${tick * 100} %` : number(tick)));
  }
  for (const tick of xTicks.filter((each) => each <= xMost)) {
    drawing.append(svg("line", { class: "axis", x1: x(tick), x2: x(tick), y1: y(0), y2: y(0) + 4 }),
      svg("text", { x: x(tick), y: y(0) + 17, "text-anchor": "middle" }, number(tick)));
  }
  drawing.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: y(0), y2: y(0) }),
    svg("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, chart.x));
  for (const curve of chart.curves) {
    const shown = curve.points.filter((point) => point[0] <= xMost);
    drawing.append(svg("path", { class: curve.theory ? "theory" : "seen", stroke: colourOf(curve.colour),
      d: shown.map((point, i) => `${i ? "L" : "M"}${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).join("") }));
    curve.ranges.forEach(([low, high], i) => {
      const at = x(curve.points[i][0]);
      drawing.append(
        svg("line", { stroke: colourOf(curve.colour), x1: at, x2: at, y1: y(low), y2: y(high) }),
        svg("circle", { fill: colourOf(curve.colour), cx: at, cy: y(curve.points[i][1]), r: 3.5 }));
    });
  }
  const now = svg("line", { class: "now", y1: top, y2: y(0), visibility: "hidden" });
  drawing.append(now);
  const figure = element("figure", { class: "chart" },
    element("figcaption", {}, `${chart.title} (${chart.y})`), drawing, legendOf(chart.curves));
  const moveTo = (time) => {
    if (!chart.clock) return;
    now.setAttribute("visibility", "visible");
    now.setAttribute("x1", x(time));
    now.setAttribute("x2", x(time));
  };
  return { figure, moveTo };
}
