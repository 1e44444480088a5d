// The places of the march. Each view keeps its own axes and says which: scene = rows (p - origin) / unit.

import * as THREE from "three";
import type { MarchEvent, RunDocument } from "./document";
import { Track, unpack } from "./document";
import type { Vec } from "./frames";
import { Planets, cross, direction, dot, eastNorthUp, ellipse, kepler, marsAxes, marsMeridian, marsPoleAxes, norm, radiusAt, turn, unit } from "./frames";
import { CloseUp } from "./closeup";
import { COLOURS, Path, Relief, airGlow, backdrop, contoured, earthGlobe, glow, graticule, groundColour, marsGlobe, plainGround, rings, skyTexture, vehicle } from "./models";

const AU = 149597870.7;

export interface Frame {
  base: string;
  rows: Vec[];
  origin_km: Vec;
  unit_km: number;
}

export interface Reading {
  name: string;
  value: number | null;
  unit: string;
  digits?: number;
}

export interface Craft {
  group: THREE.Group;
  pixels: number;
  trueSize: number;
}

export interface Mark {
  position: THREE.Vector3;
  text: string;
  minor?: boolean;
}

export class World {
  readonly tracks: Record<string, Track> = {};
  readonly planets: Planets;
  readonly relief: Relief | null;
  private sols: [ArrayLike<number>, ArrayLike<number>] | null = null;
  constructor(readonly run: RunDocument) {
    for (const [phase, packed] of Object.entries(run.tracks)) this.tracks[phase] = new Track(packed);
    this.planets = new Planets(run.bodies);
    this.relief = run.ground ? new Relief(run.ground) : null;
  }

  /** Sol of an epoch by the record's own sols, or null where there is no record. */
  sol(et: number): number | null {
    const rover = this.run.rover;
    if (!rover) return null;
    this.sols ??= [unpack(rover["et_s"]!), unpack(rover["sol"]!)];
    const [epochs, sols] = this.sols;
    const last = sols.length - 1;
    return sols[0]! + ((et - epochs[0]!) / (epochs[last]! - epochs[0]!)) * (sols[last]! - sols[0]!);
  }

  event(name: string, phase?: string): MarchEvent | undefined {
    return this.run.journey.events.find((e) => e.name === name && (!phase || e.phase === phase));
  }
}

export abstract class View {
  readonly scene = new THREE.Scene();
  /** Everything `project` knows here, in the scene's units. */
  readonly places = new Map<string, THREE.Vector3>();
  readonly craft = new Map<string, Craft>();
  readonly marks: Mark[] = [];
  /** Windows in the corner of the picture: what flies, from near by. */
  readonly insets: CloseUp[] = [];
  readonly eye = new THREE.Vector3(0, -10, 5);
  readonly aim = new THREE.Vector3();
  readonly sun = new THREE.DirectionalLight(0xffffff, 2.6);
  protected readonly sky: THREE.Points;
  nearest = 0.01;
  farthest = 1e4;
  points = 0;
  abstract frame: Frame;
  abstract scale(trueScale: boolean): string;

  constructor(readonly name: string, readonly world: World) {
    this.scene.add(this.sun, this.sun.target, new THREE.AmbientLight(0xc8c4cc, 0.5));
    this.sky = backdrop(1);
    this.scene.add(this.sky);
  }

  abstract update(et: number): void;
  abstract readings(et: number): Reading[];

  /** Called before each frame: vehicles keep a size one can see, the sky its distance. */
  fit(camera: THREE.PerspectiveCamera, height: number, trueScale: boolean): void {
    const perPixel = (2 * Math.tan((camera.fov * Math.PI) / 360)) / height;
    for (const { group, pixels, trueSize } of this.craft.values()) {
      const seen = group.position.distanceTo(camera.position) * perPixel * pixels;
      group.scale.setScalar(trueScale ? trueSize : Math.max(trueSize, seen));
    }
    this.sky.position.copy(camera.position);
    this.sky.scale.setScalar(camera.far * 0.5);
  }

  relief(_stretch: number): void {}

  /** True where there is no relief to be stretched. */
  flat(): boolean {
    return false;
  }

  protected place(name: string): THREE.Vector3 {
    let at = this.places.get(name);
    if (!at) this.places.set(name, (at = new THREE.Vector3()));
    return at;
  }

  protected fly(name: string, kind: string, pixels: number, trueMetres: number): THREE.Group {
    const group = vehicle(kind);
    this.scene.add(group);
    this.craft.set(name, { group, pixels, trueSize: trueMetres / 1000 / this.frame.unit_km });
    return group;
  }

  protected move(name: string, x: number, y: number, z: number): void {
    this.place(name).set(x, y, z);
    this.craft.get(name)?.group.position.set(x, y, z);
  }

  protected aimAlong(group: THREE.Object3D, d: Vec): void {
    group.quaternion.setFromUnitVectors(NOSE, AIM.set(d[0]!, d[1]!, d[2]!).normalize());
  }
}

const NOSE = new THREE.Vector3(0, 0, 1);
const AIM = new THREE.Vector3();

// ---------------------------------------------------------------- the Solar System

export class SkyView extends View {
  frame: Frame;
  private readonly arcs: { name: string; track: Track; path: Path; ahead: Path }[] = [];
  private readonly home: number;
  private readonly spheres: Record<string, THREE.Object3D> = {};
  private readonly halo: THREE.Sprite;
  private readonly scratch: number[] = [0, 0, 0];

  constructor(name: string, world: World, readonly phases: string[]) {
    super(name, world);
    const m = world.run.bodies.ecliptic_from_j2000;
    this.frame = { base: "J2000 about the Sun", rows: [m.slice(0, 3), m.slice(3, 6), m.slice(6, 9)], origin_km: [0, 0, 0], unit_km: AU };
    this.home = Math.min(...phases.map((p) => world.tracks[p]!.start));
    this.scene.remove(this.sun);
    const lamp = new THREE.PointLight(0xfff2dd, 3.4, 0, 0);
    this.scene.add(lamp);
    const star = new THREE.Mesh(new THREE.SphereGeometry(0.05, 40, 24), new THREE.MeshBasicMaterial({ color: "#fff1cf" }));
    this.halo = glow("rgba(255,196,96,0.55)", 0.72);
    this.scene.add(star, this.halo);
    for (const body of ["earth", "mars"] as const) {
      this.orbit(body);
      this.spheres[body] = this.globe(body);
      this.scene.add(this.spheres[body]!);
      this.place(body);
    }
    this.place("sun");
    for (const phase of phases) {
      const track = world.tracks[phase]!;
      const who = phase === "lander_outbound" ? "lander" : "orbiter";
      const colour = COLOURS[who]!;
      const points = new Float32Array(3 * track.count);
      for (let i = 0; i < track.count; i++) {
        const p = this.to(track.state(i)[0]);
        points.set(p, 3 * i);
      }
      // both ships often share an arc: the lander's is drawn broad, the orbiter's narrow upon it
      const broad = who === "lander";
      const ahead = new Path(points, colour, broad ? 3 : 1.4, 0.35);
      const path = new Path(points, colour, broad ? 9 : 4);
      // the narrow one always on top, and planets over both
      ahead.line.renderOrder = -4;
      path.line.renderOrder = broad ? -3 : -2;
      for (const one of [ahead, path]) one.line.material.depthTest = one.line.material.depthWrite = false;
      this.scene.add(ahead.line, path.line);
      this.arcs.push({ name: who, track, path, ahead });
      this.fly(who, who === "lander" ? "cruise" : "orbiter", who === "lander" ? 30 : 56, 10);
      this.insets.push(new CloseUp(who, who === "lander" ? "cruise" : "orbiter", "#0d1018", null, who === "lander" ? 1.9 : 2.2));
      this.points += track.count;
    }
    // seen from above the plane, a little from the side; room for the windows on the right
    this.eye.set(0.33, -2.45, 2.75);
    this.aim.set(0.18, -0.1, 0);
    this.nearest = 0.02;
    this.farthest = 12;
  }

