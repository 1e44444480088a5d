// The page: reads what the report carries, shows it, and offers a door for tests.

import "uplot/dist/uPlot.min.css";
import "./page.css";
import type { AnyDocument, RunDocument } from "./document";
import { drawn, repaint } from "./charts";
import { add, el } from "./dom";
import { read } from "./read";
import { spread } from "./spread";
import { story } from "./story";
import { Stage } from "./watch";
import { capital, day, words } from "./words";

interface Door {
  ready: boolean;
  setTime(et: number): void;
  project(name: string): [number, number] | null;
  select(id: string | null): void;
  stats(): Record<string, unknown>;
  go(chapter: string): boolean;
}

declare global {
  interface Window {
    anabasis: Door;
  }
}

const started = performance.now();
const held = JSON.parse(document.getElementById("document")!.textContent!) as AnyDocument;
const root = document.getElementById("page")!;
const door: Door = { ready: false, setTime: () => undefined, project: () => null, select: () => undefined, stats: () => ({ plots: drawn() }), go: () => false };
window.anabasis = door;

function themeButton(): HTMLElement {
  const order = ["auto", "light", "dark"];
  let now = 0;
  const b = el("button", { type: "button", class: "theme" }, "Light or dark");
  b.addEventListener("click", () => {
    now = (now + 1) % order.length;
    document.documentElement.dataset["theme"] = order[now]!;
    b.textContent = now === 0 ? "Light or dark" : capital(order[now]!);
    repaint();
  });
  return b;
}

function headline(run: RunDocument): [string, string] {
  const j = run.journey;
  if (j.outcome) return ["The mission is lost", `${capital(words(j.outcome_phase ?? ""))}: ${j.outcome}`];
  if (j.home_utc) return [`${j.tubes_home_count} tubes of Mars, home on ${day(j.home_utc)}`, run.summary];
  return [capital(run.summary || j.scenario), Object.keys(j.phases).map(words).join(", ")];
}

function showRun(run: RunDocument): void {
  const [title, under] = headline(run);
  const broken = Object.values(run.journey.phases).flatMap((p) => p.limits).filter((l) => !l.met).length;
  const stage = new Stage(run);
  const plain = el("button", { type: "button", role: "tab", id: "tab-story", "aria-controls": "story-panel" }, "The story");
  const deep = el("button", { type: "button", role: "tab", id: "tab-read", "aria-controls": "read-panel" }, "For engineers");
  const storyPanel = el("div", { role: "tabpanel", id: "story-panel", "aria-labelledby": "tab-story", tabindex: -1 },
    story(run, (key) => stage.chooseChapterOf(key), (key) => stage.chapters.some((c) => c.key === key)));
  const readPanel = el("div", { role: "tabpanel", id: "read-panel", "aria-labelledby": "tab-read", tabindex: -1 });
  let opened = false;
  const choose = (engineer: boolean): void => {
    plain.setAttribute("aria-selected", String(!engineer));
    deep.setAttribute("aria-selected", String(engineer));
    plain.tabIndex = engineer ? -1 : 0;
    deep.tabIndex = engineer ? 0 : -1;
    storyPanel.hidden = engineer;
    readPanel.hidden = !engineer;
    if (engineer && !opened) {
      opened = true;
      readPanel.appendChild(read(run, stage.world.tracks));
      readPanel.addEventListener("click", (e) => {
        const jump = (e.target as HTMLElement).closest<HTMLElement>(".jump");
        if (!jump) return;
        if (jump.dataset["et"]) stage.setTime(Number(jump.dataset["et"]));
        if (jump.dataset["tube"]) stage.select(jump.dataset["tube"]!);
        stage.element.scrollIntoView({ behavior: stage.reduced ? "auto" : "smooth" });
      });
    }
  };
  plain.addEventListener("click", () => choose(false));
  deep.addEventListener("click", () => choose(true));
  const depths = el("div", { class: "depths", role: "tablist", "aria-label": "How deep" }, plain, deep);
  depths.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    choose(e.key === "ArrowRight");
    (e.key === "ArrowRight" ? deep : plain).focus();
  });
  add(root,
    el("a", { class: "skip", href: "#below" }, "Skip the scene"),
    el("header", { class: "masthead" },
      el("p", { class: "brand" }, "anabasis", el("span", {}, " the long way home")),
      el("h1", { class: run.journey.outcome ? "lost" : null }, title),
      el("p", { class: "under" }, under, under ? ". " : "", run.journey.outcome || !broken ? "" : `${broken} limit${broken > 1 ? "s" : ""} broken.`),
      themeButton()),
    stage.element,
    el("main", { id: "below" }, depths, storyPanel, readPanel),
    el("footer", {}, `${run.journey.scenario}  ·  ${run.journey.scenario_hash.slice(0, 12)}  ·  anabasis ${run.journey.anabasis_version}  ·  this file needs no network`));
  choose(false);
  // on paper both depths are printed
  addEventListener("beforeprint", () => {
    choose(true);
    storyPanel.hidden = false;
  });
  door.setTime = (et) => stage.setTime(et);
  door.project = (name) => stage.project(name);
  door.select = (id) => stage.select(id);
  door.go = (key) => stage.go(key);
  door.stats = () => ({ ...stage.stats(), plots: drawn(), webgl: stage.webgl(), first_frame_ms: first });
}

let first = 0;
try {
  if (held.kind === "run") showRun(held);
  else
    add(root,
      el("header", { class: "masthead" }, el("p", { class: "brand" }, "anabasis", el("span", {}, " the long way home")), el("h1", {}, held.title), el("p", { class: "under" }, held.summary), themeButton()),
      el("main", { id: "below" }, spread(held)),
      el("footer", {}, `${held.spread.scenario}  ·  ${held.spread.scenario_hash.slice(0, 12)}  ·  this file needs no network`));
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      first = performance.now() - started;
      door.ready = true;
    }),
  );
} catch (failure) {
  add(root, el("p", { class: "lost", role: "alert" }, `This report could not be drawn: ${String(failure)}`));
  throw failure;
}
