// The page's own logic: names, numbers, dates, axes, arcs.
import { describe, expect, it } from "vitest";
import { nice } from "../src/shapes";
import { cross, dot, eastNorthUp, ellipse, kepler, norm, turn, turnBack } from "../src/frames";
import { Track } from "../src/document";
import { etOf, utcOf } from "../src/scenes";
import { number, round, span, told } from "../src/words";

describe("names and numbers", () => {
  it("splits a name at the wall into words and unit", () => {
    expect(told("peak_heat_flux_W_cm2")).toEqual(["peak heat flux", "W/cm²"]);
    expect(told("c3_km2_s2")).toEqual(["C3", "km²/s²"]);
    expect(told("landing_sol")).toEqual(["landing sol", ""]);
    expect(told("parachute_deploy_mach")).toEqual(["parachute deploy Mach", ""]);
  });
  it("shows a missing number as a dash and a negative one with a true minus", () => {
    expect(number(null)).toBe("–");
    expect(number(NaN)).toBe("–");
    expect(number(-15.48445)).toBe("−15.484");
    expect(round(0.5)).toBe("0.5");
  });
  it("says spans as one would", () => {
    expect(span(40)).toBe("40 s");
    expect(span(1800)).toBe("30 min");
    expect(span(86400 * 300)).toBe("300 days");
  });
  it("puts ticks at round numbers inside the range", () => {
    for (const v of nice(0.13, 7.9)) expect(v % 2).toBe(0);
    expect(nice(-1, 1)).toContain(0);
  });
});

describe("dates", () => {
  // et of SPICE for this UTC, as journeys hold it
  it("agrees with the journey's own epochs within 3 ms", () => {
    expect(Math.abs(Date.parse(utcOf(846714208.0817621)) - Date.parse("2026-10-31T10:22:18.899Z"))).toBeLessThan(3);
    expect(Math.abs(etOf("2026-10-31T10:22:18.899Z") - 846714208.0817621)).toBeLessThan(0.003);
  });
});

describe("axes and arcs", () => {
  it("turns there and back", () => {
    const rows = eastNorthUp(18.4, 77.5);
    const v = [1, -2, 3];
    turnBack(rows, turn(rows, v)).forEach((x, k) => expect(x).toBeCloseTo(v[k]!, 12));
    expect(dot(cross(rows[0]!, rows[1]!), rows[2]!)).toBeCloseTo(1, 12);
  });
  it("comes back after one period, and stays on its ellipse", () => {
    const gm = 42828.375;
    const p = [5000, 300, -200];
    const v = [0.1, 3.1, 0.6];
    const a = 1 / (2 / norm(p) - dot(v, v) / gm);
    const period = 2 * Math.PI * Math.sqrt(a ** 3 / gm);
    kepler(p, v, gm, period).forEach((x, k) => expect(Math.abs(x - p[k]!)).toBeLessThan(1e-6));
    kepler(p, v, gm, 0).forEach((x, k) => expect(Math.abs(x - p[k]!)).toBeLessThan(1e-8));
    const ring = new Float32Array(3 * 721);
    expect(ellipse(p, v, gm, 1, ring)).toBe(true);
    const q = kepler(p, v, gm, 0.31 * period);
    let nearest = Infinity;
    for (let i = 0; i < 721; i++) nearest = Math.min(nearest, Math.hypot(ring[3 * i]! - q[0]!, ring[3 * i + 1]! - q[1]!, ring[3 * i + 2]! - q[2]!));
    expect(nearest).toBeLessThan(40);
  });
  it("moves as its speed says at the start", () => {
    const p = [3700, 0, 0];
    const v = [0, 3.4, 0];
    const later = kepler(p, v, 42828.375, 1);
    expect(later[1]! - p[1]!).toBeCloseTo(3.4, 4);
  });
});

describe("tracks", () => {
  const packed = (values: number[]) => ({ type: "f8" as const, data: btoa(String.fromCharCode(...new Uint8Array(Float64Array.from(values).buffer))) });
  // x = t^3 with its own slope: what a cubic through positions and velocities must give back
  const t = [0, 1, 2, 4];
  const zero = packed(t.map(() => 0));
  const track = new Track({
    centre: "mars", points: 4, every: 1,
    columns: {
      et_s: packed(t), mass_kg: packed([10, 8, 8, 4]),
      position_x_km: packed(t.map((s) => s ** 3)), velocity_x_km_s: packed(t.map((s) => 3 * s * s)),
      position_y_km: zero, position_z_km: zero, velocity_y_km_s: zero, velocity_z_km_s: zero,
    },
  });
  it("finds the point before an epoch, held at both ends", () => {
    expect([-1, 0, 0.5, 1, 3.9, 4, 9].map((s) => track.before(s))).toEqual([0, 0, 0, 1, 2, 3, 3]);
  });
  it("reads a column linearly, and nothing where there is none", () => {
    expect(track.at("mass_kg", 3)).toBe(6);
    expect(track.at("mass_kg", -5)).toBe(10);
    expect(track.at("thrust_kN", 1)).toBeNull();
  });
  it("gives a cubic back between two points", () => {
    expect(track.position(3, [0, 0, 0])[0]).toBeCloseTo(27, 12);
  });
  it("unpacks a column once", () => {
    expect(track.columns["mass_kg"]).toBe(track.columns["mass_kg"]);
    expect(Object.keys(track.columns)).toContain("mass_kg");
  });
});