  private to(p: Vec): Vec {
    return turn(this.frame.rows, p).map((x) => x / AU);
  }

  /** A planet of radius one: Mars with its relief, its axis where it points; the Earth plain. */
  private globe(body: "earth" | "mars"): THREE.Object3D {
    const group = new THREE.Group();
    const radii = this.world.run.bodies.radii_km[body]!;
    const inner = new THREE.Group();
    if (body === "mars" && this.world.relief) inner.add(marsGlobe(this.world.relief, radii, 9, 0, 0, [-90, 90, 0, 360], false, 2));
    else inner.add(earthGlobe(radii, COLOURS[body]!), graticule(radii, 30, [-90, 90, 0, 360], 25, "#ffffff", 0.35));
    inner.scale.setScalar(1 / radii[0]);
    inner.traverse((o) => {
      const m = (o as THREE.Mesh).material as THREE.MeshStandardMaterial | undefined;
      // a little light of its own: the night side stays readable
      if (m?.isMeshStandardMaterial) m.emissive.set(COLOURS[body]!), (m.emissiveIntensity = 0.22);
    });
    const axes = body === "mars" ? marsPoleAxes(this.world.run.bodies, this.home) : [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    const columns = axes.map((row) => turn(this.frame.rows, row));
    inner.setRotationFromMatrix(new THREE.Matrix4().makeBasis(...(columns.map((c) => new THREE.Vector3(c[0]!, c[1]!, c[2]!)) as [THREE.Vector3, THREE.Vector3, THREE.Vector3])));
    group.add(inner);
    return group;
  }

  private orbit(body: "earth" | "mars"): void {
    // one revolution of samples, from the middle of the arc on
    const year = (body === "earth" ? 365.26 : 686.98) * 86400;
    const { start_s, step_s, count } = this.world.run.bodies;
    const last = start_s + step_s * (count - 1);
    const from = Math.max(start_s, Math.min(this.home, last - year));
    const points: number[] = [];
    const steps = 240;
    const whole = last - from >= year;
    for (let i = 0; i <= steps; i++) points.push(...this.to(this.world.planets.position(body, from + (Math.min(year, last - from) * i) / steps)));
    if (whole) points.splice(-3, 3, points[0]!, points[1]!, points[2]!);
    this.scene.add(new Path(points, COLOURS[body]!, 1.3, 0.55).line);
  }

  update(et: number): void {
    for (const body of ["earth", "mars"] as const) {
      const p = this.to(this.world.planets.position(body, et));
      this.place(body).set(p[0]!, p[1]!, p[2]!);
      this.spheres[body]!.position.copy(this.place(body));
    }
    for (const { name, track, path } of this.arcs) {
      const p = this.to(track.position(et, this.scratch));
      this.move(name, p[0]!, p[1]!, p[2]!);
      const i = track.before(et);
      const gap = track.et[Math.min(i + 1, track.count - 1)]! - track.et[i]!;
      path.reveal(i + (gap > 0 && et > track.start ? Math.min(1, (et - track.et[i]!) / gap) : 0));
      const group = this.craft.get(name)!.group;
      const v = this.to(track.state(i)[1]);
      this.aimAlong(group, v);
      this.insets[this.arcs.findIndex((x) => x.name === name)]!.pose({ nose: v, velocity: v, up: [0, 0, 1], sun: p.map((x) => -x) });
    }
  }

  override fit(camera: THREE.PerspectiveCamera, height: number, trueScale: boolean): void {
    super.fit(camera, height, trueScale);
    const perPixel = (2 * Math.tan((camera.fov * Math.PI) / 360)) / height;
    for (const body of ["earth", "mars"]) {
      const trueRadius = this.world.run.bodies.radii_km[body]![0] / AU;
      const seen = this.spheres[body]!.position.distanceTo(camera.position) * perPixel * (body === "earth" ? 36 : 32);
      this.spheres[body]!.scale.setScalar(trueScale ? trueRadius : Math.max(trueRadius, seen));
    }
    this.halo.visible = !trueScale;
  }

  scale(trueScale: boolean): string {
    return trueScale
      ? "Distances and sizes true: at this distance planets are specks."
      : "Distances true; Sun, planets and ships drawn larger. Ecliptic of J2000 seen from the north. In the window: the ship from near by, the arrow its velocity.";
  }

  readings(et: number): Reading[] {
    const out: Reading[] = [];
    for (const { name, track } of this.arcs) {
      if (et < track.start || et > track.end) continue;
      const p = track.position(et, this.scratch);
      const earth = this.world.planets.position("earth", et);
      out.push({ name: `${name}, from the Sun`, value: norm(p) / AU, unit: "AU", digits: 4 });
      out.push({ name: `${name}, from the Earth`, value: Math.hypot(p[0]! - earth[0]!, p[1]! - earth[1]!, p[2]! - earth[2]!) / 1e6, unit: "million km", digits: 4 });
      out.push({ name: `${name}, mass`, value: track.at("mass_kg", et), unit: "kg" });
      if (out.length >= 4) break;
    }
    return out;
  }
}

// ---------------------------------------------------------------- about Mars

export class OrbitView extends View {
  frame: Frame;
  private readonly globe = new THREE.Group();
  private readonly ring: THREE.Line;
  private readonly ringPoints = new Float32Array(3 * 241);
  private readonly air: THREE.Mesh;
  private readonly gm: number;
  private readonly spent: THREE.Group;

