// The stage: chapters of the march, a clock, a camera, and what the page offers to tests.

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { RunDocument } from "./document";
import { add, el } from "./dom";
import { cross, dot, unit } from "./frames";
import { COLOURS } from "./models";
import { JezeroView, LocalView, OrbitView, SkyView, View, World, etOf, utcOf } from "./scenes";
import { capital, number, span } from "./words";

export interface Chapter {
  key: string;
  title: string;
  view: View;
  start: number;
  end: number;
  follow: string;
}

const LENGTH = 26; // seconds that a chapter lasts at speed one
const NEAR = 0.02; // a chapter ends where a custody begins, to a few milliseconds of calendar

export function chaptersOf(world: World): Chapter[] {
  const t = world.tracks;
  const out: Chapter[] = [];
  const run = world.run;
  const jezero = run.rover && run.tubes.length ? new JezeroView("jezero", world) : null;
  const first = run.tubes.reduce((m, x) => Math.min(m, x.core_et_s ?? Infinity), Infinity);
  const out1 = ["lander_outbound", "orbiter_outbound"].filter((p) => t[p]?.centre === "sun");
  const lift = world.event("lift_off", "ascent");
  const touch = world.event("touchdown");
  const launch = world.event("lander_launch") ?? world.event("orbiter_launch");
  if (jezero && Number.isFinite(first)) {
    const until = launch?.et_s ?? touch?.et_s ?? lift?.et_s ?? first + 5 * 31557600;
    out.push({ key: "gather", title: "Filling the tubes", view: jezero, start: first - 86400 * 60, end: until, follow: "rover" });
  }
  if (out1.length) {
    const view = new SkyView("outbound", world, out1);
    out.push({ key: "outbound", title: "To Mars", view, start: Math.min(...out1.map((p) => t[p]!.start)), end: Math.max(...out1.map((p) => t[p]!.end)), follow: "lander" });
  }
  const site = run.sites["lander"] ?? run.sites["site"];
  if (t["entry"]) {
    const planet = t["entry"].centre === "earth" ? "earth" : "mars";
    const phases = ["entry", "landing"].filter((p) => t[p]);
    const track = t["entry"];
    const end = t[phases[phases.length - 1]!]!;
    const here = site ?? [end.columns["latitude_deg"]![end.count - 1]!, end.columns["longitude_deg"]![end.count - 1]!];
    if (planet === "earth" || world.relief) {
      const view = new LocalView({ name: "entry", planet, site: here as [number, number], phases, heat: "heat_flux_W_cm2", craft: "capsule", kind: planet === "earth" ? "capsule" : "entry", eye: [-210, -620, 250], aim: [-250, 0, 20] }, world);
      out.push({ key: "entry", title: planet === "mars" ? "Seven minutes" : "Entry", view, start: track.start, end: end.end, follow: "capsule" });
      if (touch) out[out.length - 1]!.title = `${capital(span(touch.et_s - track.start))} of terror`.replace(" min of terror", " minutes down");
    }
  }
  if (jezero && touch && t["surface"]) {
    out.push({ key: "loading", title: "Loading", view: jezero, start: touch.et_s, end: lift?.et_s ?? t["surface"].end, follow: "lander" });
  }
  if (t["insertion"] && world.relief) {
    out.push({ key: "spiral", title: "Spiralling down", view: new OrbitView("spiral", world, "insertion"), start: t["insertion"].start, end: t["insertion"].end, follow: "orbiter" });
  }
  if (t["ascent"] && world.relief) {
    const pad = run.sites["pad"]!;
    const view = new LocalView({ name: "launch", planet: "mars", site: pad, phases: ["ascent"], heat: "thrust_kN", craft: "ascender", kind: "ascender", eye: [-420, -980, 520], aim: [420, 60, 60] }, world);
    out.push({ key: "launch", title: "Off Mars", view, start: t["ascent"].start, end: t["ascent"].end, follow: "ascender" });
  }
  if (t["rendezvous"] && world.relief) {
    out.push({ key: "meeting", title: "The meeting", view: new OrbitView("meeting", world, "rendezvous"), start: t["rendezvous"].start, end: t["rendezvous"].end, follow: "orbiter" });
  }
  if (t["homeward"]?.centre === "sun") {
    out.push({ key: "homeward", title: "Homeward", view: new SkyView("homeward", world, ["homeward"]), start: t["homeward"].start, end: t["homeward"].end, follow: "orbiter" });
  }
  if (t["arrival"]) {
    const end = t["arrival"];
    const here = run.sites["impact"] ?? [end.columns["latitude_deg"]![end.count - 1]!, end.columns["longitude_deg"]![end.count - 1]!];
    const view = new LocalView({ name: "utah", planet: end.centre === "mars" ? "mars" : "earth", site: here as [number, number], phases: ["arrival"], heat: "heat_flux_W_cm2", craft: "capsule", kind: "capsule", eye: [120, -420, 210], aim: [-60, 0, 40] }, world);
    out.push({ key: "utah", title: "Over Utah", view, start: end.start, end: end.end, follow: "capsule" });
  }
  return out;
}

