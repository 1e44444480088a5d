// The engineer's half: everything the run holds, each number with where it comes from.

import type { Limit, Phase, RunDocument } from "./document";
import { across, diagram, eventsIn, overTime } from "./charts";
import { add, el, mark, table } from "./dom";
import { Track } from "./document";
import { capital, number, round, symbol, told, words } from "./words";

const SECTIONS: [string, string][] = [
  ["verdict", "Verdict"], ["timeline", "Timeline"], ["limits", "Limits"], ["phases", "Phases"],
  ["delta-v", "Delta-v"], ["masses", "Masses"], ["tubes", "Tubes"], ["inputs", "Inputs"], ["provenance", "Provenance"],
];

export function read(run: RunDocument, tracks: Record<string, Track>): HTMLElement {
  const root = el("div", { class: "read" });
  const menu = el("nav", { class: "contents", "aria-label": "Contents" }, el("ul", {}, ...SECTIONS.filter(([id]) => id !== "tubes" || run.journey.tubes.length).map(([id, title]) => el("li", {}, el("a", { href: `#${id}` }, title)))));
  add(root, menu, verdict(run), timeline(run), limits(run), phases(run, tracks), burns(run), masses(run), run.journey.tubes.length ? tubes(run) : null, inputs(run), provenance(run));
  return root;
}

function section(id: string, title: string, ...content: (Node | null)[]): HTMLElement {
  return el("section", { id, class: "part" }, el("h2", {}, title), ...content);
}

function verdict(run: RunDocument): HTMLElement {
  const j = run.journey;
  const every = Object.values(j.phases).flatMap((p) => p.limits);
  const broken = every.filter((l) => !l.met);
  const cards: [string, string, string][] = [];
  if (j.home_utc) cards.push(["home", j.home_utc.slice(0, 10), j.home_because]);
  if (j.tubes.length) cards.push(["tubes home", `${j.tubes_home_count} of ${j.tubes.length}`, ""]);
  cards.push(["limits kept", `${every.length - broken.length} of ${every.length}`, broken.map((l) => l.name || told(l.figure)[0]).join(", ")]);
  const total = (element: string): number => j.delta_v.filter((b) => b.element === element).reduce((s, b) => s + (b.delta_v_m_s ?? 0), 0);
  for (const element of [...new Set(j.delta_v.map((b) => b.element))].slice(0, 3)) cards.push([`delta-v, ${element}`, `${number(total(element), 5)} m/s`, ""]);
  const body = el("div", { class: "cards" }, ...cards.map(([k, v, note]) => el("div", { class: "card" }, el("span", { class: "card-name" }, k), el("b", {}, v), note ? el("small", {}, note) : null)));
  const lost = j.outcome ? el("p", { class: "lost", role: "alert" }, `Lost in ${words(j.outcome_phase ?? "")}: ${j.outcome}`) : null;
  const wish = run.requirements.length
    ? el("div", {}, el("h3", {}, "Requirements"), table(["name", "what must hold", "at least", "verdict"], run.requirements.map((r) => [r.name, r.probability_of, `${number(100 * r.at_least, 4)} %`, "no verdict: one march has no probability; anabasis disperse gives one"]), "Requirements"))
    : null;
  return section("verdict", "Verdict", lost, body, j.announced ? el("p", { class: "quiet" }, `Announced: ${j.announced}.`) : null, wish);
}

function timeline(run: RunDocument): HTMLElement {
  const rows = run.journey.events.map((e) => [
    el("time", { datetime: e.utc }, `${e.utc.slice(0, 10)} ${e.utc.slice(11, 19)}`), e.sol ?? "", e.ls_deg === null ? "" : e.ls_deg.toFixed(1),
    capital(words(e.phase)), el("button", { class: "jump", type: "button", "data-et": e.et_s }, capital(words(e.name))), e.note,
  ]);
  return section("timeline", "Timeline", table(["UTC", "sol", "Ls [°]", "phase", "event", "note"], rows, "Timeline", [1, 2]), el("p", { class: "quiet" }, "An event is a button: it takes the scene above to that instant."));
}