  constructor(name: string, world: World, readonly phase: string) {
    super(name, world);
    const track = world.tracks[phase]!;
    this.gm = world.run.bodies.mars_gm_km3_s2;
    this.frame = { base: "J2000 about Mars", rows: marsPoleAxes(world.run.bodies, track.start), origin_km: [0, 0, 0], unit_km: 1000 };
    const radii = world.run.bodies.radii_km["mars"]!;
    const mars = marsGlobe(world.relief!, radii, 6, 0, 0);
    this.globe.add(mars);
    this.globe.scale.setScalar(1 / 1000);
    this.air = airGlow(radii[0] * 1.002, 1.05, "#f0a877", 0.6);
    this.globe.add(this.air);
    this.scene.add(this.globe);
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(this.ringPoints, 3));
    this.ring = new THREE.Line(geometry, new THREE.LineBasicMaterial({ color: COLOURS["orbiter"]! }));
    this.ring.frustumCulled = false;
    this.scene.add(this.ring);
    this.spent = new THREE.Group();
    this.history(track);
    this.fly("orbiter", "orbiter", 74, 20);
    this.place("mars");
    if (phase === "rendezvous") this.fly("container", "container", 30, 0.3);
    this.insets.push(new CloseUp(phase === "rendezvous" ? "orbiter and container" : "orbiter", "orbiter", "#0d1018", null, 2.6, phase === "rendezvous" ? "container" : null));
    this.points = track.count;
    // from above the orbit's own plane, on the sunny side
    const [p, v] = track.state(Math.floor(track.count / 2)).map((x) => turn(this.frame.rows, x)) as [Vec, Vec];
    let normal = unit(cross(p, v));
    if (normal[2]! < 0) normal = normal.map((x) => -x);
    const day = unit(turn(this.frame.rows, world.planets.position("mars", (track.start + track.end) / 2).map((x) => -x)));
    const flat = unit(day.map((x, k) => x - normal[k]! * dot(day, normal)));
    const side = cross(normal, flat);
    const reach = phase === "insertion" ? 27 : 11.5;
    const tilt = phase === "insertion" ? 0.75 : 0.42;
    const out = [0, 1, 2].map((k) => reach * (tilt * normal[k]! + Math.sqrt(1 - tilt * tilt) * (0.8 * flat[k]! + 0.6 * side[k]!)));
    this.eye.set(out[0]!, out[1]!, out[2]!);
    this.nearest = 0.4;
    this.farthest = 400;
  }

  /** Rings of the orbits that were flown, one in so many, faint. */
  private history(track: Track): void {
    const count = this.phase === "insertion" ? 26 : 8;
    const points = new Float32Array(3 * 181);
    for (let n = 0; n < count; n++) {
      const i = Math.round(((track.count - 1) * n) / (count - 1));
      const [p, v] = track.state(i);
      const flat = new Float32Array(points.length);
      if (!ellipse(turn(this.frame.rows, p), turn(this.frame.rows, v), this.gm, 1 / 1000, flat)) continue;
      if (norm(p) > 120000) continue;
      const geometry = new THREE.BufferGeometry();
      geometry.setAttribute("position", new THREE.BufferAttribute(flat, 3));
      const line = new THREE.Line(geometry, new THREE.LineBasicMaterial({ color: COLOURS["orbiter"]!, transparent: true, opacity: 0.22 }));
      line.frustumCulled = false;
      this.spent.add(line);
    }
    this.scene.add(this.spent);
  }

  /** Between two points of a sparse track the ship follows its own Kepler orbit. */
  private state(et: number): [Vec, Vec] {
    const track = this.world.tracks[this.phase]!;
    const i = track.before(et);
    const [p, v] = track.state(i);
    const span = Math.min(et, track.end) - track.et[i]!;
    if (Math.abs(span) < 1e-6) return [p, v];
    const at = kepler(p, v, this.gm, span);
    const later = kepler(p, v, this.gm, span + 1);
    return [at, later.map((x, k) => x - at[k]!)];
  }

  update(et: number): void {
    const track = this.world.tracks[this.phase]!;
    const rows = this.frame.rows;
    const [p, v] = this.state(Math.max(track.start, et));
    const q = turn(rows, p).map((x) => x / 1000);
    this.move("orbiter", q[0]!, q[1]!, q[2]!);
    this.aimAlong(this.craft.get("orbiter")!.group, turn(rows, v));
    this.globe.rotation.z = marsMeridian(this.world.run.bodies, et);
    const towards = unit(turn(rows, this.world.planets.position("mars", et).map((x) => -x)));
    this.sun.position.set(towards[0]! * 50, towards[1]! * 50, towards[2]! * 50);
    (this.air.material as THREE.ShaderMaterial).uniforms["sun"]!.value.set(towards[0]!, towards[1]!, towards[2]!);
    ellipse(turn(rows, p), turn(rows, v), this.gm, 1 / 1000, this.ringPoints);
    this.ring.geometry.attributes["position"]!.needsUpdate = true;
    const other = this.phase === "rendezvous" ? this.container(p, v, et) : undefined;
    if (other) {
      const s = turn(rows, p.map((x, k) => x + other[k]!)).map((value) => value / 1000);
      this.move("container", s[0]!, s[1]!, s[2]!);
    }
    const nose = turn(rows, v);
    this.insets[0]!.pose({ nose, velocity: nose, up: q, sun: towards, ...(other ? { other: turn(rows, other) } : {}) });
  }

  /** From the orbiter to the container, J2000 axes [km]: radially, along the track, across. */
  private container(p: Vec, v: Vec, et: number): Vec {
    const track = this.world.tracks[this.phase]!;
    const out = unit(p);
    const pole = unit(cross(p, v));
    const along = cross(pole, out);
    const [r, a, c] = ["radial", "along", "across"].map((k) => track.at(`container_${k}_km`, et));
    // a run of an earlier version tells the distance alone
    if (r === null || a === null || c === null) return along.map((x) => x * (track.at("distance_km", et) ?? 0));
    return [0, 1, 2].map((k) => r! * out[k]! + a! * along[k]! + c! * pole[k]!);
  }

  scale(trueScale: boolean): string {
    const near = this.phase === "rendezvous" ? " In the window: the container's direction is true, its distance is not." : "";
    const big = trueScale ? "Ships drawn to scale." : "Ships drawn larger.";
    return `Relief of Mars ${this.world.run.ground!.resolution_globe}, six times too high. ${big} Between points of the track a Kepler arc.${near}`;
  }

  readings(et: number): Reading[] {
    const track = this.world.tracks[this.phase]!;
    const [p, v] = this.state(et);
    const a = 1 / (2 / norm(p) - (v[0]! ** 2 + v[1]! ** 2 + v[2]! ** 2) / this.gm);
    return [
      { name: "altitude", value: norm(p) - this.world.run.bodies.radii_km["mars"]![0], unit: "km" },
      { name: "speed", value: norm(v), unit: "km/s", digits: 4 },
      { name: "semi-major axis", value: a, unit: "km" },
      { name: "mass", value: track.at("mass_kg", et), unit: "kg" },
      ...(this.phase === "rendezvous" ? [{ name: "distance", value: track.at("distance_km", et), unit: "km" }] : []),
    ];
  }
}

// ---------------------------------------------------------------- near the ground, planet-fixed

interface LocalOrder {
  name: string;
  planet: "mars" | "earth";
  site: [number, number];
  phases: string[];
  heat: string;
  craft: string;
  kind: string;
  /** Near the ground: flat ground with rings instead of relief, at most so far to be seen [km]. */
  close?: number;
  pixels?: number;
}

// cool to hot, dark to bright: reads without colour
const HEAT = ["#3b528b", "#7d4c9c", "#c4446c", "#f07a3c", "#fbd24a", "#fffbe0"].map((c) => new THREE.Color(c));

function heatColour(share: number, into: THREE.Color): THREE.Color {
  const x = Math.max(0, Math.min(0.9999, share)) * (HEAT.length - 1);
  const i = Math.floor(x);
  return into.copy(HEAT[i]!).lerp(HEAT[i + 1]!, x - i);
}

