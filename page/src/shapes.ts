// Shapes of plots that need no page: ticks and ellipses.

/** Round numbers inside a range, about five of them. */
export function nice(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((s) => s * power >= raw) ?? 10);
  const out: number[] = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) out.push(Math.abs(v) < 1e-9 * step ? 0 : Number(v.toPrecision(10)));
  return out;
}

/** Points of the ellipse that holds 99 % of a normal spread: chi-square with two degrees, 9.2103. */
export function ellipse99(mean: [number, number], c: [[number, number], [number, number]]): [number, number][] {
  const [a, b, d] = [c[0][0], c[0][1], c[1][1]];
  const half = (a + d) / 2;
  const root = Math.sqrt(((a - d) / 2) ** 2 + b * b);
  const [l1, l2] = [Math.max(0, half + root), Math.max(0, half - root)];
  const angle = 0.5 * Math.atan2(2 * b, a - d);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return Array.from({ length: 73 }, (_x, i) => {
    const t = (2 * Math.PI * i) / 72;
    const [u, v] = [Math.sqrt(9.2103 * l1) * Math.cos(t), Math.sqrt(9.2103 * l2) * Math.sin(t)];
    return [mean[0] + cos * u - sin * v, mean[1] + sin * u + cos * v];
  });
}
