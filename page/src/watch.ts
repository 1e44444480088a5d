// The stage: chapters of the march, a clock, a camera, and what the page offers to tests.

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { RunDocument, Track } from "./document";
import { add, el } from "./dom";
import { cross, dot, unit } from "./frames";
import { COLOURS } from "./models";
import { JezeroView, LocalView, OrbitView, SkyView, View, World, etOf, utcOf } from "./scenes";
import { capital, number, span } from "./words";

/** A span of the march and the place it is shown in, which is built when it is first looked at. */
export class Chapter {
  private made: View | null = null;

  constructor(readonly key: string, public title: string, private readonly make: () => View, readonly start: number, readonly end: number, readonly follow: string, readonly place: "jezero" | "sky" | "orbit" | "local") {}

  get view(): View {
    if (!this.made) {
      this.made = this.make();
      beside(this.made, this);
    }
    return this.made;
  }
}

const LENGTH = 26; // seconds that a chapter lasts at speed one
const NEAR = 0.02; // a chapter ends where a custody begins, to a few milliseconds of calendar

export function chaptersOf(world: World): Chapter[] {
  const t = world.tracks;
  const out: Chapter[] = [];
  const run = world.run;
  let ground: JezeroView | null = null;
  const jezero = (): JezeroView => (ground ??= new JezeroView("jezero", world));
  const hasGround = Boolean(run.rover && run.tubes.length);
  const first = run.tubes.reduce((m, x) => Math.min(m, x.core_et_s ?? Infinity), Infinity);
  const cruises = ["lander_outbound", "orbiter_outbound"].filter((p) => t[p]?.centre === "sun");
  const lift = world.event("lift_off", "ascent");
  const touch = world.event("touchdown");
  const launch = world.event("lander_launch") ?? world.event("orbiter_launch");
  const push = (key: string, title: string, place: Chapter["place"], start: number, end: number, follow: string, make: () => View): void => {
    out.push(new Chapter(key, title, make, start, end, follow, place));
  };
  const lastPlace = (track: Track): [number, number] => [track.columns["latitude_deg"]![track.count - 1]!, track.columns["longitude_deg"]![track.count - 1]!];
  if (hasGround && Number.isFinite(first))
    push("gather", "Filling the tubes", "jezero", first - 86400 * 60, launch?.et_s ?? touch?.et_s ?? lift?.et_s ?? first + 5 * 31557600, "rover", jezero);
  if (cruises.length)
    push("outbound", "To Mars", "sky", Math.min(...cruises.map((p) => t[p]!.start)), Math.max(...cruises.map((p) => t[p]!.end)), "lander", () => new SkyView("outbound", world, cruises));
  const site = run.sites["lander"] ?? run.sites["site"];
  const entry = t["entry"];
  if (entry) {
    const planet = entry.centre === "earth" ? "earth" : "mars";
    const phases = ["entry", "landing"].filter((p) => t[p]);
    const end = t[phases[phases.length - 1]!]!;
    const here = (site ?? lastPlace(end)) as [number, number];
    const title = touch ? `${capital(span(touch.et_s - entry.start))} of terror`.replace(" min of terror", " minutes down") : planet === "mars" ? "Seven minutes" : "Entry";
    if (planet === "earth" || world.relief)
      push("entry", title, "local", entry.start, end.end, "capsule", () => new LocalView({ name: "entry", planet, site: here, phases, heat: "heat_flux_W_cm2", craft: "capsule", kind: planet === "earth" ? "capsule" : "entry" }, world));
  }
  const landing = t["landing"];
  if (landing?.centre === "mars" && site)
    push("descent", "Parachute to ground", "local", landing.start, landing.end, "capsule", () => new LocalView({ name: "descent", planet: "mars", site: site as [number, number], phases: ["landing"], heat: "deceleration_g", craft: "capsule", kind: "entry", close: 12, pixels: 96 }, world));
  if (hasGround && touch && t["surface"]) push("loading", "Loading", "jezero", touch.et_s, lift?.et_s ?? t["surface"].end, "lander", jezero);
  if (t["insertion"] && world.relief) push("spiral", "Spiralling down", "orbit", t["insertion"].start, t["insertion"].end, "orbiter", () => new OrbitView("spiral", world, "insertion"));
  const ascent = t["ascent"];
  const pad = run.sites["pad"];
  if (ascent && world.relief && pad) {
    const order = { planet: "mars" as const, site: pad, phases: ["ascent"], heat: "thrust_kN", craft: "ascender", kind: "ascender" };
    push("toss", "Toss and ignition", "local", ascent.start, Math.min(ascent.end, (lift?.et_s ?? ascent.start) + 4), "ascender", () => new LocalView({ ...order, name: "toss", close: 1.2, pixels: 74 }, world));
    push("launch", "Off Mars", "local", ascent.start, ascent.end, "ascender", () => new LocalView({ ...order, name: "launch" }, world));
  }
  if (t["rendezvous"] && world.relief) push("meeting", "The meeting", "orbit", t["rendezvous"].start, t["rendezvous"].end, "orbiter", () => new OrbitView("meeting", world, "rendezvous"));
  if (t["homeward"]?.centre === "sun") push("homeward", "Homeward", "sky", t["homeward"].start, t["homeward"].end, "orbiter", () => new SkyView("homeward", world, ["homeward"]));
  const arrival = t["arrival"];
  if (arrival) {
    const here = (run.sites["impact"] ?? lastPlace(arrival)) as [number, number];
    const planet = arrival.centre === "mars" ? "mars" : "earth";
    push("utah", "Over Utah", "local", arrival.start, arrival.end, "capsule", () => new LocalView({ name: "utah", planet, site: here, phases: ["arrival"], heat: "heat_flux_W_cm2", craft: "capsule", kind: "capsule" }, world));
  }
  return out;
}