export class LocalView extends View {
  frame: Frame;
  private readonly parts: { track: Track; fixed: Float64Array; path: Path; chosen: number[] }[] = [];
  private readonly globe = new THREE.Group();
  private ground: THREE.Object3D[] = [];
  private air: THREE.Mesh;
  private readonly level: number;
  private readonly offset: number;
  private stretch = 4;
  private readonly drop = new THREE.BufferGeometry();
  private readonly dropPoints = new Float32Array(6);
  private stageFrom: { et: number; p: Vec; v: Vec } | null = null;
  private ringStep = 0;

  constructor(readonly order: LocalOrder, world: World) {
    super(order.name, world);
    const radii = world.run.bodies.radii_km[order.planet]!;
    const [latitude, longitude] = order.site;
    // the level of the ground at the site: where the lowest end of a track is, else the ellipsoid
    let siteRadius = radiusAt(radii, latitude);
    for (const phase of order.phases) {
      const track = world.tracks[phase]!;
      const altitude = track.columns["altitude_km"];
      if (!altitude) continue;
      for (const i of [0, track.count - 1]) if (altitude[i]! < 8) siteRadius = norm(track.state(i)[0]);
    }
    const rows = eastNorthUp(latitude, longitude);
    this.frame = { base: `${order.planet}-fixed`, rows, origin_km: direction(latitude, longitude).map((x) => x * siteRadius), unit_km: 1 };
    this.offset = siteRadius - radiusAt(radii, latitude);
    this.level = world.relief && order.planet === "mars" ? world.relief.at(latitude, longitude) : 0;
    const basis = new THREE.Matrix4().set(
      rows[0]![0]!, rows[0]![1]!, rows[0]![2]!, 0,
      rows[1]![0]!, rows[1]![1]!, rows[1]![2]!, 0,
      rows[2]![0]!, rows[2]![1]!, rows[2]![2]!, -siteRadius,
      0, 0, 0, 1);
    this.globe.matrixAutoUpdate = false;
    this.globe.matrix.copy(basis);
    this.scene.add(this.globe);
    this.air = airGlow(radii[0], 1.025, order.planet === "mars" ? "#f3b184" : "#79b4ff", order.planet === "mars" ? 0.6 : 0.85);
    this.globe.add(this.air);
    this.build();
    for (const phase of order.phases) this.addTrack(phase);
    this.fly(order.craft, order.kind, order.pixels ?? 62, order.kind === "ascender" ? 2.2 : order.planet === "mars" ? 4 : 1.3);
    this.insets.push(new CloseUp(order.craft === "capsule" && order.planet === "mars" ? "capsule and lander" : order.craft, order.kind, order.planet === "mars" ? "#1d1310" : "#0d1526", order.planet === "mars" ? "#a1562f" : "#a28f6a", order.kind === "entry" ? 3.4 : 2.6, order.name === "launch" ? "stage one" : null));
    this.scene.add(new THREE.HemisphereLight(order.planet === "mars" ? 0xf0c8a8 : 0xcfe0ff, 0x4a3a30, order.close ? 0.9 : 0.7));
    this.place("site").set(0, 0, 0);
    if (order.name === "toss") {
      this.fly("lander", "lander", 40, 6);
      this.move("lander", 0, 0, 0);
    }
    if (order.close) this.lay(order.close);
    if (order.name === "descent") for (const kind of ["heat shield", "backshell"]) this.fly(kind, kind, 26, 4);
    if (!world.event("touchdown") || !["entry", "descent"].includes(order.name)) this.marks.push({ position: this.place("site"), text: order.planet === "mars" ? "Jezero" : "Utah" });
    if (order.name === "launch" || order.name === "toss") {
      this.fly("stage one", "stage one", 40, 2);
      const event = world.event("stage_separation", "ascent");
      if (event) {
        const track = world.tracks["ascent"]!;
        const [p, v] = track.state(track.before(event.et_s));
        this.stageFrom = { et: track.et[track.before(event.et_s)]!, p, v };
      }
    }
    this.drop.setAttribute("position", new THREE.BufferAttribute(this.dropPoints, 3));
    const line = new THREE.Line(this.drop, new THREE.LineBasicMaterial({ color: "#ffffff", transparent: true, opacity: 0.45 }));
    line.frustumCulled = false;
    this.scene.add(line);
    this.events();
    this.nearest = order.close ? order.close * 1e-5 : 2;
    this.farthest = order.close ? order.close * 6 : 14000;
  }

  override flat(): boolean {
    return this.order.close !== undefined || this.order.planet === "earth";
  }

  /** Ground for what happens close to it, under a sky with dust in it. */
  private lay(reach: number): void {
    const mars = this.order.planet === "mars";
    const step = 10 ** Math.floor(Math.log10(reach / 12));
    this.scene.add(plainGround(reach * 3, mars ? "#b4653d" : "#b9a47c"), rings([1, 2, 5, 10, 20].map((k) => k * step), "#ffe9d2", 0.4));
    this.ringStep = step;
    this.scene.background = mars ? skyTexture("#5a3a26", "#d39b6a") : skyTexture("#25507f", "#bcd0e0");
    this.sky.visible = false;
    this.globe.visible = false;
  }

  private build(): void {
    if (this.order.close) return;
    for (const old of this.ground) {
      this.globe.remove(old);
      (old as THREE.Mesh).geometry?.dispose();
    }
    const radii = this.world.run.bodies.radii_km[this.order.planet]!;
    if (this.order.planet === "mars") {
      const [rows, columns] = this.world.run.ground!.corridor_shape;
      const [south, west, step] = this.world.run.ground!.corridor_origin_deg;
      const box: [number, number, number, number] = [south, south + step * (rows - 1), west, west + step * (columns - 1)];
      const globe = marsGlobe(this.world.relief!, radii, this.stretch, this.level, this.offset - 6 * this.stretch ** 0.5);
      const patch = marsGlobe(this.world.relief!, radii, this.stretch, this.level, this.offset, box, true);
      this.ground = [globe, patch];
    } else {
      const [latitude, longitude] = this.order.site;
      const earth = earthGlobe(radii, "#c9ae80");
      earth.scale.setScalar((radiusAt(radii, latitude) + this.offset - 0.4) / radiusAt(radii, latitude));
      const box: [number, number, number, number] = [latitude - 14, latitude + 14, longitude - 24, longitude + 24];
      this.ground = [earth, graticule(radii, 2, box, this.offset, "#f3e6c8", 0.28)];
    }
    for (const one of this.ground) this.globe.add(one);
  }

  override relief(stretch: number): void {
    if (stretch !== this.stretch && this.order.planet === "mars") {
      this.stretch = stretch;
      this.build();
    }
  }

  private fixed(track: Track, i: number): Vec {
    const p = track.state(i)[0];
    if (this.order.planet === "mars") return turn(marsAxes(this.world.run.bodies, track.et[i]!), p);
    const latitude = track.columns["latitude_deg"]![i]!;
    return direction(latitude, track.columns["longitude_deg"]![i]!).map((x) => x * norm(p));
  }

  private to(fixed: Vec): Vec {
    const o = this.frame.origin_km;
    return turn(this.frame.rows, [fixed[0]! - o[0]!, fixed[1]! - o[1]!, fixed[2]! - o[2]!]);
  }

