// Axes and arcs: Mars as the IAU turns it, planets between samples, Kepler between two points.

import type { Bodies } from "./document";
import { unpack } from "./document";

export type Vec = number[];
const DEG = Math.PI / 180;
const CENTURY = 36525 * 86400;

export function dot(a: Vec, b: Vec): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

export function cross(a: Vec, b: Vec): Vec {
  return [
    a[1]! * b[2]! - a[2]! * b[1]!,
    a[2]! * b[0]! - a[0]! * b[2]!,
    a[0]! * b[1]! - a[1]! * b[0]!,
  ];
}

export function norm(a: Vec): number {
  return Math.hypot(a[0]!, a[1]!, a[2]!);
}

export function unit(a: Vec): Vec {
  const n = norm(a) || 1;
  return [a[0]! / n, a[1]! / n, a[2]! / n];
}

/** Rows of a matrix times a vector. */
export function turn(rows: Vec[], v: Vec): Vec {
  return [dot(rows[0]!, v), dot(rows[1]!, v), dot(rows[2]!, v)];
}

/** Columns: what `turn` undoes. */
export function turnBack(rows: Vec[], v: Vec): Vec {
  return [0, 1, 2].map((k) => rows[0]![k]! * v[0]! + rows[1]![k]! * v[1]! + rows[2]![k]! * v[2]!);
}

/** Rows: node, across, pole of Mars at an epoch, in J2000 axes. */
export function marsPoleAxes(bodies: Bodies, et: number): Vec[] {
  const t = et / CENTURY;
  const a = (bodies.mars_pole_right_ascension_deg[0] + bodies.mars_pole_right_ascension_deg[1] * t) * DEG;
  const d = (bodies.mars_pole_declination_deg[0] + bodies.mars_pole_declination_deg[1] * t) * DEG;
  return [
    [-Math.sin(a), Math.cos(a), 0],
    [-Math.sin(d) * Math.cos(a), -Math.sin(d) * Math.sin(a), Math.cos(d)],
    [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)],
  ];
}

/** Angle of the prime meridian of Mars from the node [rad]. */
export function marsMeridian(bodies: Bodies, et: number): number {
  const [w, rate] = bodies.mars_prime_meridian_deg;
  return ((w + rate * (et / 86400)) % 360) * DEG;
}

/** Rows: planet-fixed axes of Mars in J2000 axes. */
export function marsAxes(bodies: Bodies, et: number): Vec[] {
  const [n, c, p] = marsPoleAxes(bodies, et) as [Vec, Vec, Vec];
  const w = marsMeridian(bodies, et);
  const cos = Math.cos(w);
  const sin = Math.sin(w);
  return [
    [0, 1, 2].map((k) => cos * n[k]! + sin * c[k]!),
    [0, 1, 2].map((k) => cos * c[k]! - sin * n[k]!),
    p,
  ];
}

/** Direction of a place in planet-fixed axes. */
export function direction(latitude: number, longitude: number): Vec {
  const a = latitude * DEG;
  const b = longitude * DEG;
  return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)];
}

/** Rows: east, north, up at a place, in planet-fixed axes. */
export function eastNorthUp(latitude: number, longitude: number): Vec[] {
  const b = longitude * DEG;
  const up = direction(latitude, longitude);
  const east = [-Math.sin(b), Math.cos(b), 0];
  return [east, cross(up, east), up];
}

/** Radius of an ellipsoid of revolution in a planetocentric direction. */
export function radiusAt(radii: [number, number], latitude: number): number {
  const s = Math.sin(latitude * DEG);
  const c = Math.cos(latitude * DEG);
  return 1 / Math.sqrt((c * c) / (radii[0] * radii[0]) + (s * s) / (radii[1] * radii[1]));
}

/** Planets about the Sun, J2000 axes [km]: a cubic through evenly spaced positions. */
export class Planets {
  private readonly paths: Record<string, Float64Array>;
  constructor(private readonly bodies: Bodies) {
    this.paths = {
      earth: unpack(bodies.earth_km) as Float64Array,
      mars: unpack(bodies.mars_km) as Float64Array,
    };
  }

  position(name: "earth" | "mars", et: number): Vec {
    if (this.bodies.count < 2) return [1, 0, 0]; // outside the ephemeris: no planet to be drawn
    const path = this.paths[name]!;
    const last = this.bodies.count - 1;
    const x = Math.min(last, Math.max(0, (et - this.bodies.start_s) / this.bodies.step_s));
    const i = Math.min(last - 1, Math.floor(x));
    const s = x - i;
    const at = (n: number, k: number): number => path[3 * Math.min(last, Math.max(0, n)) + k]!;
    return [0, 1, 2].map((k) => {
      const [a, b, c, d] = [at(i - 1, k), at(i, k), at(i + 1, k), at(i + 2, k)];
      const m = (c - a) / 2;
      const n = (d - b) / 2;
      return (
        (2 * s ** 3 - 3 * s * s + 1) * b +
        (s ** 3 - 2 * s * s + s) * m +
        (3 * s * s - 2 * s ** 3) * c +
        (s ** 3 - s * s) * n
      );
    });
  }
}

/** Where a body is after a span on its Kepler orbit (ellipses only; elsewhere a straight line). */
export function kepler(position: Vec, velocity: Vec, gm: number, span: number): Vec {
  const r = norm(position);
  const v2 = dot(velocity, velocity);
  const a = 1 / (2 / r - v2 / gm);
  if (!(a > 0) || !Number.isFinite(a)) return position.map((p, k) => p + velocity[k]! * span);
  const h = cross(position, velocity);
  const e = cross(velocity, h).map((x, k) => x / gm - position[k]! / r);
  const ecc = norm(e);
  const p = ecc > 1e-9 ? unit(e) : unit(position);
  const q = cross(unit(h), p);
  const b = a * Math.sqrt(Math.max(0, 1 - ecc * ecc));
  const cosE = dot(position, p) / a + ecc;
  const sinE = dot(position, q) / b;
  const start = Math.atan2(sinE, cosE);
  const mean = start - ecc * Math.sin(start) + Math.sqrt(gm / a ** 3) * span;
  let E = mean;
  for (let k = 0; k < 30; k++) {
    const step = (E - ecc * Math.sin(E) - mean) / (1 - ecc * Math.cos(E));
    E -= step;
    if (Math.abs(step) < 1e-13) break;
  }
  const x = a * (Math.cos(E) - ecc);
  const y = b * Math.sin(E);
  return [0, 1, 2].map((k) => x * p[k]! + y * q[k]!);
}

/** Points of the ellipse a state lies on, written into an array three by three. */
export function ellipse(position: Vec, velocity: Vec, gm: number, scale: number, into: Float32Array): boolean {
  const r = norm(position);
  const a = 1 / (2 / r - dot(velocity, velocity) / gm);
  if (!(a > 0)) return false;
  const h = cross(position, velocity);
  const e = cross(velocity, h).map((x, k) => x / gm - position[k]! / r);
  const ecc = norm(e);
  const p = ecc > 1e-9 ? unit(e) : unit(position);
  const q = cross(unit(h), p);
  const b = a * Math.sqrt(Math.max(0, 1 - ecc * ecc));
  const n = into.length / 3;
  for (let i = 0; i < n; i++) {
    const E = (2 * Math.PI * i) / (n - 1);
    for (let k = 0; k < 3; k++)
      into[3 * i + k] = scale * (a * (Math.cos(E) - ecc) * p[k]! + b * Math.sin(E) * q[k]!);
  }
  return true;
}
