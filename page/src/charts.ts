// Plots: uPlot where time runs along, SVG where one quantity runs over another.

import uPlot from "uplot";
import type { Diagram, MarchEvent } from "./document";
import { Track } from "./document";
import { el, svg } from "./dom";
import { nice } from "./shapes";
import { capital, number, round, told, words } from "./words";

export interface Series {
  name: string;
  unit: string;
  values: ArrayLike<number>;
  colour: string;
}

const made: { plot: uPlot; box: HTMLElement }[] = [];
let count = 0;

export const drawn = (): number => count;

function style(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
}

/** A quantity over time, cursor shared with the other plots of its phase. */
export function overTime(key: string, x: Float64Array, unitOfTime: string, series: Series, marks: { at: number; name: string }[] = []): HTMLElement {
  const box = el("figure", { class: "plot" }, el("figcaption", {}, `${series.name}${series.unit ? ` [${series.unit}]` : ""}`));
  const host = el("div", { class: "plot-host", role: "img", "aria-label": describe(series, x, unitOfTime) });
  box.appendChild(host);
  const build = (): void => {
    const width = Math.max(220, host.clientWidth || 320);
    const axis = { stroke: () => style("--quiet"), grid: { stroke: () => style("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const plot = new uPlot(
      {
        width,
        height: 168,
        cursor: { sync: { key }, points: { size: 7 }, y: false },
        legend: { show: true, live: true },
        scales: { x: { time: false } },
        axes: [
          { ...axis, size: 28, values: (_u, splits) => splits.map((v) => round(v)) },
          { ...axis, size: 52, values: (_u, splits) => splits.map((v) => round(v)) },
        ],
        series: [
          { label: unitOfTime, value: (_u, v) => (v === null ? "–" : number(v, 6)) },
          { label: series.name, stroke: series.colour, width: 2, value: (_u, v) => (v === null ? "–" : `${number(v, 4)} ${series.unit}`), points: { show: false } },
        ],
        hooks: {
          draw: [
            (u) => {
              const pen = u.ctx;
              pen.save();
              pen.strokeStyle = style("--quiet");
              pen.globalAlpha = 0.45;
              pen.setLineDash([3, 4]);
              for (const m of marks) {
                const at = u.valToPos(m.at, "x", true);
                if (at < u.bbox.left || at > u.bbox.left + u.bbox.width) continue;
                pen.beginPath();
                pen.moveTo(at, u.bbox.top);
                pen.lineTo(at, u.bbox.top + u.bbox.height);
                pen.stroke();
              }
              pen.restore();
            },
          ],
        },
      },
      [x as unknown as number[], Array.from(series.values)],
      host,
    );
    made.push({ plot, box: host });
    count += 1;
  };
  queueMicrotask(() => requestAnimationFrame(build));
  return box;
}

function describe(series: Series, x: Float64Array, unitOfTime: string): string {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < series.values.length; i++) {
    const v = series.values[i]!;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return `${series.name} over time, ${number(x[0]!, 4)} to ${number(x[x.length - 1]!, 4)} ${unitOfTime}: from ${number(low, 4)} to ${number(high, 4)} ${series.unit}`;
}

addEventListener("resize", () => {
  for (const { plot, box } of made) if (box.clientWidth > 0 && Math.abs(box.clientWidth - plot.width) > 4) plot.setSize({ width: box.clientWidth, height: 168 });
});

export function repaint(): void {
  for (const { plot } of made) plot.redraw(false, true);
}

/** One quantity over another, as a path of SVG; `fill` shades an allowed band of y. */
export function across(title: string, x: Series, y: Series, marks: { at: number; name: string }[], step = 1, equal = false, extra: { points?: [number, number][]; ellipse?: [number, number][]; ring?: { x: number; y: number; r: number; name: string } } = {}): HTMLElement {
  const [W, H, L, B, T, R] = [420, 300, 54, 40, 12, 12];
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < x.values.length; i += step)
    if (Number.isFinite(x.values[i]!) && Number.isFinite(y.values[i]!)) {
      xs.push(x.values[i]!);
      ys.push(y.values[i]!);
    }
  const all = (own: number[], index: 0 | 1): number[] => [...own, ...(extra.ellipse ?? []).map((p) => p[index]!), ...(extra.points ?? []).map((p) => p[index]!), ...(extra.ring ? [index ? extra.ring.y - extra.ring.r : extra.ring.x - extra.ring.r, index ? extra.ring.y + extra.ring.r : extra.ring.x + extra.ring.r] : [])];
  let [x0, x1] = bounds(all(xs, 0));
  let [y0, y1] = bounds(all(ys, 1));
  if (equal) {
    const each = Math.max((x1 - x0) / (W - L - R), (y1 - y0) / (H - B - T));
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
    [x0, x1] = [mx - (each * (W - L - R)) / 2, mx + (each * (W - L - R)) / 2];
    [y0, y1] = [my - (each * (H - B - T)) / 2, my + (each * (H - B - T)) / 2];
  }
  const px = (v: number): number => L + ((v - x0) / (x1 - x0)) * (W - L - R);
  const py = (v: number): number => H - B - ((v - y0) / (y1 - y0)) * (H - B - T);
  const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title}: ${y.name} over ${x.name}` });
  for (const v of nice(x0, x1)) {
    picture.appendChild(svg("line", { x1: px(v), x2: px(v), y1: T, y2: H - B, class: "grid" }));
    picture.appendChild(svg("text", { x: px(v), y: H - B + 16, "text-anchor": "middle" }, round(v)));
  }
  for (const v of nice(y0, y1)) {
    picture.appendChild(svg("line", { x1: L, x2: W - R, y1: py(v), y2: py(v), class: "grid" }));
    picture.appendChild(svg("text", { x: L - 7, y: py(v) + 4, "text-anchor": "end" }, round(v)));
  }
  picture.appendChild(svg("text", { x: (L + W - R) / 2, y: H - 6, "text-anchor": "middle", class: "name" }, label(x)));
  picture.appendChild(svg("text", { x: 12, y: (T + H - B) / 2, "text-anchor": "middle", class: "name", transform: `rotate(-90 12 ${(T + H - B) / 2})` }, label(y)));
  for (const p of extra.points ?? []) picture.appendChild(svg("circle", { cx: px(p[0]), cy: py(p[1]), r: 2, class: "dot", style: `fill:${y.colour}` }));
  if (extra.ellipse) picture.appendChild(svg("path", { d: path(extra.ellipse.map((p) => px(p[0])), extra.ellipse.map((p) => py(p[1]))) + "Z", class: "ellipse" }));
  if (extra.ring) {
    picture.appendChild(svg("circle", { cx: px(extra.ring.x), cy: py(extra.ring.y), r: Math.abs(px(extra.ring.x + extra.ring.r) - px(extra.ring.x)), class: "ellipse" }));
    picture.appendChild(svg("text", { x: px(extra.ring.x), y: py(extra.ring.y + extra.ring.r) - 5, "text-anchor": "middle" }, extra.ring.name));
  }
  if (xs.length) picture.appendChild(svg("path", { d: path(xs.map(px), ys.map(py)), class: "curve", style: `stroke:${y.colour}` }));
  for (const m of marks) {
    const i = m.at;
    const [mx, my] = [px(x.values[i]!), py(y.values[i]!)];
    const right = mx < W * 0.62;
    picture.appendChild(svg("circle", { cx: mx, cy: my, r: 3.6, class: "event", style: `stroke:${y.colour}` }));
    picture.appendChild(svg("text", { x: mx + (right ? 8 : -8), y: my - 6, "text-anchor": right ? "start" : "end", class: "note" }, m.name));
  }
  count += 1;
  return el("figure", { class: "plot wide" }, el("figcaption", {}, title), picture);
}

const FAMILIES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07d00", "#56b4e9"];

/** A diagram as Python made it: curves, their names where they run or in a legend, points. */
export function diagram(d: Diagram): HTMLElement {
  const [W, H, L, B, T, R] = [460, 330, 58, 40, 12, 12];
  const finite = (index: "x" | "y"): number[] => d.curves.flatMap((c) => c[index].filter((v): v is number => v !== null));
  let [x0, x1] = bounds([...finite("x"), ...d.points.map((p) => p[0])]);
  let [y0, y1] = bounds([...finite("y"), ...d.points.map((p) => p[1])]);
  if (d.equal) {
    const each = Math.max((x1 - x0) / (W - L - R), (y1 - y0) / (H - B - T));
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
    [x0, x1] = [mx - (each * (W - L - R)) / 2, mx + (each * (W - L - R)) / 2];
    [y0, y1] = [my - (each * (H - B - T)) / 2, my + (each * (H - B - T)) / 2];
  }
  const px = (v: number): number => L + ((v - x0) / (x1 - x0)) * (W - L - R);
  const py = (v: number): number => H - B - ((v - y0) / (y1 - y0)) * (H - B - T);
  const [xn, xu] = told(d.x);
  const [yn, yu] = told(d.y);
  const title = capital(words(d.title));
  const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title}: ${yn} over ${xn}` });
  for (const v of nice(x0, x1)) {
    picture.appendChild(svg("line", { x1: px(v), x2: px(v), y1: T, y2: H - B, class: "grid" }));
    picture.appendChild(svg("text", { x: px(v), y: H - B + 16, "text-anchor": "middle" }, round(v)));
  }
  for (const v of nice(y0, y1)) {
    picture.appendChild(svg("line", { x1: L, x2: W - R, y1: py(v), y2: py(v), class: "grid" }));
    picture.appendChild(svg("text", { x: L - 7, y: py(v) + 4, "text-anchor": "end" }, round(v)));
  }
  picture.appendChild(svg("text", { x: (L + W - R) / 2, y: H - 6, "text-anchor": "middle", class: "name" }, xu ? `${xn} [${xu}]` : xn));
  picture.appendChild(svg("text", { x: 12, y: (T + H - B) / 2, "text-anchor": "middle", class: "name", transform: `rotate(-90 12 ${(T + H - B) / 2})` }, yu ? `${yn} [${yu}]` : yn));
  const families = [...new Set(d.curves.map((c) => c.family || c.label))];
  const written: [number, number][] = [];
  for (const c of d.curves) {
    const hue = FAMILIES[families.indexOf(c.family || c.label) % FAMILIES.length]!;
    if (c.kind === "dots") {
      c.x.forEach((x, i) => x !== null && c.y[i] !== null && picture.appendChild(svg("circle", { cx: px(x), cy: py(c.y[i]!), r: 2, class: "dot", style: `fill:${hue}` })));
      continue;
    }
    let text = "";
    let pen = false;
    c.x.forEach((x, i) => {
      const y = c.y[i];
      if (x === null || y === null || y === undefined) pen = false;
      else {
        text += `${pen ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`;
        pen = true;
      }
    });
    picture.appendChild(svg("path", { d: text, class: `curve${c.kind === "dashed" ? " dashed" : ""}${c.family ? " thin" : ""}`, style: `stroke:${hue}` }));
    if (!d.named || !c.family) continue;
    const middle = Math.floor(c.x.length / 2);
    if (c.x[middle] === null || c.y[middle] === null) continue;
    const at: [number, number] = [px(c.x[middle]!), py(c.y[middle]!)];
    if (written.some(([a, b]) => Math.abs(a - at[0]) < 46 && Math.abs(b - at[1]) < 12)) continue;
    written.push(at);
    picture.appendChild(svg("text", { x: at[0], y: at[1] + 3, "text-anchor": "middle", class: "note", style: `fill:${hue}` }, c.label.replace(`${c.family} `, "")));
  }
  for (const [x, y, what] of d.points) {
    const right = px(x) < W * 0.62;
    picture.appendChild(svg("circle", { cx: px(x), cy: py(y), r: 3.6, class: "event", style: `stroke:${FAMILIES[0]}` }));
    picture.appendChild(svg("text", { x: px(x) + (right ? 8 : -8), y: py(y) - 6, "text-anchor": right ? "start" : "end", class: "note" }, what));
  }
  count += 1;
  const legend = families.length > 1 ? el("p", { class: "key" }, ...families.map((f, i) => { const k = el("span", {}, f); k.style.setProperty("--dot", FAMILIES[i % FAMILIES.length]!); return k; })) : null;
  return el("figure", { class: "plot wide", "data-diagram": d.name }, el("figcaption", {}, title), picture, legend);
}