function allowed(l: Limit): string {
  const u = symbol(l.unit);
  const v = Array.isArray(l.limit) ? `${round(l.limit[0])} to ${round(l.limit[1])}` : round(l.limit);
  return `${l.sense === "at least" ? "≥ " : l.sense === "at most" ? "≤ " : ""}${v} ${u}`.trim();
}

function margin(l: Limit): number | null {
  if (l.value === null) return null;
  if (Array.isArray(l.limit)) return Math.min(l.value - l.limit[0]!, l.limit[1]! - l.value);
  return l.sense === "at least" ? l.value - l.limit : l.sense === "at most" ? l.limit - l.value : null;
}

/** How much of the allowed range is used, as a bar; past its end it is broken. */
function gauge(l: Limit): Node {
  let share = 0;
  if (l.value !== null) {
    if (Array.isArray(l.limit)) share = (l.value - l.limit[0]!) / (l.limit[1]! - l.limit[0]! || 1);
    else if (l.sense === "at most") share = l.limit ? l.value / l.limit : l.value > 0 ? 1 : 0;
    else share = l.value > 0 ? Math.min(1, Math.max(0, l.limit / l.value)) : 1;
  }
  const bar = el("span", { class: `gauge${l.met ? "" : " broken"}`, "aria-hidden": "true" }, el("i", {}));
  (bar.firstChild as HTMLElement).style.width = `${100 * Math.min(1, Math.max(0, l.met ? share : 1))}%`;
  return bar;
}

function limits(run: RunDocument): HTMLElement {
  const rows: (Node | string | number | null)[][] = [];
  for (const [phase, p] of Object.entries(run.journey.phases))
    for (const l of p.limits) {
      const m = margin(l);
      rows.push([
        capital(words(phase)), l.name || told(l.figure)[0], `${number(l.value)} ${symbol(l.unit)}`.trim(), allowed(l), gauge(l),
        m === null ? "" : `${m >= 0 ? "+" : ""}${number(m, 4)}`,
        el("span", { class: l.met ? "met" : "unmet" }, l.met ? "kept" : "BROKEN"), mark(l.confidence, l.source),
      ]);
    }
  const broken = rows.filter((r) => (r[6] as HTMLElement).className === "unmet").length;
  const kept = broken ? el("p", { class: "lost" }, `${broken} limit${broken === 1 ? " is" : "s are"} broken.`) : el("p", {}, "Every limit is kept.");
  const box = table(["phase", "limit", "value", "allowed", "used", "margin", "", "source"], rows, "Limits and margins", [2, 3, 5]);
  box.querySelectorAll("tr").forEach((row) => row.classList.toggle("broken", Boolean(row.querySelector(".unmet"))));
  return section("limits", "Limits and margins", kept, box, el("p", { class: "quiet legend" }, "Sources: ", mark("published", "somebody printed it"), " published ", mark("derived", "follows from what was printed"), " derived ", mark("assumed", "an engineering default of ours"), " assumed. Hover, or move the focus there."));
}

const HUES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07d00", "#56b4e9"];
const SKIP = new Set(["et_s", "elapsed_s", "latitude_deg", "longitude_deg"]);
const ACROSS: Record<string, [string, string, string][]> = {
  entry: [["relative_speed_m_s", "altitude_km", "Altitude over speed"], ["longitude_deg", "latitude_deg", "Ground track"]],
  landing: [["relative_speed_m_s", "clearance_km", "Clearance over speed"]],
  ascent: [["relative_speed_m_s", "altitude_km", "Altitude over speed"], ["longitude_deg", "latitude_deg", "Ground track"]],
  arrival: [["relative_speed_m_s", "altitude_km", "Altitude over speed"], ["longitude_deg", "latitude_deg", "Ground track"]],
};