/** Eye and aim for a local view: beside the track's own direction, whichever way it flies. */
function beside(view: View, chapter: Chapter): void {
  if (!(view instanceof LocalView)) return;
  view.update(chapter.start);
  const craft = view.places.get(chapter.follow)!;
  const a = craft.clone();
  view.update(chapter.end);
  const b = craft.clone();
  view.update(chapter.start + 0.5 * (chapter.end - chapter.start));
  const along = b.clone().sub(a);
  const reach = Math.max(along.length(), 60);
  const middle = a.clone().add(b).multiplyScalar(0.5);
  const up = new THREE.Vector3(0, 0, 1);
  const side = new THREE.Vector3().crossVectors(along, up).normalize();
  // from the sunny side
  if (side.dot(view.sun.position) < 0) side.negate();
  view.aim.copy(middle).addScaledVector(up, -0.03 * reach);
  view.eye.copy(middle).addScaledVector(side, 0.82 * reach).addScaledVector(up, 0.34 * reach).addScaledVector(along, -0.12);
}

export class Stage {
  readonly element: HTMLElement;
  readonly world: World;
  readonly chapters: Chapter[];
  private chapter: Chapter;
  private et: number;
  private readonly renderer: THREE.WebGLRenderer | null = null;
  private readonly camera = new THREE.PerspectiveCamera(38, 1, 0.01, 1e4);
  private readonly controls: OrbitControls | null = null;
  private playing = false;
  private speed = 1;
  private following = false;
  private trueScale = false;
  private stretched = true;
  private tube: string | null = null;
  private dirty = true;
  private last = 0;
  private readonly eyes = new Map<string, [THREE.Vector3, THREE.Vector3]>();
  private readonly canvas = el("canvas", { id: "stage-canvas", tabindex: 0, "aria-label": "Three-dimensional view of the march. Space plays, arrow keys step, digits choose a chapter, F follows." });
  private readonly labels = el("div", { class: "labels", "aria-hidden": "true" });
  private readonly pool: HTMLElement[] = [];
  private readonly clock = el("div", { class: "clock" });
  private readonly gauges = el("dl", { class: "gauges" });
  private readonly gaugePool: [HTMLElement, HTMLElement, HTMLElement][] = [];
  private readonly caption = el("p", { class: "scale-note" });
  private readonly slider = el("input", { type: "range", min: 0, max: 10000, step: 1, value: 0, "aria-label": "Time within the chapter", class: "slider" });
  private readonly playButton = el("button", { type: "button", class: "play", "aria-label": "Play" });
  private readonly speedButton = el("button", { type: "button", title: "Speed: click for the next" });
  private readonly followButton = el("button", { type: "button", "aria-pressed": "false", title: "F" }, "Follow");
  private readonly scaleButton = el("button", { type: "button", "aria-pressed": "false", title: "S" }, "True sizes");
  private readonly reliefButton = el("button", { type: "button", "aria-pressed": "false", title: "R" }, "True relief");
  private readonly tabs: HTMLButtonElement[] = [];
  private readonly ticks = el("div", { class: "ticks", "aria-hidden": "true" });
  private readonly tubeBox = el("div", { class: "tube-box", hidden: true, "aria-live": "polite" });
  private readonly chooser = el("select", { "aria-label": "Follow a tube" });
  private frames = 0;
  private frameTime = 0;
  private largest = 0;
  private heap = 0;
  readonly reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;

