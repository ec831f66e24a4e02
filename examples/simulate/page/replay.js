// The picture of the cluster at any moment of the run.
//
// replay: end, framesSeen, kinds (names), positions ([x, y] of each node), links ([a, b]), updates ([writer, time]),
// cuts ({from, to, reach}; reach 0: halves), notes ([time, text]), states (of each node: [time, known], where known
// has a bit for each update, and -1 is a node that has crashed), news and others ([time, from, to, kind]: frames that
// brought something new, and some of those that did not).

const flight = 0.14;  // rounds for which a frame is drawn before it arrives
const mostLabels = 40;  // nodes that have their names beside them
const parting = 0.3;  // rounds in which halves drift apart

/** The index of the last item of `rows` whose time is not after `time`; -1 if there is none. */
function lastAt(rows, time) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] <= time) low = middle + 1; else high = middle;
  }
  return low - 1;
}

class Picture {
  constructor(canvas, replay) {
    this.canvas = canvas;
    this.replay = replay;
    this.context = canvas.getContext("2d");
    this.byAngle = replay.positions.map(([x, y]) => Math.atan2(x, -y));
  }

  /** What each node knows at that time: one number for each, as in `states`. */
  knownAt(time) {
    return this.replay.states.map((rows) => rows[Math.max(0, lastAt(rows, time))][1]);
  }

  /** Draws that moment; returns what it has drawn. */
  draw(time) {
    this.fit();
    this.colours();
    const known = this.knownAt(time);
    const cut = this.replay.cuts.find((each) => each.from <= time && time < each.to + parting);
    const apart = cut && cut.reach === 0 ? Math.max(0, Math.min(1, (time - cut.from) / parting,
      (cut.to + parting - time) / parting)) : 0;
    const holds = cut && time < cut.to ? cut : null;
    this.places = this.replay.positions.map(([x, y]) => this.place(x + (x >= 0 ? 0.09 : -0.09) * apart, y));
    const { context, size } = this;
    context.clearRect(0, 0, size, size);
    if (apart > 0) this.drawHalves(apart);
    this.drawLinks(holds);
    if (holds && holds.reach > 0) this.drawReach(holds.reach);
    const drawn = this.drawFrames(this.replay.others, time, false) + this.drawFrames(this.replay.news, time, true);
    const learned = this.drawNodes(known, time);
    if (known.length <= mostLabels) this.drawNames();
    return { nodes: known.length, frames: drawn, learned, known, cut: holds };
  }

  fit() {
    const box = this.canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    const size = Math.max(200, Math.min(box.width, box.height || box.width));
    this.size = size;
    this.wide = box.width;
    this.canvas.width = Math.round(box.width * scale);
    this.canvas.height = Math.round(size * scale);
    this.context.setTransform(scale, 0, 0, scale, (box.width - size) / 2 * scale, 0);
    const nodes = this.replay.positions.length;
    this.radius = Math.max(1.6, Math.min(13, size * 0.026, size * 0.95 / Math.max(10, Math.min(nodes, 120) + nodes / 40)));
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    this.colour = (name) => style.getPropertyValue(`--${name}`).trim();
  }

  place(x, y) {
    const reach = this.size * 0.41;
    return [this.size / 2 + x * reach, this.size / 2 + y * reach];
  }