/** A tornado: what one sigma of each drawn number does to a figure, largest first. */
export function tornado(title: string, unit: string, bars: { path: string; effect: number; share: number }[]): HTMLElement {
  const [W, row, L, T] = [460, 21, 200, 8];
  const H = T + row * bars.length + 36;
  const most = Math.max(...bars.map((b) => Math.abs(b.effect)), 1e-300);
  const middle = L + (W - L - 14) / 2;
  const px = (v: number): number => middle + (v / most) * ((W - L - 34) / 2);
  const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title}: ${bars.map((b) => `${b.path} ${number(b.effect, 3)} ${unit}`).join(", ")}` });
  picture.appendChild(svg("line", { x1: middle, x2: middle, y1: T, y2: H - 34, class: "grid" }));
  bars.forEach((b, i) => {
    const y = T + i * row;
    const half = Math.abs(px(b.effect) - middle);
    // solid towards where one sigma up leads, hollow for one sigma down
    picture.appendChild(svg("rect", { x: b.effect < 0 ? middle - half : middle, y: y + 3, width: half, height: row - 7, style: `fill:${FAMILIES[0]}` }));
    picture.appendChild(svg("rect", { x: b.effect < 0 ? middle : middle - half, y: y + 3, width: half, height: row - 7, style: `fill:${FAMILIES[0]};opacity:.28` }));
    const name = b.path.length > 33 ? `…${b.path.slice(-32)}` : b.path;
    const text = svg("text", { x: L - 8, y: y + 14, "text-anchor": "end" }, name);
    text.appendChild(svg("title", {}, `${b.path}: ${number(b.effect, 4)} ${unit} for one sigma, ${number(100 * b.share, 3)} % of the variance`));
    picture.appendChild(text);
  });
  for (const v of [-most, 0, most]) picture.appendChild(svg("text", { x: px(v), y: H - 20, "text-anchor": "middle" }, number(v, 3)));
  picture.appendChild(svg("text", { x: middle, y: H - 4, "text-anchor": "middle", class: "name" }, `${unit ? `${unit}, ` : ""}one sigma up (full) and down (pale)`));
  count += 1;
  return el("figure", { class: "plot wide" }, el("figcaption", {}, title), picture);
}

function label(s: Series): string {
  return s.unit ? `${s.name} [${s.unit}]` : s.name;
}

function bounds(values: number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!(high > low)) return [low - 1, low + 1];
  const room = 0.05 * (high - low);
  return [low - room, high + room];
}

function path(xs: number[], ys: number[]): string {
  return xs.map((x, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${ys[i]!.toFixed(1)}`).join("");
}