  private addTrack(phase: string): void {
    const track = this.world.tracks[phase]!;
    const fixed = new Float64Array(3 * track.count);
    for (let i = 0; i < track.count; i++) fixed.set(this.to(this.fixed(track, i)), 3 * i);
    const column = track.columns[this.order.heat] ?? track.columns["deceleration_g"];
    let most = 1e-9;
    for (const v of column ?? []) most = Math.max(most, v);
    const steps = Math.min(track.count, 900);
    const points: number[] = [];
    const colours: number[] = [];
    const chosen: number[] = [];
    const paint = new THREE.Color();
    for (let n = 0; n < steps; n++) {
      const i = Math.round(((track.count - 1) * n) / (steps - 1));
      chosen.push(i);
      points.push(fixed[3 * i]!, fixed[3 * i + 1]!, fixed[3 * i + 2]!);
      if (this.order.craft === "ascender") paint.set(COLOURS["ascender"]!).multiplyScalar(column && column[i]! > 0.01 ? 1 : 0.5);
      else heatColour(0.12 + 0.88 * Math.sqrt((column ? column[i]! : 0) / most), paint);
      colours.push(paint.r, paint.g, paint.b);
    }
    const ahead = new Path(points, "#ffffff", 1.2, 0.28);
    const path = new Path(points, "#ffffff", 4.2, 1, colours);
    this.scene.add(ahead.line, path.line);
    this.parts.push({ track, fixed, path, chosen });
    this.points += track.count;
  }

