// What an ensemble says: outcomes, requirements, spreads, ellipses, worst cases.

import type { EnsembleDocument } from "./document";
import { diagram, histogram, tornado } from "./charts";
import { add, el, table } from "./dom";
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
    doc.lost.length ? el("details", { open: true }, el("summary", {}, `Lost cases (${doc.lost.length} shown)`), table(["case", "outcome", "fly it again"], doc.lost.map((l) => [l.case, l.outcome, replay(doc, l.case)]), "Lost cases", [0])) : null));
  if (doc.diagrams.length)
    root.appendChild(part("ellipses", "Where they came down, which orbits they reached", el("div", { class: "plots" }, ...doc.diagrams.map(diagram)), el("p", { class: "quiet" }, "Ellipses hold 50 and 99 % of a normal spread with the same mean and covariance; full axes in the key.")));
  if (doc.tornadoes.length) root.appendChild(tornadoes(doc));
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

/** Chosen by name; first the figures that a requirement judges. */
function tornadoes(doc: EnsembleDocument): HTMLElement {
  const sorted = [...doc.tornadoes].sort((a, b) => Number(Boolean(b.limit)) - Number(Boolean(a.limit)));
  const host = el("div", { class: "plots" });
  const show = (from: typeof sorted): void =>
    host.replaceChildren(...from.map((t) => {
      const [phase, name] = t.figure.split(".") as [string, string];
      const [text, unit] = told(name);
      const box = tornado(`${capital(words(phase))}: ${text}`, unit, t.bars);
      add(box, el("p", { class: "quiet" }, `sigma ${number(t.sigma, 4)} ${unit}; a straight line explains ${number(100 * t.explained, 3)} % of the variance`, t.limit ? `; asked: ${t.limit}` : ""));
      return box;
    }));
  const choose = el("select", { "aria-label": "Figure of the tornado" }, el("option", { value: "" }, "the first six"), ...sorted.map((t, i) => el("option", { value: String(i) }, words(t.figure.replace(".", ": ")))));
  choose.addEventListener("change", () => show(choose.value === "" ? sorted.slice(0, 6) : [sorted[Number(choose.value)]!]));
  show(sorted.slice(0, 6));
  return part("tornado", "What moves a figure", el("div", { class: "filters" }, choose), host);
}

/** One click takes the command that flies a case again along; where it was flown, its folder is a link. */
function replay(doc: EnsembleDocument, index: number): HTMLElement {
  const command = `anabasis replay ${doc.folder} --case ${index}`;
  const b = el("button", { type: "button", class: "replay", title: command }, "Replay");
  b.addEventListener("click", () => {
    document.querySelector(".replaying")?.remove();
    const row = b.closest("table")!.parentElement!;
    const box = el("div", { class: "command replaying", role: "status" }, el("code", {}, command), el("span", { class: "quiet" }, `run it beside the ensemble's folder; its tracks go to ${doc.folder}/replays/${String(index).padStart(9, "0")}`));
    row.insertAdjacentElement("afterend", box);
    void navigator.clipboard?.writeText(command).then(() => add(box, el("b", {}, "copied")), () => undefined);
  });
  return el("span", {}, b, doc.replayed.includes(index) ? el("a", { href: `replays/${String(index).padStart(9, "0")}/` }, " flown") : null);
}

function show(value: unknown): string {
  if (typeof value === "number") return number(value);
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function part(id: string, title: string, ...content: (Node | null)[]): HTMLElement {
  return el("section", { id, class: "part" }, el("h2", {}, title), ...content);
}