/** Bars of a histogram, with the 5, 50 and 95 % points. */
export function histogram(title: string, unit: string, counts: number[], edges: [number, number], points: number[], colour: string): HTMLElement {
  const [W, H, L, B] = [420, 190, 12, 36];
  const most = Math.max(...counts, 1);
  const wide = (W - 2 * L) / counts.length;
  const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title}: distribution from ${number(edges[0])} to ${number(edges[1])} ${unit}` });
  counts.forEach((c, i) => picture.appendChild(svg("rect", { x: L + i * wide + 0.5, width: Math.max(0.5, wide - 1), y: H - B - (c / most) * (H - B - 14), height: (c / most) * (H - B - 14), style: `fill:${colour}` })));
  const at = (v: number): number => L + ((v - edges[0]) / (edges[1] - edges[0] || 1)) * (W - 2 * L);
  for (const v of points) picture.appendChild(svg("line", { x1: at(v), x2: at(v), y1: 6, y2: H - B, class: "quantile" }));
  for (const v of nice(edges[0], edges[1])) picture.appendChild(svg("text", { x: at(v), y: H - B + 15, "text-anchor": "middle" }, round(v)));
  picture.appendChild(svg("text", { x: W / 2, y: H - 4, "text-anchor": "middle", class: "name" }, unit));
  count += 1;
  return el("figure", { class: "plot" }, el("figcaption", {}, title), picture);
}

/** Epochs of events inside a track, as indices of its nearest points. */
export function eventsIn(track: Track, events: MarchEvent[], phase: string): { index: number; et: number; name: string }[] {
  return events
    .filter((e) => e.phase === phase && e.et_s >= track.start - 1 && e.et_s <= track.end + 1)
    .map((e) => ({ index: track.before(e.et_s), et: e.et_s, name: e.name.replaceAll("_", " ") }));
}