  constructor(run: RunDocument) {
    this.world = new World(run);
    this.chapters = chaptersOf(this.world);
    this.element = el("section", { class: "stage", id: "watch", "aria-label": "Watch the march" });
    this.chapter = this.chapters[0]!;
    this.et = this.chapter?.start ?? 0;
    if (!this.chapters.length) {
      this.element.hidden = true;
      return;
    }
    this.camera.up.set(0, 0, 1);
    this.layOut();
    try {
      this.renderer = new THREE.WebGLRenderer({ canvas: this.canvas, antialias: true, logarithmicDepthBuffer: true, preserveDrawingBuffer: true });
      this.renderer.setClearColor("#07080c");
      this.renderer.outputColorSpace = THREE.SRGBColorSpace;
    } catch {
      add(this.labels, el("p", { class: "no-webgl" }, "This browser draws no 3-D scenes (WebGL is missing). Everything else in this report works."));
      return;
    }
    this.controls = new OrbitControls(this.camera, this.canvas);
    this.controls.enableDamping = !this.reduced;
    this.controls.dampingFactor = 0.12;
    this.controls.addEventListener("change", () => (this.dirty = true));
    for (const chapter of this.chapters) beside(chapter.view, chapter);
    new ResizeObserver(() => this.resize()).observe(this.canvas.parentElement!);
    this.show(this.chapters.find((c) => c.key === "outbound") ?? this.chapters[0]!);
    this.resize();
    this.loop(performance.now());
  }

  // ------------------------------------------------------------ layout

  private layOut(): void {
    const nav = el("div", { class: "chapters", role: "tablist", "aria-label": "Chapters" });
    this.chapters.forEach((chapter, i) => {
      const tab = el("button", { type: "button", role: "tab", "aria-selected": "false", "data-chapter": chapter.key },
        el("span", { class: "chapter-number" }, String(i + 1)), el("span", {}, chapter.title),
        el("span", { class: "chapter-date" }, utcOf(chapter.start).slice(0, 7)));
      tab.addEventListener("click", () => this.show(chapter));
      this.tabs.push(tab);
      nav.appendChild(tab);
    });
    nav.addEventListener("keydown", (e) => {
      const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
      if (!step) return;
      const next = this.chapters[(this.chapters.indexOf(this.chapter) + step + this.chapters.length) % this.chapters.length]!;
      this.show(next);
      this.tabs[this.chapters.indexOf(next)]!.focus();
      e.preventDefault();
      e.stopPropagation();
    });
    const tubes = this.world.run.journey.tubes;
    if (tubes.length) {
      this.chooser.appendChild(el("option", { value: "" }, "Follow a tube …"));
      const groups: [string, string][] = [["delivered", "come home"], ["left on Mars", "stay on Mars"], ["lost", "are lost"]];
      for (const [state, words] of groups) {
        const own = tubes.filter((t) => t.state === state);
        if (!own.length) continue;
        const group = el("optgroup", { label: words });
        for (const t of own) group.appendChild(el("option", { value: t.id }, t.name));
        this.chooser.appendChild(group);
      }
      this.chooser.addEventListener("change", () => this.select(this.chooser.value || null));
    }
    const button = (b: HTMLElement, does: () => void): HTMLElement => {
      b.addEventListener("click", does);
      return b;
    };
    const bar = el("div", { class: "controls" },
      button(this.playButton, () => this.play(!this.playing)),
      el("div", { class: "track" }, this.slider, this.ticks),
      button(this.speedButton, () => this.setSpeed(this.speed >= 8 ? 0.25 : this.speed * 2)),
      button(this.followButton, () => this.follow(!this.following)),
      button(this.scaleButton, () => this.toggleScale()),
      button(this.reliefButton, () => this.toggleRelief()),
      button(el("button", { type: "button", title: "Home" }, "Reset view"), () => this.resetView()),
      tubes.length ? this.chooser : null);
    this.slider.addEventListener("input", () => {
      this.play(false);
      this.setTimeWithin(this.chapter.start + (Number(this.slider.value) / 10000) * (this.chapter.end - this.chapter.start));
    });
    const stage = el("div", { class: "canvas-box" }, this.canvas, this.labels, this.clock, this.gauges, this.tubeBox, this.caption);
    add(this.element, nav, stage, bar);
    this.canvas.addEventListener("pointerdown", (e) => this.pointer(e));
    this.element.addEventListener("keydown", (e) => this.key(e));
    this.setSpeed(1);
    this.play(false);
  }