/** Eye and aim for a local view: beside the track's own direction, whichever way it flies. */
function beside(view: View, chapter: Chapter): void {
  if (!(view instanceof LocalView)) return;
  const near = view.order.close !== undefined;
  view.update(chapter.start);
  const craft = view.places.get(chapter.follow)!;
  const a = craft.clone();
  view.update(chapter.end);
  const b = craft.clone();
  view.update(chapter.start + 0.5 * (chapter.end - chapter.start));
  const along = b.clone().sub(a);
  const reach = Math.max(along.length(), near ? 0.02 : 60);
  const middle = a.clone().add(b).multiplyScalar(0.5);
  const up = new THREE.Vector3(0, 0, 1);
  const side = new THREE.Vector3().crossVectors(along, up).normalize();
  // from the sunny side
  if (side.dot(view.sun.position) < 0) side.negate();
  const flat = along.clone().setZ(0);
  // everything a little to the left: gauges and windows stand on the right
  const right = new THREE.Vector3().crossVectors(side, up).multiplyScalar(-1).normalize();
  view.aim.copy(middle).addScaledVector(up, -0.03 * reach).addScaledVector(right, 0.1 * reach);
  if (near) {
    view.eye.copy(middle).addScaledVector(side, 1.35 * reach).addScaledVector(right, 0.1 * reach);
    view.eye.z = Math.max(0.06 * reach, 0.3 * middle.z);
    view.aim.z = middle.z * 0.95;
    void flat;
  } else view.eye.copy(view.aim).addScaledVector(side, 0.84 * reach).addScaledVector(up, 0.37 * reach).addScaledVector(along, -0.1);
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
  private readonly windows: HTMLElement[] = [];
  private calls = 0;
  private triangles = 0;
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
    this.chapter = chapter;
    this.tabs.forEach((tab, i) => {
      const on = this.chapters[i] === chapter;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on) tab.parentElement!.scrollTo({ left: tab.offsetLeft - tab.parentElement!.clientWidth / 2 + tab.clientWidth / 2, behavior: this.reduced ? "auto" : "smooth" });
    });
    this.reliefButton.hidden = chapter.place === "sky" || chapter.place === "orbit" || chapter.view.flat();
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
    this.et = at ?? chapter.start + (chapter.key === "gather" ? 0.98 : chapter.key === "entry" ? 0.36 : chapter.place === "jezero" ? 0.2 : 0.55) * here;
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
    this.calls = this.renderer.info.render.calls;
    this.triangles = this.renderer.info.render.triangles;
    this.drawInsets();
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

  /** The windows of a view: bottom right, side by side; none where there is no room. */
  private drawInsets(): void {
    const renderer = this.renderer!;
    const insets = this.chapter.view.insets.filter((x) => x.visible);
    const [w, h] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const size = Math.round(Math.min(0.4 * h, 0.22 * w, (0.36 * w) / Math.max(1, insets.length), h - this.gauges.offsetHeight - 40));
    const shown = w >= 700 && size >= 90 ? insets : [];
    const right = this.tubeBox.hidden ? 14 : this.tubeBox.offsetWidth + 40;
    shown.forEach((inset, i) => {
      const [x, y] = [w - right - size - (shown.length - 1 - i) * (size + 10), 14];
      renderer.setScissorTest(true);
      renderer.setScissor(x, y, size, size);
      renderer.setViewport(x, y, size, size);
      renderer.render(inset.scene, inset.camera);
      this.calls += renderer.info.render.calls;
      this.triangles += renderer.info.render.triangles;
      let frame = this.windows[i];
      if (!frame) {
        frame = el("div", { class: "inset", "aria-hidden": "true" }, el("span", {}));
        this.labels.parentElement!.appendChild(frame);
        this.windows.push(frame);
      }
      frame.hidden = false;
      frame.style.cssText = `left:${x}px;bottom:${y}px;width:${size}px;height:${size}px`;
      const name = capital(inset.title);
      if (frame.firstChild!.textContent !== name) frame.firstChild!.textContent = name;
    });
    for (let i = shown.length; i < this.windows.length; i++) this.windows[i]!.hidden = true;
    renderer.setScissorTest(false);
    renderer.setViewport(0, 0, w, h);
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
    // what stands in a corner has the word there
    const corner = (x: number, y: number, wide: number): boolean => x + wide / 2 > this.gauges.offsetLeft && y < this.gauges.offsetTop + this.gauges.offsetHeight + 4;
    const covered = (x: number, y: number, wide: number): boolean => this.windows.some((f) => !f.hidden && x + wide / 2 > f.offsetLeft && x - wide / 2 < f.offsetLeft + f.offsetWidth && y > f.offsetTop && y < f.offsetTop + f.offsetHeight);
    let used = 0;
    for (const { text, at, colour, minor } of wanted) {
      SPOT.copy(at).project(this.camera);
      if (SPOT.z > 1 || SPOT.z < -1 || Math.abs(SPOT.x) > 1.02 || Math.abs(SPOT.y) > 1.02) continue;
      const x = ((SPOT.x + 1) / 2) * w;
      let y = ((1 - SPOT.y) / 2) * h - 20;
      if (minor && w < 700) continue;
      const wide = text.length * 7 + 16;
      for (let tries = 0; tries < 6; tries++) if (taken.some(([a, b, c]) => Math.abs(a - x) < (wide + c) / 2 && Math.abs(b - y) < 17)) y -= 17;
      if (corner(x, y, wide) || covered(x, y, wide)) continue;
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
    const sol = this.world.sol(this.et);
    const counted = sol === null ? "" : `sol ${Math.floor(sol + 0.5)}`;
    if (this.et < bodies.start_s || this.et > bodies.start_s + bodies.step_s * bodies.count) return counted;
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
    return `${counted ? `${counted}  ·  ` : ""}Ls ${((ls + 360) % 360).toFixed(1)}°`;
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
    return {
      chapter: this.chapter.key,
      chapters: this.chapters.map((c) => ({ key: c.key, start: c.start, end: c.end })),
      et_s: this.et,
      draw_calls: this.calls,
      triangles: this.triangles,
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