  drawHalves(apart) {
    const { context, size } = this;
    const edge = (this.wide - size) / 2;
    context.globalAlpha = apart;
    context.fillStyle = this.colour("side-a");
    context.fillRect(-edge, 0, this.wide / 2, size);
    context.fillStyle = this.colour("side-b");
    context.fillRect(size / 2, 0, this.wide / 2, size);
    context.strokeStyle = this.colour("cut");
    context.lineWidth = 2.5;
    context.setLineDash([9, 6]);
    this.line([size / 2, 0], [size / 2, size]);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** Whether the partition lets anything through between two nodes. */
  passes(cut, a, b) {
    const nodes = this.replay.positions;
    if (!cut) return true;
    if (cut.reach === 0) return (nodes[a][0] >= 0) === (nodes[b][0] >= 0);
    const around = Math.abs(a - b);
    return Math.min(around, nodes.length - around) <= cut.reach;
  }

  drawLinks(cut) {
    this.context.strokeStyle = this.colour("line");
    this.context.lineWidth = 0.7;
    for (const [a, b] of this.replay.links) {
      if (this.passes(cut, a, b)) this.line(this.places[a], this.places[b]);
    }
  }

  /** For three of the nodes, an arc over those that they reach. */
  drawReach(reach) {
    const { context, size } = this;
    const nodes = this.replay.positions.length;
    const turn = 2 * Math.PI / nodes;
    [0, 1, 2].forEach((third) => {
      const node = Math.floor(nodes * third / 3);
      const middle = this.byAngle[node] - Math.PI / 2;
      const radius = size * (0.445 + 0.02 * third);
      context.strokeStyle = context.fillStyle = this.colour(`c${third}`);
      context.lineWidth = 3;
      context.beginPath();
      context.arc(size / 2, size / 2, radius, middle - (reach + 0.4) * turn, middle + (reach + 0.4) * turn);
      context.stroke();
      context.beginPath();
      context.arc(size / 2 + radius * Math.cos(middle), size / 2 + radius * Math.sin(middle), 5, 0, 2 * Math.PI);
      context.fill();
    });
  }

  drawFrames(frames, time, news) {
    const { context } = this;
    const first = lastAt(frames, time - 0.02) + 1;
    const colour = this.colour(news ? "ink" : "soft");
    let drawn = 0;
    for (let i = first; i < frames.length && frames[i][0] < time + flight; ++i, ++drawn) {
      const [at, from, to] = frames[i];
      const way = Math.max(0, Math.min(1, 1 - (at - time) / flight));
      const [a, b] = [this.places[from], this.places[to]];
      const here = [a[0] + (b[0] - a[0]) * way, a[1] + (b[1] - a[1]) * way];
      context.globalAlpha = news ? 0.55 : 0.25;
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = news ? 1.8 : 1;
      this.line(a, here);
      context.globalAlpha = news ? 1 : 0.6;
      this.disc(here, news ? 3.6 : 2.2);
    }
    context.globalAlpha = 1;
    return drawn;
  }

  drawNodes(known, time) {
    const { context, radius } = this;
    const updates = this.replay.updates.filter((update) => update[1] <= time).length;
    const crossed = this.colour("cut");
    const ground = this.colour("panel");
    const idle = this.colour("idle");
    const colours = this.replay.updates.map((_, u) => this.colour(`c${u % palette}`));
    let learned = 0;
    known.forEach((bits, node) => {
      const [x, y] = this.places[node];
      if (bits < 0) {
        context.strokeStyle = crossed;
        context.lineWidth = Math.max(1, radius / 4);
        this.line([x - radius * 0.7, y - radius * 0.7], [x + radius * 0.7, y + radius * 0.7]);
        this.line([x - radius * 0.7, y + radius * 0.7], [x + radius * 0.7, y - radius * 0.7]);
        return;
      }
      if (bits > 0) ++learned;
      context.fillStyle = bits === 0 ? idle : ground;
      this.disc([x, y], radius);
      const slice = 2 * Math.PI / Math.max(1, updates);
      for (let u = 0; u < updates; ++u) {
        if (!(bits >> u & 1)) continue;
        context.fillStyle = colours[u];
        if (updates === 1) {
          this.disc([x, y], radius);
          continue;
        }
        context.beginPath();
        context.moveTo(x, y);
        context.arc(x, y, radius, u * slice - Math.PI / 2, (u + 1) * slice - Math.PI / 2);
        context.fill();
      }
      if (radius > 4) {
        context.strokeStyle = bits === 0 ? idle : this.colour("ink");
        context.lineWidth = 1;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
      }
    });
    return learned;
  }

  /** Names, on the side of the middle. */
  drawNames() {
    const { context, size, radius } = this;
    context.fillStyle = this.colour("soft");
    context.font = `${Math.max(9, Math.min(13, radius))}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.places.forEach(([x, y], node) => {
      const [dx, dy] = [size / 2 - x, size / 2 - y];
      const away = Math.hypot(dx, dy) || 1;
      const gap = (radius + 15) / away;
      context.fillText(`n${node}`, away > 1 ? x + dx * gap : x, away > 1 ? y + dy * gap : y + radius + 10);
    });
  }

  line(from, to) {
    this.context.beginPath();
    this.context.moveTo(...from);
    this.context.lineTo(...to);
    this.context.stroke();
  }

  disc([x, y], radius) {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fill();
  }
}