  private key(e: KeyboardEvent): void {
    if (e.target instanceof HTMLSelectElement || e.ctrlKey || e.metaKey || e.altKey) return;
    const slide = e.target === this.slider;
    const onButton = e.target instanceof HTMLButtonElement;
    const step = (this.chapter.end - this.chapter.start) / 200;
    const digit = Number(e.key);
    if (e.key === " " && !onButton) this.play(!this.playing);
    else if ((e.key === "ArrowRight" || e.key === "ArrowLeft") && !slide && !e.shiftKey) this.setTimeWithin(this.et + (e.key === "ArrowRight" ? step : -step));
    else if (e.key.startsWith("Arrow") && e.shiftKey) this.swing(e.key);
    else if (e.key === "+" || e.key === "=") this.dolly(0.85);
    else if (e.key === "-") this.dolly(1 / 0.85);
    else if (e.key === "f" || e.key === "F") this.follow(!this.following);
    else if (e.key === "s" || e.key === "S") this.toggleScale();
    else if (e.key === "r" || e.key === "R") this.toggleRelief();
    else if (e.key === "Home" && !slide) this.resetView();
    else if (e.key === ">" || e.key === ".") this.setSpeed(Math.min(8, this.speed * 2));
    else if (e.key === "<" || e.key === ",") this.setSpeed(Math.max(0.25, this.speed / 2));
    else if (e.key === "Escape") this.select(null);
    else if (digit >= 1 && digit <= this.chapters.length) this.show(this.chapters[digit - 1]!);
    else return;
    e.preventDefault();
  }

  private swing(key: string): void {
    const offset = this.camera.position.clone().sub(this.controls!.target);
    if (key === "ArrowLeft" || key === "ArrowRight") offset.applyAxisAngle(new THREE.Vector3(0, 0, 1), key === "ArrowLeft" ? -0.08 : 0.08);
    else {
      const side = new THREE.Vector3().crossVectors(offset, this.camera.up).normalize();
      const turned = offset.clone().applyAxisAngle(side, key === "ArrowUp" ? -0.06 : 0.06);
      if (Math.abs(turned.clone().normalize().z) < 0.98) offset.copy(turned);
    }
    this.camera.position.copy(this.controls!.target).add(offset);
    this.dirty = true;
  }

  private dolly(factor: number): void {
    this.camera.position.sub(this.controls!.target).multiplyScalar(factor).add(this.controls!.target);
    this.dirty = true;
  }

  private pointer(e: PointerEvent): void {
    if (!(this.chapter.view instanceof JezeroView)) return;
    const box = this.canvas.getBoundingClientRect();
    const from: [number, number] = [e.clientX, e.clientY];
    const up = (u: PointerEvent): void => {
      if (Math.hypot(u.clientX - from[0], u.clientY - from[1]) > 5) return;
      const ray = new THREE.Raycaster();
      ray.setFromCamera(new THREE.Vector2(((u.clientX - box.left) / box.width) * 2 - 1, 1 - ((u.clientY - box.top) / box.height) * 2), this.camera);
      const found = (this.chapter.view as JezeroView).pick(ray);
      if (found) this.select(found);
    };
    this.canvas.addEventListener("pointerup", up, { once: true });
  }

  // ------------------------------------------------------------ state