function phases(run: RunDocument, tracks: Record<string, Track>): HTMLElement {
  const parts = Object.entries(run.journey.phases).map(([name, phase]) => phasePart(run, name, phase, tracks[name]));
  return section("phases", "Phases", ...parts);
}

function phasePart(run: RunDocument, name: string, phase: Phase, track?: Track): HTMLElement {
  const rows = Object.entries(phase.figures).map(([k, v]) => {
    const [text, unitText] = told(k);
    const limit = phase.limits.find((l) => l.figure === k);
    return [text, number(v), unitText, limit ? el("span", { class: limit.met ? "met" : "unmet" }, allowed(limit)) : "", ];
  });
  const extra = Object.entries(phase.extrapolations).filter(([, n]) => n > 0);
  const box = el("details", { class: "phase", open: true, id: `phase-${name}` },
    el("summary", {}, el("h3", {}, capital(words(name))), el("span", { class: "quiet" }, `${phase.start_utc?.slice(0, 10) ?? ""} to ${phase.end_utc?.slice(0, 10) ?? ""}`), phase.outcome ? el("span", { class: "unmet" }, phase.outcome) : null));
  const plots = el("div", { class: "plots" });
  for (const d of run.diagrams) if (d.phase === name) plots.appendChild(diagram(d));
  if (track) for (const p of plotsOf(run, name, track)) plots.appendChild(p);
  add(box, plots,
    el("details", { class: "figures" }, el("summary", {}, `${rows.length} figures`), table(["figure", "value", "unit", "limit"], rows, `Figures of ${words(name)}`, [1])),
    ...phase.notes.map((n) => el("p", { class: "quiet" }, n)),
    ...extra.map(([what, n]) => el("p", { class: "warn" }, `${n} step${n === 1 ? "" : "s"} read outside the table of ${words(what)}; its edge was held.`)),
    track && track.every > 1 ? el("p", { class: "quiet" }, `Plots show one in ${track.every} of ${track.points} points; the track's own file has all.`) : null);
  return box;
}

function plotsOf(run: RunDocument, name: string, track: Track): HTMLElement[] {
  const out: HTMLElement[] = [];
  const days = track.end - track.start > 3 * 86400;
  const scale = days ? 86400 : 1;
  const x = Float64Array.from(track.et, (t) => (t - track.start) / scale);
  const events = eventsIn(track, run.journey.events, name);
  for (const [a, b, title] of ACROSS[name] ?? []) {
    const [xs, ys] = [track.columns[a], track.columns[b]];
    if (!xs || !ys) continue;
    const [xn, xu] = told(a);
    const [yn, yu] = told(b);
    out.push(across(title, { name: xn, unit: xu, values: xs, colour: "" }, { name: yn, unit: yu, values: ys, colour: HUES[0]! }, events.slice(0, 5).map((e) => ({ at: e.index, name: e.name })), Math.ceil(track.count / 700)));
  }
  if (track.centre === "sun") {
    const p = track.columns;
    const au = (axis: string): Float64Array => Float64Array.from(p[`position_${axis}_km`]!, (v) => v / 149597870.7);
    out.push(across("Path about the Sun, axes of J2000", { name: "x", unit: "AU", values: au("x"), colour: "" }, { name: "y", unit: "AU", values: au("y"), colour: HUES[0]! }, [{ at: 0, name: "departure" }, { at: track.count - 1, name: "arrival" }], 1, true));
  }
  if (track.centre !== "sun" && !track.columns["altitude_km"] && track.columns["position_x_km"] && name !== "surface") {
    const r = Float64Array.from(track.et, (_t, i) => Math.hypot(track.columns["position_x_km"]![i]!, track.columns["position_y_km"]![i]!, track.columns["position_z_km"]![i]!));
    out.push(overTime(name, x, days ? "days" : "s", { name: "distance from the centre", unit: "km", values: r, colour: HUES[5]! }));
  }
  let hue = 0;
  for (const [column, values] of Object.entries(track.columns)) {
    if (SKIP.has(column) || /^(position|velocity|q_|rate)/.test(column)) continue;
    // a bank held at one angle is told as well: an engineer looks for it
    if (column !== "bank_deg" && values.every((v: number) => v === values[0])) continue;
    const [text, unitText] = told(column);
    out.push(overTime(name, x, days ? "days since the start" : "seconds since the start", { name: text, unit: unitText, values, colour: HUES[hue % HUES.length]! }, events.map((e) => ({ at: (e.et - track.start) / scale, name: e.name }))));
    hue += 1;
  }
  return out;
}

