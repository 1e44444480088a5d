// Names at the wall become words and units; numbers become what one reads aloud.

const UNITS: [string, string][] = [
  ["_W_cm2", "W/cm²"], ["_J_cm2", "J/cm²"], ["_kg_m2", "kg/m²"], ["_kg_m3", "kg/m³"],
  ["_km3_s2", "km³/s²"], ["_km2_s2", "km²/s²"], ["_deg_day", "°/day"], ["_deg_s", "°/s"],
  ["_rad_s", "rad/s"], ["_m_s2", "m/s²"], ["_km_s", "km/s"], ["_m_s", "m/s"], ["_m2", "m²"],
  ["_percent", "%"], ["_year", "years"], ["_day", "days"], ["_sol", "sols"], ["_deg", "°"],
  ["_kPa", "kPa"], ["_Pa", "Pa"], ["_kN", "kN"], ["_kg", "kg"], ["_km", "km"], ["_rpm", "rpm"],
  ["_N", "N"], ["_K", "K"], ["_C", "°C"], ["_g", "g₀"], ["_h", "h"], ["_m", "m"], ["_s", "s"],
];
const SPELLING: [RegExp, string][] = [
  [/\bc3\b/g, "C3"], [/\bls\b/g, "Ls"], [/\bmach\b/g, "Mach"], [/\bmars\b/g, "Mars"],
  [/\bearth\b/g, "Earth"], [/\blift off\b/g, "lift-off"], [/\bdelta v\b/g, "delta-v"],
  [/\bv infinity\b/g, "v-infinity"], [/\bflight path\b/g, "flight-path"], [/\butah\b/g, "Utah"],
];
const SOL_NUMBERS = new Set(["landing_sol", "ready_sol"]);

/** A name at the wall as words and unit: `peak_heat_flux_W_cm2` -> ["peak heat flux", "W/cm²"]. */
export function told(name: string): [string, string] {
  if (SOL_NUMBERS.has(name)) return [words(name), ""];
  for (const [suffix, symbol] of UNITS)
    if (name.endsWith(suffix) && name.length > suffix.length)
      return [words(name.slice(0, -suffix.length)), symbol];
  return [words(name), ""];
}

export function words(name: string): string {
  let text = name.replaceAll("_", " ");
  for (const [pattern, word] of SPELLING) text = text.replace(pattern, word);
  return text;
}

/** The symbol of a unit as it stands in names: `m_s` -> `m/s`. */
export function symbol(unit: string): string {
  const found = UNITS.find(([suffix]) => suffix === `_${unit}`);
  return found ? found[1] : unit;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A number with as many digits as it is good for reading; an en dash where there is none. */
export function number(value: number | null | undefined, digits = 5): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(1).replace("-", "−").replace("e", " e").replace("e-", "e−");
  if (Number.isInteger(value) && size < 1e7) return grouped(value.toFixed(0));
  const before = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  return grouped(value.toFixed(Math.min(4, Math.max(0, digits - before))));
}

/** A round number, as it stands at a tick or as a limit: no digits that say nothing. */
export function round(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return grouped(Math.abs(value) >= 1e7 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential() : String(Number(value.toPrecision(7))));
}

function grouped(text: string): string {
  const [whole, rest] = text.replace("-", "").split(".") as [string, string?];
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return (text.startsWith("-") ? "−" : "") + spaced + (rest ? `.${rest}` : "");
}

export function day(utc: string): string {
  const months = ["January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"];
  return `${Number(utc.slice(8, 10))} ${months[Number(utc.slice(5, 7)) - 1]} ${utc.slice(0, 4)}`;
}

/** Span of seconds in the unit one would say. */
export function span(seconds: number): string {
  const s = Math.abs(seconds);
  if (s < 1) return `${s.toFixed(2)} s`;
  if (s < 120) return `${s < 10 ? s.toFixed(1) : s.toFixed(0)} s`;
  if (s < 7200) return `${(s / 60).toFixed(0)} min`;
  if (s < 2 * 86400) return `${(s / 3600).toFixed(0)} h`;
  if (s < 700 * 86400) return `${(s / 86400).toFixed(0)} days`;
  return `${(s / 31557600).toFixed(1)} years`;
}