  show(chapter: Chapter, at?: number): void {
    const changed = chapter.view !== this.chapter.view;
    if (changed) this.eyes.set(this.chapter.key, [this.camera.position.clone(), this.controls?.target.clone() ?? new THREE.Vector3()]);
    this.chapter = chapter;
    this.tabs.forEach((tab, i) => {
      const on = this.chapters[i] === chapter;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on) tab.parentElement!.scrollTo({ left: tab.offsetLeft - tab.parentElement!.clientWidth / 2 + tab.clientWidth / 2, behavior: this.reduced ? "auto" : "smooth" });
    });
    this.reliefButton.hidden = chapter.view instanceof SkyView || chapter.view instanceof OrbitView;
    const here = chapter.end - chapter.start;
    this.ticks.replaceChildren();
    for (const event of this.world.run.journey.events) {
      const share = (event.et_s - chapter.start) / here;
      if (share >= 0 && share <= 1 && Number.isFinite(share)) {
        const tick = el("i", { title: event.name.replaceAll("_", " ") });
        tick.style.left = `${share * 100}%`;
        this.ticks.appendChild(tick);
      }
    }
    chapter.view.relief(this.stretched ? 4 : 1);
    // a quarter in, so that a still picture already tells something
    this.et = at ?? chapter.start + (chapter.key === "gather" ? 0.98 : chapter.key === "entry" ? 0.36 : chapter.view instanceof JezeroView ? 0.2 : 0.55) * here;
    this.setTimeWithin(this.et);
    this.resetView();
  }

  private resetView(): void {
    if (!this.controls) return;
    const view = this.chapter.view;
    this.camera.near = view.nearest;
    this.camera.far = view.farthest;
    this.controls.minDistance = view.nearest * 2;
    this.controls.maxDistance = view.farthest * 0.3;
    this.controls.target.copy(view.aim);
    this.camera.position.copy(view.eye);
    // narrow windows need to stand further back
    const aspect = this.canvas.clientWidth / Math.max(1, this.canvas.clientHeight);
    const back = aspect < 1.5 ? Math.min(2.6, 1.75 / aspect) : 1;
    this.camera.position.sub(view.aim).multiplyScalar(back).add(view.aim);
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.dirty = true;
    if (this.following) this.follow(true);
  }

  private follow(on: boolean): void {
    this.following = on;
    this.followButton.setAttribute("aria-pressed", String(on));
    if (on && this.controls) {
      const at = this.chapter.view.places.get(this.followed());
      if (at) {
        const view = this.chapter.view;
        const reach = view.eye.distanceTo(view.aim) * 0.34;
        const dir = view.eye.clone().sub(view.aim).normalize();
        this.controls.target.copy(at);
        this.camera.position.copy(at).addScaledVector(dir, reach);
        this.controls.update();
      }
    }
    this.dirty = true;
  }

  private followed(): string {
    if (this.tube) {
      const holder = this.holderName();
      if (this.chapter.view.places.has(holder)) return holder;
      if (this.chapter.view.places.has(this.tube)) return this.tube;
    }
    return this.chapter.follow;
  }

  private toggleScale(): void {
    this.trueScale = !this.trueScale;
    this.scaleButton.setAttribute("aria-pressed", String(this.trueScale));
    this.dirty = true;
  }

  private toggleRelief(): void {
    this.stretched = !this.stretched;
    this.reliefButton.setAttribute("aria-pressed", String(!this.stretched));
    this.chapter.view.relief(this.stretched ? 4 : 1);
    this.dirty = true;
  }

  private setSpeed(speed: number): void {
    this.speed = speed;
    const each = ((this.chapter.end - this.chapter.start) / LENGTH) * speed;
    this.speedButton.textContent = `${span(each)} each second`;
    this.speedButton.setAttribute("aria-label", `Speed: ${span(each)} of flight each second`);
  }

  private play(on: boolean): void {
    if (on && this.et >= this.chapter.end - 1e-3) this.et = this.chapter.start;
    this.playing = on;
    this.playButton.textContent = on ? "❚❚" : "▶";
    this.playButton.setAttribute("aria-label", on ? "Pause" : "Play");
    this.last = performance.now();
  }

  private setTimeWithin(et: number): void {
    const { start, end } = this.chapter;
    this.et = Math.min(end, Math.max(start, et));
    this.slider.value = String(Math.round(((this.et - start) / Math.max(1e-9, end - start)) * 10000));
    const utc = utcOf(this.et);
    this.slider.setAttribute("aria-valuetext", utc);
    this.setSpeed(this.speed);
    this.dirty = true;
  }

  /** Goes to an epoch: in this chapter where it lies in it, else in the shortest that holds it. */
  setTime(et: number): void {
    const suits = this.suits(et);
    if (suits && suits !== this.chapter) this.show(suits, et);
    else if (et >= this.chapter.start && et <= this.chapter.end) this.setTimeWithin(et);
    else {
      const holding = this.chapters.filter((c) => et >= c.start && et <= c.end).sort((a, b) => a.end - a.start - (b.end - b.start));
      const next = holding[0] ?? [...this.chapters].sort((a, b) => Math.min(Math.abs(et - a.start), Math.abs(et - a.end)) - Math.min(Math.abs(et - b.start), Math.abs(et - b.end)))[0]!;
      this.show(next, et);
    }
    this.draw();
  }

  go(key: string): boolean {
    const chapter = this.chapters.find((c) => c.key === key);
    if (chapter) this.show(chapter);
    this.draw();
    return Boolean(chapter);
  }

  chooseChapterOf(key: string): void {
    this.go(key);
    this.element.scrollIntoView({ behavior: this.reduced ? "auto" : "smooth" });
  }

  // ------------------------------------------------------------ tubes

  /** Who holds the chosen tube now, as custody has it. */
  private holder(): { holder: string; index: number } | null {
    const tube = this.world.run.journey.tubes.find((t) => t.id === this.tube);
    if (!tube) return null;
    let index = -1;
    tube.custody.forEach((c, i) => {
      if (!c.from_utc || etOf(c.from_utc) <= this.et + NEAR) index = i;
    });
    return { holder: index < 0 ? "not yet filled" : tube.custody[index]!.holder, index };
  }

  private holderName(): string {
    const holder = this.holder()?.holder ?? "";
    const at: Record<string, string> = { laboratory: "capsule", ground: this.tube ?? "", rover: "rover" };
    if (holder === "ascender" && this.chapter.view instanceof JezeroView) return "lander";
    return at[holder] ?? holder;
  }

  /** Follows a tube from rock to laboratory; null lets it go. */
  select(id: string | null): void {
    const tube = id === null ? undefined : this.world.run.journey.tubes.find((t) => t.id === id);
    this.tube = tube ? tube.id : null;
    this.chooser.value = this.tube ?? "";
    this.tubeBox.hidden = !tube;
    this.tubeBox.replaceChildren();
    if (tube) {
      const record = this.world.run.tubes.find((t) => t.id === tube.id);
      const steps = el("ol", { class: "custody" });
      tube.custody.forEach((c) => {
        const jump = el("button", { type: "button" }, el("b", {}, capital(c.holder)), ` ${c.from_utc?.slice(0, 10) ?? ""}`, el("span", {}, c.place));
        jump.addEventListener("click", () => {
          if (!c.from_utc) return;
          this.toHolding(etOf(c.from_utc), c.holder);
        });
        steps.appendChild(el("li", {}, jump));
      });
      const close = el("button", { type: "button", class: "close", "aria-label": "Let this tube go" }, "×");
      close.addEventListener("click", () => this.select(null));
      add(this.tubeBox, close, el("h3", {}, tube.name),
        el("p", {}, record?.kind ?? "", record?.target && record.kind !== "witness" ? ` from ${record.target}` : "", record?.mass_g ? `, about ${number(record.mass_g, 3)} g` : ""), steps);
      const first = tube.custody[0]?.from_utc;
      if (first) this.toHolding(etOf(first), tube.custody[0]!.holder);
      this.follow(true);
    } else this.follow(false);
    this.draw();
  }

  /** The chapter that shows a holder at an instant. */
  private showing(et: number, holder: string): Chapter | undefined {
    const wanted: Record<string, string[]> = {
      rover: ["gather", "loading"], ground: ["gather", "loading"], ascender: ["loading", "launch"], container: ["meeting", "launch"],
      orbiter: ["meeting", "homeward"], capsule: ["homeward", "utah"], laboratory: ["utah"],
    };
    return (wanted[holder] ?? []).map((k) => this.chapters.find((c) => c.key === k && et >= c.start - 1 && et <= c.end + 1)).find(Boolean);
  }

  /** With a tube chosen: where its holder is to be seen then. */
  private suits(et: number): Chapter | undefined {
    const tube = this.world.run.journey.tubes.find((t) => t.id === this.tube);
    const holding = tube?.custody.filter((c) => !c.from_utc || etOf(c.from_utc) <= et + NEAR).pop();
    return holding ? this.showing(et, holding.holder) : undefined;
  }

  private toHolding(et: number, holder: string): void {
    const chapter = this.showing(et, holder);
    if (chapter) this.show(chapter, et);
    else this.setTime(et);
    this.draw();
  }

  // ------------------------------------------------------------ drawing

  private resize(): void {
    const box = this.canvas.parentElement!.getBoundingClientRect();
    const [w, h] = [Math.max(1, Math.round(box.width)), Math.max(1, Math.round(box.height))];
    this.renderer?.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.renderer?.setSize(w, h, false);
    this.camera.aspect = w / h;
    this.camera.updateProjectionMatrix();
    this.dirty = true;
  }

  private loop(now: number): void {
    requestAnimationFrame((t) => this.loop(t));
    const passed = Math.min(0.1, (now - this.last) / 1000);
    this.last = now;
    if (this.playing) {
      const each = ((this.chapter.end - this.chapter.start) / LENGTH) * this.speed;
      const next = this.et + passed * each;
      if (next >= this.chapter.end) {
        this.setTimeWithin(this.chapter.end);
        const following = this.chapters[this.chapters.indexOf(this.chapter) + 1];
        if (following) this.show(following, following.start);
        else this.play(false);
      } else this.setTimeWithin(next);
    }
    this.controls?.update();
    if (this.dirty) this.draw();
  }

  private draw(): void {
    if (!this.renderer) return;
    this.dirty = false;
    const began = performance.now();
    const view = this.chapter.view;
    view.update(this.et);
    if (this.following && this.controls) {
      const at = view.places.get(this.followed());
      if (at) {
        const delta = at.clone().sub(this.controls.target);
        this.controls.target.add(delta);
        this.camera.position.add(delta);
        if (delta.lengthSq() > 0) this.camera.updateMatrixWorld();
      }
    }
    this.camera.lookAt(this.controls!.target);
    this.camera.updateMatrixWorld();
    view.fit(this.camera, this.canvas.clientHeight, this.trueScale);
    this.renderer.render(view.scene, this.camera);
    this.writeLabels();
    this.writeGauges();
    this.frames += 1;
    this.frameTime = performance.now() - began;
    const memory = (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory;
    if (memory) {
      const grown = memory.usedJSHeapSize - this.heap;
      if (this.heap && this.frames > 5) this.largest = grown;
      this.heap = memory.usedJSHeapSize;
    }
  }

  private writeLabels(): void {
    const view = this.chapter.view;
    const wanted: { text: string; at: THREE.Vector3; colour: string; minor: boolean }[] = [];
    for (const m of view.marks) wanted.push({ text: m.text, at: m.position, colour: "", minor: Boolean(m.minor) });
    for (const [name, at] of view.places) {
      if (!(name in COLOURS) || view instanceof JezeroView) continue;
      if (name === "sun") continue;
      const craft = view.craft.get(name);
      if (craft && !craft.group.visible) continue;
      wanted.push({ text: name === "earth" || name === "mars" ? (name === "mars" ? "Mars" : "Earth") : name, at, colour: COLOURS[name]!, minor: false });
    }
    if (this.tube) {
      const at = view.places.get(this.followed());
      const tube = this.world.run.journey.tubes.find((t) => t.id === this.tube)!;
      if (at) wanted.push({ text: tube.name, at, colour: COLOURS["tube"]!, minor: false });
    }
    const [w, h] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const taken: [number, number, number][] = [];
    let used = 0;
    for (const { text, at, colour, minor } of wanted) {
      SPOT.copy(at).project(this.camera);
      if (SPOT.z > 1 || SPOT.z < -1 || Math.abs(SPOT.x) > 1.02 || Math.abs(SPOT.y) > 1.02) continue;
      const x = ((SPOT.x + 1) / 2) * w;
      let y = ((1 - SPOT.y) / 2) * h - 20;
      if (minor && w < 700) continue;
      const wide = text.length * 7 + 16;
      for (let tries = 0; tries < 6; tries++) if (taken.some(([a, b, c]) => Math.abs(a - x) < (wide + c) / 2 && Math.abs(b - y) < 17)) y -= 17;
      taken.push([x, y, wide]);
      let label = this.pool[used];
      if (!label) {
        label = el("span", { class: "label" });
        this.labels.appendChild(label);
        this.pool.push(label);
      }
      if (label.textContent !== text) label.textContent = text;
      label.hidden = false;
      label.style.transform = `translate(-50%, -100%) translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      label.style.setProperty("--dot", colour || "transparent");
      used += 1;
    }
    for (; used < this.pool.length; used++) this.pool[used]!.hidden = true;
  }

  private writeGauges(): void {
    const view = this.chapter.view;
    const utc = utcOf(this.et);
    const parts = [`${utc.slice(0, 10)} ${utc.slice(11, 19)} UTC`];
    const season = this.season();
    if (!(view instanceof SkyView) && season) parts.push(season);
    const tube = this.tube ? `held by ${this.holder()?.holder}` : "";
    const text = parts.join("  ·  ") + (tube ? `  ·  ${tube}` : "");
    if (this.clock.textContent !== text) this.clock.textContent = text;
    const list = view.readings(this.et);
    list.forEach((reading, i) => {
      let row = this.gaugePool[i];
      if (!row) {
        const box = el("div", {});
        row = [box, el("dt", {}), el("dd", {})];
        add(box, row[1], row[2]);
        this.gauges.appendChild(box);
        this.gaugePool.push(row);
      }
      row[0].hidden = false;
      row[1].textContent = reading.name;
      const value = reading.value;
      row[2].textContent = `${value !== null && Math.abs(value) < 5e-4 ? "0" : number(value, reading.digits ?? 4)}${reading.unit ? `\u202f${reading.unit}` : ""}`;
    });
    for (let i = list.length; i < this.gaugePool.length; i++) this.gaugePool[i]![0].hidden = true;
    const note = view.scale(this.trueScale);
    if (this.caption.textContent !== note) this.caption.textContent = note;
  }

  /** Sol and solar longitude, from the planets' own places: good to a tenth of a degree. */
  private season(): string {
    const bodies = this.world.run.bodies;
    const jezero = this.chapters.find((c) => c.view instanceof JezeroView)?.view as JezeroView | undefined;
    if (this.et < bodies.start_s || this.et > bodies.start_s + bodies.step_s * bodies.count) return jezero ? `sol ${Math.floor(jezero.sol(this.et) + 0.5)}` : "";
    if (this.chapter.key === "utah" || this.world.tracks[this.chapter.key]?.centre === "earth") return "";
    const p = this.world.planets.position("mars", this.et);
    const q = this.world.planets.position("mars", this.et + 86400);
    const h = unit(cross(p, q));
    const d = bodies.mars_pole_declination_deg[0] * (Math.PI / 180);
    const a = bodies.mars_pole_right_ascension_deg[0] * (Math.PI / 180);
    const pole = [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)];
    const node = unit(cross(pole, h));
    const sun = p.map((x) => -x);
    const ls = (Math.atan2(dot(cross(node, sun), h), dot(node, sun)) * 180) / Math.PI;
    return `${jezero ? `sol ${Math.floor(jezero.sol(this.et) + 0.5)}  ·  ` : ""}Ls ${((ls + 360) % 360).toFixed(1)}°`;
  }

  // ------------------------------------------------------------ for tests

  project(name: string): [number, number] | null {
    const wanted = name === "tube" ? this.followed() : name;
    const at = this.chapter.view.places.get(wanted);
    if (!at) return null;
    SPOT.copy(at).project(this.camera);
    return [((SPOT.x + 1) / 2) * this.canvas.clientWidth, ((1 - SPOT.y) / 2) * this.canvas.clientHeight];
  }

  stats(): Record<string, unknown> {
    const info = this.renderer?.info;
    return {
      chapter: this.chapter.key,
      chapters: this.chapters.map((c) => ({ key: c.key, start: c.start, end: c.end })),
      et_s: this.et,
      draw_calls: info?.render.calls ?? 0,
      triangles: info?.render.triangles ?? 0,
      frames: this.frames,
      frame_ms: this.frameTime,
      allocated_bytes: this.largest,
      track_points: this.chapter.view.points,
      places: [...this.chapter.view.places.keys()],
      following: this.following ? this.followed() : null,
      tube: this.tube,
      holder: this.holder()?.holder ?? null,
      canvas: [this.canvas.clientWidth, this.canvas.clientHeight],
      frame: this.chapter.view.frame,
      view_matrix: this.camera.matrixWorldInverse.elements.slice(),
      projection_matrix: this.camera.projectionMatrix.elements.slice(),
    };
  }

  webgl(): boolean {
    return this.renderer !== null;
  }
}

const SPOT = new THREE.Vector3();