function burns(run: RunDocument): HTMLElement {
  const rows: (Node | string | null)[][] = [];
  for (const element of new Set(run.journey.delta_v.map((b) => b.element))) {
    const own = run.journey.delta_v.filter((b) => b.element === element);
    const sum = (k: "delta_v_m_s" | "propellant_kg"): number => own.reduce((s, b) => s + (b[k] ?? 0), 0);
    rows.push([el("b", {}, capital(element)), "", el("b", {}, number(sum("delta_v_m_s"), 6)), "", el("b", {}, number(sum("propellant_kg"), 5))]);
    for (const b of own) rows.push([capital(words(b.name)), b.utc?.slice(0, 10) ?? "", number(b.delta_v_m_s, 5), number(b.loss_m_s, 4), number(b.propellant_kg, 5)]);
  }
  return section("delta-v", "Delta-v", rows.length ? table(["burn", "date", "delta-v [m/s]", "loss [m/s]", "propellant [kg]"], rows, "Delta-v", [2, 3, 4]) : el("p", { class: "quiet" }, "No burns."));
}

function masses(run: RunDocument): HTMLElement {
  const rows: (Node | string | null)[][] = [];
  for (const element of new Set(run.journey.mass_ledger.map((r) => r.element))) {
    const own = run.journey.mass_ledger.filter((r) => r.element === element);
    rows.push([el("b", {}, capital(element)), "", "", "", el("b", {}, (own[0]?.before_kg ?? 0).toFixed(3))]);
    for (const r of own) rows.push([capital(words(r.event)), r.item, r.utc?.slice(0, 10) ?? "", `${(r.change_kg ?? 0) >= 0 ? "+" : "−"}${Math.abs(r.change_kg ?? 0).toFixed(3)}`, (r.after_kg ?? 0).toFixed(3)]);
  }
  // the ledger closes where each row's masses are its neighbour's and the change is their difference
  let gap = 0;
  for (const r of run.journey.mass_ledger) gap = Math.max(gap, Math.abs((r.before_kg ?? 0) + (r.change_kg ?? 0) - (r.after_kg ?? 0)));
  return section("masses", "Mass ledger", rows.length ? table(["event", "item", "date", "change [kg]", "mass [kg]"], rows, "Mass ledger", [3, 4]) : el("p", { class: "quiet" }, "No ledger."), rows.length ? el("p", { class: gap < 1e-6 ? "quiet" : "lost" }, gap < 1e-6 ? "Every row closes." : `A row does not close by ${number(gap)} kg.`) : null);
}

function tubes(run: RunDocument): HTMLElement {
  const records = new Map(run.tubes.map((t) => [t.id, t]));
  const order = ["delivered", "left on Mars", "lost", "empty"];
  const sorted = [...run.journey.tubes].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const rows = sorted.map((t) => {
    const r = records.get(t.id);
    const custody = el("ol", { class: "chain" }, ...t.custody.map((c) => el("li", { title: `${c.place}${c.temperature_K_max === null ? "" : `; at most ${c.temperature_K_max} K (bound, assumed)`}` }, `${c.holder} `, el("span", {}, c.from_utc?.slice(0, 10) ?? ""))));
    return [
      el("button", { class: "jump", type: "button", "data-tube": t.id }, t.name), el("code", {}, t.id), r?.kind ?? "", el("span", { class: `state ${t.state.replaceAll(" ", "-")}` }, t.state),
      r?.core_sol ?? "", r?.target ?? "", r?.mass_g ? el("span", {}, number(r.mass_g, 3), " ", mark("derived", "from the core's length and an assumed density; the rover weighs no tubes")) : "", r ? mark(r.confidence, r.source) : "", custody,
    ];
  });
  return section("tubes", "Tubes and their custody", table(["name", "id", "kind", "state", "sol", "target", "mass [g]", "source", "custody"], rows, "Tubes", [4, 6]));
}

