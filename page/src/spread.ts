// What an ensemble says: outcomes, requirements, spreads, ellipses, worst cases.

import type { EnsembleDocument } from "./document";
import { across, histogram } from "./charts";
import { add, el, table } from "./dom";
import { ellipse99 } from "./shapes";
import { capital, number, told, words } from "./words";

export function spread(doc: EnsembleDocument): HTMLElement {
  const s = doc.spread;
  const root = el("div", { class: "read" });
  const cards: [string, string][] = [["cases", `${s.cases} of ${s.cases_wanted}`], ["nominal", String(s.nominal)], ["lost", String(s.lost)], ["sampler", s.sampler], ["seed", String(s.seed)], ["phase", words(s.only ?? "the whole march")]];
  add(root, part("verdict", "Verdict", el("div", { class: "cards" }, ...cards.map(([k, v]) => el("div", { class: `card${k === "lost" && s.lost ? " bad" : ""}` }, el("span", { class: "card-name" }, k), el("b", {}, v)))), s.complete ? null : el("p", { class: "warn" }, "This ensemble is not complete: anabasis resume flies the rest.")));
  if (s.requirements.length) {
    const keys = [...new Set(s.requirements.flatMap((r) => Object.keys(r)))];
    root.appendChild(part("requirements", "Requirements", table(keys.map((k) => told(k)[0]), s.requirements.map((r) => keys.map((k) => show(r[k]))), "Requirements")));
  }
  root.appendChild(part("outcomes", "Outcomes", table(["outcome", "phase", "cases"], [["nominal", "", s.nominal], ...s.outcomes.map((o) => [o.outcome, words(o.phase ?? ""), o.cases])], "Outcomes", [2]),
    doc.lost.length ? el("details", {}, el("summary", {}, `Lost cases (${doc.lost.length} shown)`), table(["case", "outcome", "fly it again"], doc.lost.map((l) => [l.case, l.outcome, replay(doc, l.case)]), "Lost cases", [0])) : null));
  if (doc.scatters.length)
    root.appendChild(part("ellipses", "Scatter and ellipses", el("div", { class: "plots" }, ...doc.scatters.map((c) => {
      const [xn, xu] = told(c.names[0].split(".")[1]!);
      const [yn, yu] = told(c.names[1].split(".")[1]!);
      const geo = xn.includes("latitude");
      const flip = (p: [number, number]): [number, number] => (geo ? [p[1], p[0]] : p);
      const ellipse = ellipse99(c.mean, c.covariance).map(flip);
      return across(`${capital(words(c.phase))}: ${c.points.length} cases, ellipse of 99 % for a normal spread`, { name: geo ? yn : xn, unit: geo ? yu : xu, values: [], colour: "" }, { name: geo ? xn : yn, unit: geo ? xu : yu, values: [], colour: "#0072b2" }, [], 1, false, { points: c.points.map(flip), ellipse });
    }))));
  const figures = Object.entries(doc.figures).filter(([, f]) => f.counts.length > 1);
  const same = Object.entries(doc.figures).filter(([, f]) => f.counts.length <= 1);
  root.appendChild(part("spreads", "Spread of the figures", el("div", { class: "plots" }, ...figures.map(([name, f]) => {
    const [text, u] = told(name.split(".").pop()!);
    const box = histogram(`${capital(words(name.split(".")[0]!))}: ${text}`, u, f.counts, f.edges, [f.p5, f.p50, f.p95], "var(--accent-2)");
    add(box, el("p", { class: "quiet" }, `mean ${number(f.mean)}, sigma ${number(f.standard_deviation)}, 5 to 95 %: ${number(f.p5)} to ${number(f.p95)} ${u}`),
      el("details", {}, el("summary", {}, "Worst cases"), table(["", "case", "value", "fly it again"], [...f.lowest.map((c) => ["lowest", c.case, number(c.value), replay(doc, c.case)]), ...f.highest.map((c) => ["highest", c.case, number(c.value), replay(doc, c.case)])], "Worst cases", [1, 2])));
    return box;
  }))));
  if (same.length) root.appendChild(el("details", {}, el("summary", {}, `${same.length} figures that do not spread`), table(["figure", "value", "unit"], same.map(([name, f]) => [words(name.replace(".", ": ")), number(f.mean), f.unit]), "Figures that do not spread", [1])));
  root.appendChild(part("draws", "What was drawn", table(["path", "mean", "sigma", "unit"], Object.entries(doc.draws).map(([k, d]) => [el("code", {}, k.replace("draw.", "")), number(d.mean), number(d.standard_deviation), d.unit]), "Draws", [1, 2])));
  root.appendChild(part("provenance", "How to get this again", el("dl", { class: "pairs" }, ...([["scenario", s.scenario], ["hash", s.scenario_hash], ["seed", String(s.seed)], ["digest", s.digest ?? "–"]] as [string, string][]).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, el("code", {}, v))]))));
  return root;
}

function replay(doc: EnsembleDocument, index: number): HTMLElement {
  return el("code", {}, `anabasis replay ${doc.folder} --case ${index}`);
}

function show(value: unknown): string {
  if (typeof value === "number") return number(value);
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function part(id: string, title: string, ...content: (Node | null)[]): HTMLElement {
  return el("section", { id, class: "part" }, el("h2", {}, title), ...content);
}
