// What a report carries: the run as Python wrote it, arrays decoded on demand.

export interface Packed {
  type: "f4" | "f8" | "i2";
  data: string;
}

export interface Limit {
  name: string;
  figure: string;
  value: number | null;
  limit: number | number[];
  sense: string;
  unit: string;
  met: boolean;
  source: string;
  confidence: string;
}

export interface Phase {
  outcome: string;
  start_utc: string;
  end_utc: string;
  figures: Record<string, number | null>;
  extrapolations: Record<string, number>;
  limits: Limit[];
  notes: string[];
}

export interface Holding {
  holder: string;
  from_utc: string | null;
  place: string;
  temperature_K_max: number | null;
}

export interface JourneyTube {
  id: string;
  name: string;
  state: string;
  place: string;
  custody: Holding[];
}

export interface MarchEvent {
  name: string;
  phase: string;
  utc: string;
  et_s: number;
  elapsed_s: number | null;
  sol: number | null;
  ls_deg: number | null;
  note: string;
}

export interface Journey {
  scenario: string;
  scenario_hash: string;
  anabasis_version: string;
  versions: Record<string, string>;
  device: string;
  seed: number;
  outcome: string;
  outcome_phase: string | null;
  limits_met: boolean;
  home_utc: string | null;
  home_because: string;
  announced: string;
  tubes_home_count: number;
  events: MarchEvent[];
  phases: Record<string, Phase>;
  mass_ledger: {
    element: string;
    event: string;
    item: string;
    before_kg: number | null;
    change_kg: number | null;
    after_kg: number | null;
    utc: string;
  }[];
  delta_v: {
    element: string;
    phase: string;
    name: string;
    delta_v_m_s: number | null;
    loss_m_s: number | null;
    propellant_kg: number | null;
    utc: string;
  }[];
  tubes: JourneyTube[];
}

export interface RecordTube {
  id: string;
  number: number;
  name: string;
  kind: string;
  core_et_s: number | null;
  core_sol: number | null;
  drop_et_s: number | null;
  filled_deg: [number, number] | null;
  depot_deg: [number, number] | null;
  length_cm: number | null;
  mass_g: number | null;
  target: string;
  filled_at: string;
  lithology: string;
  source: string;
  confidence: string;
  notes: string;
}

export interface Bodies {
  start_s: number;
  step_s: number;
  count: number;
  earth_km: Packed;
  mars_km: Packed;
  ecliptic_from_j2000: number[];
  radii_km: Record<string, [number, number]>;
  mars_pole_right_ascension_deg: [number, number];
  mars_pole_declination_deg: [number, number];
  mars_prime_meridian_deg: [number, number];
  mars_gm_km3_s2: number;
  earth_spin_rad_s: number;
  suns: Record<string, { start_s: number; end_s: number; towards_f: number[][] } | null>;
}

export interface Ground {
  globe_m: Packed;
  corridor_m: Packed;
  corridor_shape: [number, number];
  corridor_origin_deg: [number, number, number];
  resolution_globe: string;
  resolution_corridor: string;
  source: string;
}

export interface ScenarioNumber {
  path: string;
  value: number | string | boolean | null;
  unit: string;
  meaning: string;
  source: string;
  confidence: string;
  given_by: string;
}

export interface Question {
  question: string;
  answers: string[];
  right: number;
  because: string;
}

/** A picture that is more than a column over another; gaps of a curve are null. */
export interface Diagram {
  name: string;
  phase: string;
  title: string;
  x: string;
  y: string;
  equal: boolean;
  named: boolean;
  curves: { label: string; kind: "line" | "dashed" | "dots"; family: string; x: (number | null)[]; y: (number | null)[] }[];
  points: [number, number, string][];
}

export interface RunDocument {
  kind: "run";
  title: string;
  summary: string;
  journey: Journey;
  command: string;
  numbers: ScenarioNumber[];
  requirements: { name: string; probability_of: string; at_least: number }[];
  tracks: Record<
    string,
    { centre: string; points: number; every: number; columns: Record<string, Packed> }
  >;
  diagrams: Diagram[];
  bodies: Bodies;
  sites: Record<string, [number, number]>;
  ground: Ground | null;
  rover: Record<string, Packed> | null;
  tubes: RecordTube[];
  story: { title: string; text: string[] }[];
  quiz: Question[];
}

export interface Spread {
  unit: string;
  cases: number;
  mean: number;
  standard_deviation: number | null;
  minimum: number;
  maximum: number;
  p5: number;
  p50: number;
  p95: number;
  counts: number[];
  edges: [number, number];
  lowest: { case: number; value: number }[];
  highest: { case: number; value: number }[];
}