  private events(): void {
    const shown = new Set(["entry_interface", "peak_deceleration", "parachute_deploy", "touchdown", "lift_off", "stage_one_burnout", "stage_separation", "stage_two_burnout", "earth_entry_interface", "impact", "powered_descent_start"]);
    const stems: number[] = [];
    for (const event of this.world.run.journey.events) {
      const part = this.parts.find((x) => this.order.phases.includes(event.phase) && event.et_s >= x.track.start - 1 && event.et_s <= x.track.end + 1);
      if (!part || !shown.has(event.name) || !this.order.phases.includes(event.phase)) continue;
      const at = this.local(part, event.et_s);
      const position = new THREE.Vector3(at[0]!, at[1]!, at[2]!);
      const crowded = this.marks.some((m) => m.position.distanceTo(position) < 25);
      if (!crowded || event.name === "touchdown") this.marks.push({ position, text: event.name.replaceAll("_", " ").replace("earth entry", "entry"), minor: crowded });
      const foot = this.foot(position);
      stems.push(position.x, position.y, position.z, foot.x, foot.y, foot.z);
    }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.Float32BufferAttribute(stems, 3));
    const lines = new THREE.LineSegments(geometry, new THREE.LineBasicMaterial({ color: "#ffffff", transparent: true, opacity: 0.25 }));
    lines.frustumCulled = false;
    this.scene.add(lines);
  }

  /** The point of the ground's level below a place. */
  private foot(at: THREE.Vector3): THREE.Vector3 {
    const r = norm(this.frame.origin_km);
    return FOOT.set(at.x, at.y, at.z + r).setLength(r).sub(UP.set(0, 0, r)).clone();
  }

  private local(part: { track: Track; fixed: Float64Array }, et: number): Vec {
    const { track, fixed } = part;
    const i = track.before(et);
    const j = Math.min(i + 1, track.count - 1);
    const gap = track.et[j]! - track.et[i]!;
    const s = gap > 0 ? Math.max(0, Math.min(1, (et - track.et[i]!) / gap)) : 0;
    return [0, 1, 2].map((k) => fixed[3 * i + k]! + s * (fixed[3 * j + k]! - fixed[3 * i + k]!));
  }

  private at(et: number): { track: Track; fixed: Float64Array; path: Path; chosen: number[] } {
    return this.parts.find((x) => et <= x.track.end) ?? this.parts[this.parts.length - 1]!;
  }

  update(et: number): void {
    const now = this.at(et);
    const p = this.local(now, et);
    this.move(this.order.craft, p[0]!, p[1]!, p[2]!);
    const craft = this.craft.get(this.order.craft)!.group;
    const before = this.local(now, et - 0.5);
    const after = this.local(now, et + 0.5);
    const along = [0, 1, 2].map((k) => after[k]! - before[k]!);
    const still = norm(along) < 1e-6;
    const nose = still ? [0, 0, this.order.craft === "ascender" ? 1 : -1] : this.nose(now.track, et, along);
    this.aimAlong(craft, nose);
    for (const { track, path, chosen } of this.parts) {
      if (et <= track.start) path.reveal(0);
      else if (et >= track.end) path.reveal(chosen.length);
      else {
        const i = track.before(et);
        let low = 0;
        let high = chosen.length - 1;
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if (chosen[middle]! <= i) low = middle;
          else high = middle - 1;
        }
        path.reveal(low + 1);
      }
    }
    const foot = this.foot(this.place(this.order.craft));
    this.place("ground below").copy(foot);
    this.dropPoints.set([p[0]!, p[1]!, p[2]!, foot.x, foot.y, foot.z]);
    this.drop.attributes["position"]!.needsUpdate = true;
    const sun = this.sunAt(now.track, et);
    this.sun.position.set(sun[0]! * 9000, sun[1]! * 9000, sun[2]! * 9000);
    (this.air.material as THREE.ShaderMaterial).uniforms["sun"]!.value.set(sun[0]!, sun[1]!, sun[2]!);
    this.stages(craft, et, now.track);
    this.spent(craft, et);
    this.stages(this.insets[0]!.craft, et, now.track);
    const r = norm(this.frame.origin_km);
    const heat = now.track.at(this.order.heat, et);
    this.insets[0]!.pose({
      nose, velocity: still ? [0, 0, 0] : along, up: [p[0]! / r, p[1]! / r, 1 + p[2]! / r], sun,
      ...this.parted(et, p),
      ...(this.insets[0]!.part("parachute")?.visible ? { behind: 1.05, away: 6.6 } : {}),
      heat: this.order.heat === "heat_flux_W_cm2" && heat ? Math.sqrt(heat / this.hottest(now.track)) : 0,
    });
    this.dropped(et, now.track);
  }

  /** For the window: once the stages are apart, the upper one alone, and where the other is. */
  private parted(et: number, p: Vec): { other?: Vec; behind?: number } {
    if (!this.stageFrom || et < this.stageFrom.et) return {};
    const q = this.place("stage one");
    const other = [q.x - p[0]!, q.y - p[1]!, q.z - p[2]!];
    return { behind: -0.25, ...(norm(other) > 1e-6 ? { other } : {}) };
  }

  private readonly most = new Map<Track, number>();
  private hottest(track: Track): number {
    let most = this.most.get(track);
    if (most === undefined) {
      most = 1e-9;
      for (const v of track.columns[this.order.heat] ?? []) most = Math.max(most, v);
      this.most.set(track, most);
    }
    return most;
  }

  /** Where the nose points: the rocket as its track has it; under the lander's engines, down. */
  private nose(track: Track, et: number, along: Vec): Vec {
    const powered = this.world.event("powered_descent_start");
    if (this.order.kind === "entry" && powered && et >= powered.et_s) return [0, 0, -1];
    return this.attitude(track, et) ?? along;
  }

  /** Heat shield and backshell after they are let go: drawn falling, they have no track. */
  private dropped(et: number, track: Track): void {
    if (this.order.name !== "descent") return;
    for (const [kind, name, sink] of [["heat shield", "heat_shield_separation", 0.115], ["backshell", "backshell_separation", 0.07]] as const) {
      const event = this.world.event(name);
      const group = this.craft.get(kind)!.group;
      group.visible = Boolean(event && et >= event.et_s);
      if (!event || !group.visible) {
        this.move(kind, 0, 0, -1);
        continue;
      }
      const part = this.parts[0]!;
      const [a, b] = [this.local(part, event.et_s - 0.5), this.local(part, event.et_s + 0.5)];
      const t = et - event.et_s;
      const brake = 6 * (1 - Math.exp(-t / 6));
      const at = [0, 1, 2].map((k) => (a[k]! + b[k]!) / 2 + (b[k]! - a[k]!) * brake - (k === 2 ? sink * (t - brake) : 0));
      this.move(kind, at[0]!, at[1]!, Math.max(0.001, at[2]!));
      group.rotation.set(t * 0.7, t * 0.4, 0);
      if (at[2]! < 0.001) group.visible = false;
    }
    void track;
  }

  private sunAt(track: Track, et: number): Vec {
    const phase = this.order.phases.find((x) => this.world.tracks[x] === track)!;
    const suns = this.world.run.bodies.suns[phase];
    if (!suns) return [0.5, -0.4, 0.75];
    const x = Math.max(0, Math.min(0.9999, (et - suns.start_s) / Math.max(1e-9, suns.end_s - suns.start_s))) * (suns.towards_f.length - 1);
    const i = Math.floor(x);
    const s = suns.towards_f[i]!.map((v, k) => v + (x - i) * (suns.towards_f[i + 1]![k]! - v));
    return unit(turn(this.frame.rows, s));
  }

  /** The nose of a rocket: the quaternion of its track where it has one, else its thrust. */
  private attitude(track: Track, et: number): Vec | null {
    if (this.order.craft !== "ascender") return null;
    const i = Math.min(track.count - 2, track.before(et));
    const q = ["w", "x", "y", "z"].map((k) => track.columns[`q_i_from_b_${k}`]?.[i]);
    const axes = marsAxes(this.world.run.bodies, et);
    if (q.every((x) => x !== undefined)) {
      const [w, x, y, z] = q as [number, number, number, number];
      const nose = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)];
      return turn(this.frame.rows, turn(axes, nose));
    }
    const thrust = track.columns["thrust_kN"];
    if (!thrust || !(thrust[i]! > 0.1) || !(thrust[i + 1]! > 0.1)) return null;
    const [p, v] = track.state(i);
    const [, w] = track.state(i + 1);
    const gap = track.et[i + 1]! - track.et[i]!;
    if (!(gap > 0)) return null;
    const r3 = norm(p) ** 3 / this.world.run.bodies.mars_gm_km3_s2;
    return turn(this.frame.rows, turn(axes, [0, 1, 2].map((k) => (w[k]! - v[k]!) / gap + p[k]! / r3)));
  }

  private stages(craft: THREE.Object3D, et: number, track: Track): void {
    const chute = craft.getObjectByName("parachute");
    if (chute) {
      const passed = (name: string): boolean => {
        const event = this.world.event(name);
        return Boolean(event && et >= event.et_s);
      };
      const shell = !passed("backshell_separation");
      chute.visible = passed("parachute_deploy") && shell;
      craft.getObjectByName("heat shield")!.visible = !passed("heat_shield_separation");
      craft.getObjectByName("backshell")!.visible = shell;
      const lander = craft.getObjectByName("lander")!;
      lander.visible = passed("heat_shield_separation");
      lander.scale.setScalar(shell ? 0.72 : 1.3);
      craft.getObjectByName("flames")!.visible = !shell && (track.at("thrust_kN", et) ?? 0) > 0.05;
    }
    if (!["launch", "toss"].includes(this.order.name)) return;
    const burning = (track.at("thrust_kN", et) ?? 0) > 0.1 && et > track.start && et < track.end;
    const apart = this.stageFrom !== null && et >= this.stageFrom.et;
    const flame = craft.getObjectByName("flame")!;
    flame.visible = burning;
    flame.position.z = apart ? -0.3 : -0.95;
    craft.getObjectByName("stage one")!.visible = !apart;
  }

  private spent(craft: THREE.Object3D, et: number): void {
    if (!this.craft.has("stage one")) return;
    void craft;
    const apart = this.stageFrom !== null && et >= this.stageFrom.et;
    const empty = this.craft.get("stage one")!.group;
    empty.visible = apart;
    if (apart && this.stageFrom) {
      const p = kepler(this.stageFrom.p, this.stageFrom.v, this.world.run.bodies.mars_gm_km3_s2, et - this.stageFrom.et);
      const at = this.to(turn(marsAxes(this.world.run.bodies, et), p));
      this.move("stage one", at[0]!, at[1]!, at[2]!);
      empty.rotation.set(0.7 + (et - this.stageFrom.et) * 0.05, 0.4, 0);
    } else this.move("stage one", this.place("ascender").x, this.place("ascender").y, this.place("ascender").z);
  }

  scale(trueScale: boolean): string {
    const sunless = this.order.phases.some((p) => !this.world.run.bodies.suns[p]);
    const big = (trueScale ? "Vehicle drawn to scale." : "Vehicle drawn larger.") + (sunless ? " The light is made up: no ephemeris for this date." : "");
    if (this.order.planet === "earth") return `Heights true. ${big} No map of the Earth ships with this program: plain ground, 2° graticule.`;
    if (this.order.close) {
      const each = this.ringStep >= 1 ? `${this.ringStep} km` : `${Math.round(this.ringStep * 1000)} m`;
      const loose = this.order.name === "descent" ? " Heat shield and backshell are drawn falling: they have no track." : "";
      return `Flight true to scale. ${big} Plain ground: no relief so fine is at hand; rings at 1, 2, 5, 10, 20 times ${each}.${loose}`;
    }
    const g = this.world.run.ground!;
    const spent = this.order.name === "launch" ? " The spent stage falls on its own Kepler arc." : "";
    return `Flight true to scale; relief ${this.stretch === 1 ? "true" : `${this.stretch} times too high`}, resolved to ${g.resolution_corridor} here, ${g.resolution_globe} beyond. ${big}${spent}`;
  }

  readings(et: number): Reading[] {
    const { track } = this.at(et);
    const wanted: [string, string, string][] = [
      ...(this.order.close ? [["clearance_km", "above the ground", "km"] as [string, string, string]] : []), ["altitude_km", "altitude", "km"], ["relative_speed_m_s", "speed over ground", "m/s"], ["mach", "Mach", ""],
      ["deceleration_g", this.order.craft === "ascender" ? "acceleration" : "deceleration", "g₀"], ["dynamic_pressure_Pa", "dynamic pressure", "Pa"],
      ["heat_flux_W_cm2", "heating", "W/cm²"], ["thrust_kN", "thrust", "kN"], ["mass_kg", "mass", "kg"],
    ];
    return wanted.filter(([c]) => track.columns[c]).map(([c, name, u]) => ({ name, value: track.at(c, et), unit: u, digits: 3 }));
  }
}