function inputs(run: RunDocument): HTMLElement {
  const counts: Record<string, number> = {};
  for (const n of run.numbers) counts[n.confidence] = (counts[n.confidence] ?? 0) + 1;
  const build = (only: string | null, query: string): HTMLElement => {
    const rows = run.numbers
      .filter((n) => (!only || n.confidence === only) && (!query || `${n.path} ${n.meaning} ${n.source}`.toLowerCase().includes(query)))
      .map((n) => [el("code", {}, n.path), n.value === null ? "" : typeof n.value === "number" ? number(n.value, 8) : String(n.value), symbol(n.unit), n.meaning, el("span", { class: `mark ${n.confidence}` }, n.confidence.charAt(0)), el("span", { class: "source" }, n.source || "–")]);
    return table(["path", "value", "unit", "meaning", "", "source"], rows, "Inputs", [1]);
  };
  let only: string | null = "assumed";
  let query = "";
  const host = el("div", {}, build(only, query));
  const paint = (): void => host.replaceChildren(build(only, query));
  const choices = el("div", { class: "filters", role: "group", "aria-label": "Confidence" });
  for (const kind of ["assumed", "derived", "published", "unsourced", null]) {
    if (kind && !counts[kind]) continue;
    const b = el("button", { type: "button", "aria-pressed": String(kind === only) }, kind ? `${kind} (${counts[kind]})` : `all (${run.numbers.length})`);
    b.addEventListener("click", () => {
      only = kind;
      choices.querySelectorAll("button").forEach((x) => x.setAttribute("aria-pressed", String(x === b)));
      paint();
    });
    choices.appendChild(b);
  }
  const search = el("input", { type: "search", placeholder: "Search paths, meanings, sources", "aria-label": "Search the inputs" });
  search.addEventListener("input", () => {
    query = search.value.toLowerCase();
    paint();
  });
  choices.appendChild(search);
  return section("inputs", "What it starts from, and what was assumed", el("p", {}, `${run.numbers.length} numbers: ${Object.entries(counts).map(([k, n]) => `${n} ${k}`).join(", ")}.`), choices, host);
}

function provenance(run: RunDocument): HTMLElement {
  const j = run.journey;
  const pairs: [string, string][] = [
    ["scenario", j.scenario], ["hash", j.scenario_hash], ["seed", String(j.seed)], ["anabasis", j.anabasis_version], ["device", j.device],
    ...Object.entries(j.versions).map(([k, v]): [string, string] => [k, v]),
  ];
  const copy = el("button", { type: "button" }, "Copy");
  copy.addEventListener("click", () => {
    void navigator.clipboard?.writeText(run.command).then(() => (copy.textContent = "Copied"), () => undefined);
  });
  const licences = document.getElementById("licences")?.textContent ?? "";
  return section("provenance", "How to get this again", el("p", {}, "In the folder of this report:"), el("div", { class: "command" }, el("code", {}, run.command), copy),
    el("dl", { class: "pairs" }, ...pairs.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, el("code", {}, v))])),
    run.ground ? el("p", { class: "quiet" }, `Relief: ${run.ground.source}; ${run.ground.resolution_globe}, near Jezero ${run.ground.resolution_corridor}.`) : null,
    el("p", { class: "quiet" }, "Planets: JPL's DE440 (excerpt). Stars in the scenes are decoration. Models are plain shapes of our own."),
    el("details", {}, el("summary", {}, "Programs inside this page, and their licences"), el("pre", {}, licences)));
}