export interface EnsembleDocument {
  kind: "ensemble";
  title: string;
  summary: string;
  folder: string;
  spread: {
    scenario: string;
    scenario_hash: string;
    seed: number;
    only: string | null;
    sampler: string;
    cases: number;
    cases_wanted: number;
    complete: boolean;
    digest: string | null;
    nominal: number;
    lost: number;
    outcomes: { outcome: string; phase: string | null; cases: number }[];
    requirements: Record<string, unknown>[];
  };
  draws: Record<string, { unit: string; mean?: number; standard_deviation?: number | null }>;
  figures: Record<string, Spread>;
  diagrams: Diagram[];
  tornadoes: { figure: string; unit: string; sigma: number; limit: string; explained: number; bars: { path: string; effect: number; share: number }[] }[];
  lost: { case: number; outcome: string }[];
  replayed: number[];
}

export type AnyDocument = RunDocument | EnsembleDocument;

/** Bytes in base64, little-endian, as numbers. */
export function unpack(packed: Packed): Float64Array | Float32Array | Int16Array {
  const text = atob(packed.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (packed.type === "f8") return new Float64Array(bytes.buffer);
  if (packed.type === "f4") return new Float32Array(bytes.buffer);
  return new Int16Array(bytes.buffer);
}

/** One phase's track with its columns unpacked. */
export class Track {
  readonly centre: string;
  readonly count: number;
  readonly points: number;
  readonly every: number;
  readonly et: Float64Array;
  readonly columns: Record<string, Float64Array | Float32Array | Int16Array> = {};

  constructor(packed: RunDocument["tracks"][string]) {
    this.centre = packed.centre;
    this.points = packed.points;
    this.every = packed.every;
    // a column is unpacked when it is first asked for: most are not before the first frame
    for (const [name, column] of Object.entries(packed.columns)) {
      let held: Float64Array | Float32Array | Int16Array | null = null;
      Object.defineProperty(this.columns, name, { enumerable: true, get: () => (held ??= unpack(column)) });
    }
    this.et = this.columns["et_s"] as Float64Array;
    this.count = this.et.length;
  }

  get start(): number {
    return this.et[0]!;
  }

  get end(): number {
    return this.et[this.count - 1]!;
  }

  /** Index of the last point not later than an epoch, held at both ends. */
  before(et: number): number {
    let low = 0;
    let high = this.count - 1;
    if (et <= this.et[0]!) return 0;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.et[middle]! <= et) low = middle;
      else high = middle;
    }
    return et >= this.et[high]! ? high : low;
  }

  /** A column at an epoch, linear between points; null where there is no such column. */
  at(name: string, et: number): number | null {
    const column = this.columns[name];
    if (!column) return null;
    const i = this.before(et);
    const j = Math.min(i + 1, this.count - 1);
    const gap = this.et[j]! - this.et[i]!;
    const share = gap > 0 ? Math.min(1, Math.max(0, (et - this.et[i]!) / gap)) : 0;
    return column[i]! + share * (column[j]! - column[i]!);
  }

  /** Position in J2000 axes about the centre [km]: a cubic through positions and velocities. */
  position(et: number, into: number[]): number[] {
    const i = this.before(et);
    const j = Math.min(i + 1, this.count - 1);
    const gap = this.et[j]! - this.et[i]!;
    const s = gap > 0 ? Math.min(1, Math.max(0, (et - this.et[i]!) / gap)) : 0;
    const a = 2 * s * s * s - 3 * s * s + 1;
    const b = (s * s * s - 2 * s * s + s) * gap;
    const c = 3 * s * s - 2 * s * s * s;
    const d = (s * s * s - s * s) * gap;
    for (let k = 0; k < 3; k++) {
      const axis = "xyz"[k]!;
      const p = this.columns[`position_${axis}_km`]!;
      const v = this.columns[`velocity_${axis}_km_s`]!;
      into[k] = a * p[i]! + b * v[i]! + c * p[j]! + d * v[j]!;
    }
    return into;
  }

  /** The state stored at a point: position [km] and velocity [km/s]. */
  state(i: number): [number[], number[]] {
    const p = ["x", "y", "z"].map((axis) => this.columns[`position_${axis}_km`]![i]!);
    const v = ["x", "y", "z"].map((axis) => this.columns[`velocity_${axis}_km_s`]![i]!);
    return [p, v];
  }
}