const FOOT = new THREE.Vector3();
const UP = new THREE.Vector3();

// ---------------------------------------------------------------- Jezero

export class JezeroView extends View {
  frame: Frame;
  private readonly et: Float64Array;
  private readonly path: Float64Array;
  private readonly walked: Path;
  private readonly tubes: THREE.InstancedMesh;
  private readonly tubeAt: THREE.Vector3[] = [];
  private readonly odometer: Float32Array;
  private readonly heights: { x: Float64Array; y: Float64Array; z: Float64Array };
  private stretch = 3;
  private land: THREE.Mesh | null = null;
  private readonly box: [number, number, number, number];
  private readonly surface: Track | null;
  private now = 0;

  constructor(name: string, world: World) {
    super(name, world);
    const rover = world.run.rover!;
    const latitude = unpack(rover["latitude_deg"]!) as Float64Array;
    const longitude = unpack(rover["longitude_deg"]!) as Float64Array;
    const elevation = unpack(rover["elevation_m"]!) as Float32Array;
    this.et = unpack(rover["et_s"]!) as Float64Array;
    this.odometer = unpack(rover["odometer_m"]!) as Float32Array;
    const site = world.run.sites["lander"] ?? world.run.sites["site"] ?? [latitude[0]!, longitude[0]!];
    const radius = radiusAt(world.run.bodies.radii_km["mars"]!, site[0]);
    this.frame = { base: "mars-fixed", rows: eastNorthUp(site[0], site[1]), origin_km: direction(site[0], site[1]).map((x) => x * radius), unit_km: 1 };
    const n = latitude.length;
    this.path = new Float64Array(3 * n);
    const known = { x: [] as number[], y: [] as number[], z: [] as number[] };
    const level = nearestHeight(site, latitude, longitude, elevation);
    for (let i = 0; i < n; i++) {
      const [x, y] = this.ground(latitude[i]!, longitude[i]!);
      const z = (elevation[i]! - level) / 1000;
      this.path.set([x, y, z], 3 * i);
      if (Number.isFinite(z)) {
        known.x.push(x);
        known.y.push(y);
        known.z.push(z);
      }
    }
    this.heights = { x: Float64Array.from(known.x), y: Float64Array.from(known.y), z: Float64Array.from(known.z) };
    const xs = this.heights.x;
    const ys = this.heights.y;
    this.box = [Math.min(...xs, 0) - 5, Math.max(...xs, 0) + 5, Math.min(...ys, 0) - 5, Math.max(...ys, 0) + 5];
    for (let i = 0; i < n; i++) this.path[3 * i + 2] = this.height(this.path[3 * i]!, this.path[3 * i + 1]!);
    this.surface = world.tracks["surface"] ?? null;
    const line = this.lifted();
    this.walked = new Path(line, COLOURS["rover"]!, 3.2);
    this.scene.add(new Path(line, COLOURS["rover"]!, 1.3, 0.35).line, this.walked.line);
    this.points = n;
    const tubeShape = new THREE.CylinderGeometry(0.05, 0.05, 0.42, 14);
    tubeShape.rotateX(HALF);
    this.tubes = new THREE.InstancedMesh(tubeShape, new THREE.MeshBasicMaterial(), world.run.tubes.length);
    this.tubes.frustumCulled = false;
    this.scene.add(this.tubes);
    this.scene.background = skyTexture("#120b09", "#54321f");
    this.sky.visible = false;
    this.fly("rover", "rover", 54, 3);
    this.fly("lander", "lander", 50, 6);
    this.place("tube");
    const home = new Map(world.run.journey.tubes.map((t) => [t.id, t.state === "delivered"]));
    world.run.tubes.forEach((tube, i) => {
      this.tubes.setColorAt(i, new THREE.Color(home.get(tube.id) ? COLOURS["tube"]! : COLOURS["stays"]!));
      this.tubeAt.push(new THREE.Vector3());
      this.place(tube.id);
    });
    this.marks.push({ position: this.place("lander"), text: "lander" }, { position: this.place("rover"), text: "rover" });
    this.buildLand();
    const reach = Math.max(this.box[1] - this.box[0], this.box[3] - this.box[2]);
    const mid = [(this.box[0] + this.box[1]) / 2, (this.box[2] + this.box[3]) / 2];
    this.aim.set(mid[0]! + reach * 0.01, mid[1]! + reach * 0.03, 0);
    this.eye.set(mid[0]! + reach * 0.13, mid[1]! - reach * 0.5, reach * 0.37);
    this.nearest = 0.05;
    this.farthest = 300;
  }

  private ground(latitude: number, longitude: number): [number, number] {
    const radius = norm(this.frame.origin_km);
    const d = direction(latitude, longitude).map((x) => x * radius);
    const o = this.frame.origin_km;
    const p = turn(this.frame.rows, [d[0]! - o[0]!, d[1]! - o[1]!, d[2]! - o[2]!]);
    return [p[0]!, p[1]!];
  }

  /** Height of the ground [km] from the path's own elevations, nearer ones counting more. */
  private height(x: number, y: number): number {
    const { x: xs, y: ys, z } = this.heights;
    let sum = 0;
    let weight = 0;
    for (let i = 0; i < xs.length; i++) {
      const d2 = (xs[i]! - x) ** 2 + (ys[i]! - y) ** 2 + 0.02;
      const w = 1 / (d2 * d2);
      sum += w * z[i]!;
      weight += w;
    }
    return weight > 0 ? sum / weight : 0;
  }

  private lifted(): Float32Array {
    const out = new Float32Array(this.path.length);
    for (let i = 0; i < out.length; i += 3) {
      out[i] = this.path[i]!;
      out[i + 1] = this.path[i + 1]!;
      out[i + 2] = this.path[i + 2]! * this.stretch + 0.03;
    }
    return out;
  }

  private buildLand(): void {
    if (this.land) {
      this.scene.remove(this.land);
      this.land.geometry.dispose();
    }
    const n = 110;
    const [west, east, south, north] = this.box;
    const position = new Float32Array(3 * n * n);
    const colours = new Float32Array(4 * n * n);
    const paint = new THREE.Color();
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const x = west + ((east - west) * j) / (n - 1);
        const y = south + ((north - south) * i) / (n - 1);
        const z = this.height(x, y);
        position.set([x, y, z * this.stretch - 0.01], 3 * (i * n + j));
        // the ramp over the few hundred metres of relief here; pale far from the path, where nothing is known
        groundColour(-4200 + z * 9000, paint);
        const edge = Math.min(x - west, east - x, y - south, north - y);
        const known = Math.min(1, Math.max(0, (edge - 0.2) / 4));
        colours.set([paint.r, paint.g, paint.b, known * known * (3 - 2 * known)], 4 * (i * n + j));
      }
    const index: number[] = [];
    for (let i = 0; i < n - 1; i++)
      for (let j = 0; j < n - 1; j++) {
        const a = i * n + j;
        index.push(a, a + 1, a + n, a + 1, a + n + 1, a + n);
      }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(position, 3));
    geometry.setAttribute("color", new THREE.BufferAttribute(colours, 4));
    geometry.setIndex(index);
    geometry.computeVertexNormals();
    const material = new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 1, metalness: 0, transparent: true });
    contoured(material, (CONTOUR / 1000) * this.stretch, "#2b120a");
    this.land = new THREE.Mesh(geometry, material);
    this.scene.add(this.land);
  }

  override relief(stretch: number): void {
    const wanted = stretch === 1 ? 1 : 3;
    if (wanted === this.stretch) return;
    this.stretch = wanted;
    this.buildLand();
    this.walked.line.geometry.setPositions(Array.from(this.lifted()));
    this.update(this.now);
  }

  private put(name: string, x: number, y: number, above = 0.02): void {
    this.move(name, x, y, this.height(x, y) * this.stretch + above);
  }

  /** Where the rover is: by the record while there is one, then by the track. */
  private rover(et: number): [number, number, number] {
    const last = this.et.length - 1;
    const track = this.surface;
    if (track && et > this.et[last]! && et >= track.start && track.columns["latitude_deg"]) {
      const [x, y] = this.ground(track.at("latitude_deg", et)!, track.at("longitude_deg", et)!);
      return [x, y, last];
    }
    let i = 0;
    while (i < last && this.et[i + 1]! <= et) i++;
    const j = Math.min(last, i + 1);
    const gap = this.et[j]! - this.et[i]!;
    const s = gap > 0 ? Math.max(0, Math.min(1, (et - this.et[i]!) / gap)) : 0;
    const p = this.path;
    return [p[3 * i]! + s * (p[3 * j]! - p[3 * i]!), p[3 * i + 1]! + s * (p[3 * j + 1]! - p[3 * i + 1]!), i + s];
  }

  update(et: number): void {
    this.now = et;
    const [x, y, way] = this.rover(et);
    this.put("rover", x, y);
    this.walked.reveal(way);
    this.put("lander", 0, 0);
    const touchdown = this.world.event("touchdown");
    const lift = this.world.event("lift_off", "ascent");
    this.craft.get("lander")!.group.visible = Boolean(touchdown && et >= touchdown.et_s);
    const matrix = new THREE.Matrix4();
    this.world.run.tubes.forEach((tube, i) => {
      const at = this.tubeAt[i]!;
      const journey = this.world.run.journey.tubes.find((t) => t.id === tube.id);
      const loaded = journey?.custody.find((c) => c.holder === "ascender")?.from_utc;
      const handed = loaded ? etOf(loaded) : Infinity;
      let size = 1;
      if (tube.core_et_s === null || et < tube.core_et_s) size = 0;
      else if (tube.drop_et_s !== null && et >= tube.drop_et_s && tube.depot_deg) at.set(...this.ground(...tube.depot_deg), 0);
      else if (et >= handed) {
        at.set(0, 0, 0);
        if (lift && et >= lift.et_s) size = 0;
      } else at.set(x, y, 0);
      // a pin where it was filled, or the tube itself where it lies on the ground
      const where = tube.drop_et_s !== null && et >= tube.drop_et_s ? at : tube.filled_deg ? PIN.set(...this.ground(...tube.filled_deg), 0) : at;
      const z = this.height(where.x, where.y) * this.stretch;
      matrix.makeScale(size, size, size * (1 + 0.15 * (i % 3))).setPosition(where.x, where.y, z + 0.22);
      this.tubes.setMatrixAt(i, matrix);
      this.place(tube.id).set(at.x, at.y, this.height(at.x, at.y) * this.stretch + 0.02);
    });
    this.tubes.instanceMatrix.needsUpdate = true;
    const sun = this.morning(et);
    this.sun.position.set(sun[0]! * 60, sun[1]! * 60, sun[2]! * 60);
  }

  /** The true Sun of that day, taken at half past ten local true time so that it is day. */
  private morning(et: number): Vec {
    const bodies = this.world.run.bodies;
    const clamped = Math.max(bodies.start_s, Math.min(bodies.start_s + bodies.step_s * (bodies.count - 1), et));
    const fixed = unit(turn(marsAxes(bodies, clamped), this.world.planets.position("mars", clamped).map((v) => -v)));
    const declination = Math.asin(fixed[2]!);
    const site = this.world.run.sites["lander"] ?? [18.4, 77.5];
    const longitude = site[1] + 22.5;
    return turn(this.frame.rows, direction((declination * 180) / Math.PI, longitude));
  }

  scale(trueScale: boolean): string {
    const tall = this.stretch === 1 ? "heights true" : `heights ${this.stretch} times too large`;
    return `Ground between the points of the rover's path is interpolated from their elevations (no picture of it is at hand), a line every ${CONTOUR} m; ${tall}. Pins: where each tube was filled, or lies. Sun of the day at half past ten.${trueScale ? " Vehicles to scale." : " Vehicles drawn larger."}`;
  }

  /** The tube whose pin is nearest to a ray from the camera, if near enough. */
  pick(ray: THREE.Raycaster): string | null {
    const hit = ray.intersectObject(this.tubes)[0];
    return hit && hit.instanceId !== undefined ? this.world.run.tubes[hit.instanceId]!.id : null;
  }

  readings(et: number): Reading[] {
    const filled = this.world.run.tubes.filter((t) => t.core_et_s !== null && et >= t.core_et_s).length;
    const last = this.et.length - 1;
    const way = this.rover(et)[2];
    const i = Math.min(last, Math.floor(way));
    const track = this.surface;
    const driven = (this.odometer[i]! + (way - i) * ((this.odometer[Math.min(last, i + 1)] ?? 0) - this.odometer[i]!)) / 1000;
    const more = track && et > this.et[last]! ? (track.at("rover_driven_km", et) ?? 0) : 0;
    const loaded = track && et >= track.start ? track.at("tubes_loaded", et) : 0;
    return [
      { name: "driven", value: driven + more, unit: "km", digits: 3 },
      { name: "tubes filled", value: filled, unit: "" },
      { name: "tubes in the rocket", value: loaded === null ? null : Math.round(loaded), unit: "" },
    ];
  }
}

const PIN = new THREE.Vector3();
const CONTOUR = 25; // metres between two lines of equal height
const HALF = Math.PI / 2;

function nearestHeight(site: [number, number], latitude: Float64Array, longitude: Float64Array, elevation: Float32Array): number {
  let best = Infinity;
  let height = -2500;
  for (let i = 0; i < latitude.length; i++) {
    const d = (latitude[i]! - site[0]) ** 2 + (longitude[i]! - site[1]) ** 2;
    if (d < best && Number.isFinite(elevation[i]!)) {
      best = d;
      height = elevation[i]!;
    }
  }
  return height;
}

const J2000 = Date.UTC(2000, 0, 1, 12);

/** UTC of an epoch since 2017 (37 leap seconds), to the millisecond but for 2 ms of TDB. */
export function utcOf(et: number): string {
  return new Date(J2000 + (et - 69.184) * 1000).toISOString();
}

export function etOf(utc: string): number {
  return (Date.parse(utc) - J2000) / 1000 + 69.184;
}
