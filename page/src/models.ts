// What flies and where it flies, built from plain shapes and from our own tables of relief.

import * as THREE from "three";
import { Line2 } from "three/addons/lines/Line2.js";
import { LineGeometry } from "three/addons/lines/LineGeometry.js";
import { LineMaterial } from "three/addons/lines/LineMaterial.js";
import type { Ground } from "./document";
import { unpack } from "./document";
import { direction, radiusAt } from "./frames";

// Okabe and Ito's palette, which colour-blind readers can tell apart; the same in charts and scenes.
export const COLOURS: Record<string, string> = {
  lander: "#e69f00",
  orbiter: "#56b4e9",
  ascender: "#f0e442",
  container: "#cc79a7",
  capsule: "#2fc7a0",
  rover: "#f2f0ea",
  tube: "#2fc7a0",
  stays: "#8d8a86",
  mars: "#c8613c",
  earth: "#4f8fd0",
  sun: "#ffd27a",
};

const plain = (colour: string, shine = 0.35, glow = 0): THREE.MeshStandardMaterial =>
  new THREE.MeshStandardMaterial({
    color: colour,
    roughness: 0.75,
    metalness: shine,
    emissive: colour,
    emissiveIntensity: glow,
  });

function part(shape: THREE.BufferGeometry, colour: string, at: [number, number, number] = [0, 0, 0], turnTo: [number, number, number] = [0, 0, 0], glow = 0.12): THREE.Mesh {
  const mesh = new THREE.Mesh(shape, plain(colour, 0.2, glow));
  mesh.position.set(...at);
  mesh.rotation.set(...turnTo);
  return mesh;
}

const HALF = Math.PI / 2;

/** A platform on four legs, its panels out; flames, hidden, are called "flame". */
function lander(gold: string, white: string, panel: string): THREE.Group {
  const group = new THREE.Group();
  group.add(part(new THREE.CylinderGeometry(0.3, 0.34, 0.12, 8), gold, [0, 0, 0.24], [HALF, 0, 0]));
  group.add(part(new THREE.CylinderGeometry(0.06, 0.06, 0.55, 16), white, [0.02, 0, 0.34], [0, 0, HALF], 0.3));
  for (let i = 0; i < 4; i++) {
    const a = (i / 4) * Math.PI * 2 + 0.4;
    group.add(part(new THREE.CylinderGeometry(0.016, 0.016, 0.34, 8), white, [0.36 * Math.cos(a), 0.36 * Math.sin(a), 0.12], [HALF + 0.4 * Math.sin(a), 0, -0.4 * Math.cos(a)]));
    group.add(part(new THREE.CylinderGeometry(0.06, 0.06, 0.02, 12), gold, [0.42 * Math.cos(a), 0.42 * Math.sin(a), 0.01], [HALF, 0, 0]));
  }
  for (const side of [-1, 1]) group.add(part(new THREE.CylinderGeometry(0.24, 0.24, 0.012, 24), panel, [side * 0.6, 0, 0.28], [HALF, 0, 0], 0.4));
  const flames = new THREE.Group();
  flames.name = "flames";
  for (let i = 0; i < 4; i++) {
    const a = (i / 4) * Math.PI * 2 + 1.2;
    const one = flame(0.05, 0.5);
    one.rotation.x = -HALF;
    one.position.set(0.26 * Math.cos(a), 0.26 * Math.sin(a), -0.1);
    flames.add(one);
  }
  flames.visible = false;
  group.add(flames);
  return group;
}

function flame(radius: number, length: number): THREE.Mesh {
  return new THREE.Mesh(
    new THREE.ConeGeometry(radius, length, 20, 1, true),
    new THREE.MeshBasicMaterial({ color: "#ffc46b", transparent: true, opacity: 0.85, blending: THREE.AdditiveBlending, depthWrite: false }),
  );
}

/** Models are about one unit long, their nose along +z; `size` in the scene is set from outside. */
export function vehicle(kind: string): THREE.Group {
  const group = new THREE.Group();
  const gold = "#caa24a";
  const white = "#e9e6df";
  const panel = "#2f62b5";
  if (kind === "orbiter") {
    group.add(part(new THREE.BoxGeometry(0.16, 0.16, 0.26), gold));
    for (const side of [-1, 1]) {
      group.add(part(new THREE.BoxGeometry(0.74, 0.17, 0.012), panel, [side * 0.5, 0, 0], [0.5, 0, 0], 0.35));
    }
    group.add(part(new THREE.ConeGeometry(0.09, 0.06, 20, 1, true), white, [0, 0.12, 0], [HALF, 0, 0]));
    // cells of the panels
    for (const side of [-1, 1]) for (let i = 1; i < 6; i++) group.add(part(new THREE.BoxGeometry(0.006, 0.172, 0.016), "#a9c4ee", [side * (0.13 + 0.123 * i), 0, 0], [0.5, 0, 0], 0.3));
  } else if (kind === "cruise") {
    group.add(part(new THREE.CylinderGeometry(0.34, 0.34, 0.05, 32), panel, [0, 0, -0.14], [HALF, 0, 0], 0.35));
    group.add(part(new THREE.CylinderGeometry(0.12, 0.36, 0.2, 32), white, [0, 0, 0], [HALF, 0, 0]));
    group.add(part(new THREE.ConeGeometry(0.36, 0.14, 32), "#8a6f4a", [0, 0, 0.17], [HALF, 0, 0]));
  } else if (kind === "entry") {
    // heat shield forward, backshell behind, the lander inside until it comes out
    const shield = new THREE.Group();
    shield.name = "heat shield";
    shield.add(part(new THREE.ConeGeometry(0.46, 0.17, 48), "#9a6236", [0, 0, 0.09], [HALF, 0, 0], 0.3));
    const shell = new THREE.Group();
    shell.name = "backshell";
    shell.add(part(new THREE.CylinderGeometry(0.16, 0.46, 0.34, 48, 1, true), white, [0, 0, -0.17], [-HALF, 0, 0], 0.2));
    shell.add(part(new THREE.CircleGeometry(0.16, 32), white, [0, 0, -0.34], [Math.PI, 0, 0], 0.2));
    const inside = lander(gold, white, panel);
    inside.name = "lander";
    inside.scale.setScalar(0.72);
    inside.rotation.x = Math.PI;
    inside.position.z = 0.1;
    inside.visible = false;
    const chute = new THREE.Group();
    chute.name = "parachute";
    // gores in turn, so that the canopy reads as cloth
    for (let i = 0; i < 16; i++) {
      const gore = new THREE.Mesh(
        new THREE.SphereGeometry(0.95, 4, 12, (i / 16) * Math.PI * 2, Math.PI / 8, 0.14, HALF * 0.62),
        new THREE.MeshStandardMaterial({ color: i % 2 ? "#f4efe4" : "#d9642f", roughness: 1, side: THREE.DoubleSide, emissive: i % 2 ? "#f4efe4" : "#d9642f", emissiveIntensity: 0.28 }),
      );
      gore.rotation.x = -HALF;
      gore.position.z = -1.75;
      chute.add(gore);
    }
    const lines: number[] = [];
    for (let i = 0; i < 16; i++) {
      const a = (i / 16) * Math.PI * 2;
      lines.push(0, 0, -0.34, 0.86 * Math.cos(a), 0.86 * Math.sin(a), -2.2);
    }
    const cords = new THREE.BufferGeometry();
    cords.setAttribute("position", new THREE.Float32BufferAttribute(lines, 3));
    chute.add(new THREE.LineSegments(cords, new THREE.LineBasicMaterial({ color: "#f2efe6", transparent: true, opacity: 0.7 })));
    chute.visible = false;
    group.add(shield, shell, inside, chute);
  } else if (kind === "heat shield") {
    group.add(part(new THREE.ConeGeometry(0.46, 0.17, 48), "#9a6236", [0, 0, 0], [HALF, 0, 0], 0.3));
  } else if (kind === "backshell") {
    group.add(part(new THREE.CylinderGeometry(0.16, 0.46, 0.34, 48, 1, true), white, [0, 0, 0], [-HALF, 0, 0], 0.3));
  } else if (kind === "ascender") {
    const first = new THREE.Group();
    first.name = "stage one";
    first.add(part(new THREE.CylinderGeometry(0.09, 0.09, 0.56, 24), white, [0, 0, -0.2], [HALF, 0, 0], 0.3));
    first.add(part(new THREE.ConeGeometry(0.075, 0.12, 20, 1, true), "#5b5550", [0, 0, -0.53], [HALF, 0, 0]));
    const second = new THREE.Group();
    second.name = "stage two";
    second.add(part(new THREE.CylinderGeometry(0.085, 0.085, 0.24, 24), "#dcd7cb", [0, 0, 0.2], [HALF, 0, 0], 0.3));
    second.add(part(new THREE.ConeGeometry(0.085, 0.16, 24), COLOURS["ascender"]!, [0, 0, 0.4], [HALF, 0, 0], 0.4));
    const plume = flame(0.085, 0.7);
    plume.name = "flame";
    plume.rotation.x = -HALF;
    plume.position.z = -0.9;
    group.add(first, second, plume);
  } else if (kind === "stage one") {
    group.add(part(new THREE.CylinderGeometry(0.09, 0.09, 0.56, 24), white, [0, 0, 0], [HALF, 0, 0], 0.3));
    group.add(part(new THREE.ConeGeometry(0.075, 0.12, 20, 1, true), "#5b5550", [0, 0, -0.33], [HALF, 0, 0]));
  } else if (kind === "capsule") {
    group.add(part(new THREE.ConeGeometry(0.42, 0.3, 40), "#a4673a", [0, 0, 0.16], [HALF, 0, 0], 0.35));
    group.add(part(new THREE.SphereGeometry(0.4, 32, 16, 0, Math.PI * 2, 0, HALF), COLOURS["capsule"]!, [0, 0, 0], [-HALF, 0, 0], 0.3));
  } else if (kind === "container") {
    group.add(part(new THREE.SphereGeometry(0.26, 28, 20), COLOURS["container"]!, [0, 0, 0], [0, 0, 0], 0.4));
    group.add(part(new THREE.TorusGeometry(0.262, 0.014, 8, 40), white, [0, 0, 0], [0, 0, 0], 0.3));
  } else if (kind === "lander") {
    group.add(lander(gold, white, panel));
  } else if (kind === "rover") {
    group.add(part(new THREE.BoxGeometry(0.52, 0.34, 0.13), white, [0, 0, 0.26], [0, 0, 0], 0.3));
    group.add(part(new THREE.CylinderGeometry(0.02, 0.02, 0.28, 8), white, [0.18, 0.08, 0.46], [HALF, 0, 0]));
    group.add(part(new THREE.BoxGeometry(0.1, 0.15, 0.08), white, [0.19, 0.08, 0.62]));
    for (const side of [-1, 1]) for (const x of [-0.24, 0, 0.24]) group.add(part(new THREE.CylinderGeometry(0.09, 0.09, 0.07, 18), "#4c4844", [x, side * 0.25, 0.09]));
  } else {
    group.add(part(new THREE.SphereGeometry(0.2, 20, 14), COLOURS[kind] ?? "#ffffff", [0, 0, 0], [0, 0, 0], 0.6));
  }
  return group;
}

/** A thick line in the scene's units; `reveal` shows only its first part. */
export class Path {
  readonly line: Line2;
  private readonly segments: number;

  constructor(points: ArrayLike<number>, colour: string, width: number, opacity = 1, colours?: number[], dashed = false) {
    const geometry = new LineGeometry();
    geometry.setPositions(Array.from(points));
    if (colours) geometry.setColors(colours);
    const material = new LineMaterial({
      color: colours ? 0xffffff : colour,
      linewidth: width,
      vertexColors: Boolean(colours),
      transparent: opacity < 1,
      opacity,
      dashed,
      dashSize: 0.02,
      gapSize: 0.015,
      depthWrite: opacity >= 1,
    });
    this.line = new Line2(geometry, material);
    this.segments = points.length / 3 - 1;
    this.line.frustumCulled = false;
    if (dashed) this.line.computeLineDistances();
  }

  reveal(count: number): void {
    (this.line.geometry as LineGeometry).instanceCount = Math.max(0, Math.min(this.segments, Math.ceil(count)));
    this.line.visible = count > 0;
  }
}

// Low ground dark and red, high ground pale: a ramp of one hue, so that it reads without colour too.
const RAMP: [number, THREE.Color][] = [
  [-7500, new THREE.Color("#4a2017")],
  [-3500, new THREE.Color("#8a3d24")],
  [-500, new THREE.Color("#b9623a")],
  [2500, new THREE.Color("#d08a57")],
  [7000, new THREE.Color("#e3b88a")],
  [20000, new THREE.Color("#f6e8d4")],
];

export function groundColour(elevation: number, into: THREE.Color): THREE.Color {
  for (let i = 1; i < RAMP.length; i++) {
    const [high, colour] = RAMP[i]!;
    if (elevation <= high || i === RAMP.length - 1) {
      const [low, before] = RAMP[i - 1]!;
      const share = Math.min(1, Math.max(0, (elevation - low) / (high - low)));
      return into.copy(before).lerp(colour, share);
    }
  }
  return into;
}

/** The relief of Mars: a grid of elevations read linearly. */
export class Relief {
  private readonly globe: Int16Array;
  private readonly corridor: Int16Array;
  constructor(readonly ground: Ground) {
    this.globe = unpack(ground.globe_m) as Int16Array;
    this.corridor = unpack(ground.corridor_m) as Int16Array;
  }

  /** Elevation on the globe's grid, 1 degree between cells, first at 89.5 S 0.5 E [m]. */
  globeAt(latitude: number, longitude: number): number {
    const y = Math.min(179, Math.max(0, latitude + 89.5));
    const x = (((longitude - 0.5) % 360) + 360) % 360;
    const [i, j] = [Math.min(178, Math.floor(y)), Math.floor(x)];
    const [f, g] = [y - i, x - j];
    const k = (j + 1) % 360;
    const z = this.globe;
    return (
      (1 - f) * ((1 - g) * z[360 * i + j]! + g * z[360 * i + k]!) +
      f * ((1 - g) * z[360 * (i + 1) + j]! + g * z[360 * (i + 1) + k]!)
    );
  }

  /** Elevation on the finer grid about Jezero, or null outside it [m]. */
  corridorAt(latitude: number, longitude: number): number | null {
    const [rows, columns] = this.ground.corridor_shape;
    const [south, west, step] = this.ground.corridor_origin_deg;
    const y = (latitude - south) / step;
    const x = (longitude - west) / step;
    if (y < 0 || x < 0 || y > rows - 1 || x > columns - 1) return null;
    const i = Math.min(rows - 2, Math.floor(y));
    const j = Math.min(columns - 2, Math.floor(x));
    const [f, g] = [y - i, x - j];
    const z = this.corridor;
    return (
      (1 - f) * ((1 - g) * z[columns * i + j]! + g * z[columns * i + j + 1]!) +
      f * ((1 - g) * z[columns * (i + 1) + j]! + g * z[columns * (i + 1) + j + 1]!)
    );
  }

  at(latitude: number, longitude: number): number {
    return this.corridorAt(latitude, longitude) ?? this.globeAt(latitude, longitude);
  }
}

/** A surface over latitudes and longitudes, in planet-fixed axes; `radius` is asked at each node. */
export function surface(
  rows: number,
  columns: number,
  box: [number, number, number, number],
  radius: (latitude: number, longitude: number) => number,
  colour: (latitude: number, longitude: number, into: THREE.Color) => void,
): THREE.BufferGeometry {
  const [south, north, west, east] = box;
  const position = new Float32Array(3 * rows * columns);
  const colours = new Float32Array(3 * rows * columns);
  const paint = new THREE.Color();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const latitude = south + ((north - south) * i) / (rows - 1);
      const longitude = west + ((east - west) * j) / (columns - 1);
      const r = radius(latitude, longitude);
      const n = direction(latitude, longitude);
      const at = 3 * (i * columns + j);
      for (let k = 0; k < 3; k++) position[at + k] = r * n[k]!;
      colour(latitude, longitude, paint);
      colours[at] = paint.r;
      colours[at + 1] = paint.g;
      colours[at + 2] = paint.b;
    }
  const index = new Uint32Array(6 * (rows - 1) * (columns - 1));
  let at = 0;
  for (let i = 0; i < rows - 1; i++)
    for (let j = 0; j < columns - 1; j++) {
      const a = i * columns + j;
      index.set([a, a + 1, a + columns, a + 1, a + columns + 1, a + columns], at);
      at += 6;
    }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(position, 3));
  geometry.setAttribute("color", new THREE.BufferAttribute(colours, 3));
  geometry.setIndex(new THREE.BufferAttribute(index, 1));
  geometry.computeVertexNormals();
  return geometry;
}

/** Mars in its own axes, kilometres; relief stretched about a level [m] so that this level stays. */
export function marsGlobe(relief: Relief, radii: [number, number], stretch: number, level: number, offset: number, box: [number, number, number, number] = [-90, 90, 0, 360], fine = false, coarse = 1): THREE.Mesh {
  const rows = 180 / coarse + 1;
  const columns = fine ? 265 : 360 / coarse + 1;
  const heights = fine
    ? (a: number, b: number) => relief.corridorAt(a, b) ?? relief.globeAt(a, b)
    : (a: number, b: number) => relief.globeAt(a, b);
  const geometry = surface(rows, columns, box,
    (a, b) => radiusAt(radii, a) + offset + (stretch * (heights(a, b) - level)) / 1000,
    (a, b, into) => groundColour(heights(a, b), into));
  return new THREE.Mesh(geometry, new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 0.97, metalness: 0 }));
}

/** Lines of equal height every so many units of z, drawn by the surface itself; a stronger one each fifth. */
export function contoured(material: THREE.MeshStandardMaterial, step: number, colour: string): { value: number } {
  const each = { value: step };
  material.onBeforeCompile = (shader) => {
    shader.uniforms["contourStep"] = each;
    shader.uniforms["contourColour"] = { value: new THREE.Color(colour) };
    shader.vertexShader = shader.vertexShader.replace("#include <common>", "#include <common>\nvarying float contourZ;").replace("#include <begin_vertex>", "#include <begin_vertex>\ncontourZ = position.z;");
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", "#include <common>\nvarying float contourZ; uniform float contourStep; uniform vec3 contourColour;\nfloat contour(float s) { float x = contourZ / s; return 1.0 - clamp(abs(fract(x - 0.5) - 0.5) / max(fwidth(x), 1e-6), 0.0, 1.0); }")
      .replace("#include <color_fragment>", "#include <color_fragment>\ndiffuseColor.rgb = mix(diffuseColor.rgb, contourColour, 0.28 * contour(contourStep) + 0.4 * contour(5.0 * contourStep));");
  };
  return each;
}

/** A flat piece of ground about the origin, brighter and darker by chance, always the same. */
export function plainGround(radius: number, colour: string): THREE.Mesh {
  const geometry = new THREE.RingGeometry(0.0005, radius, 96, 90);
  const position = geometry.attributes["position"]!;
  const colours = new Float32Array(3 * position.count);
  const paint = new THREE.Color();
  let seed = 18770817;
  for (let i = 0; i < position.count; i++) {
    // rings widen outward, so that near ground is as finely grained as far ground
    const [x, y] = [position.getX(i), position.getY(i)];
    const r = Math.hypot(x, y);
    const k = (r / radius) ** 3;
    position.setXY(i, x * k, y * k);
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    paint.set(colour).multiplyScalar(0.84 + 0.3 * (seed / 4294967296));
    colours.set([paint.r, paint.g, paint.b], 3 * i);
  }
  geometry.setAttribute("color", new THREE.BufferAttribute(colours, 3));
  return new THREE.Mesh(geometry, new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 1, metalness: 0, side: THREE.DoubleSide }));
}

/** Circles on flat ground, in the scene's units. */
export function rings(radii: number[], colour: string, opacity: number): THREE.LineSegments {
  const points: number[] = [];
  for (const r of radii)
    for (let i = 0; i < 120; i++)
      for (const a of [(i / 60) * Math.PI, ((i + 1) / 60) * Math.PI]) points.push(r * Math.cos(a), r * Math.sin(a), 0);
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.Float32BufferAttribute(points, 3));
  const lines = new THREE.LineSegments(geometry, new THREE.LineBasicMaterial({ color: colour, transparent: true, opacity }));
  lines.frustumCulled = false;
  return lines;
}

/** A sky that is lighter at the horizon; fills the canvas behind the scene. */
export function skyTexture(high: string, low: string): THREE.CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = 4;
  canvas.height = 256;
  const pen = canvas.getContext("2d")!;
  const fade = pen.createLinearGradient(0, 0, 0, 256);
  fade.addColorStop(0, high);
  fade.addColorStop(1, low);
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 4, 256);
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}

/** A plain Earth with a graticule: no coastline ships with this program. */
export function earthGlobe(radii: [number, number], colour: string): THREE.Group {
  const group = new THREE.Group();
  const geometry = surface(91, 181, [-90, 90, 0, 360], (a) => radiusAt(radii, a), (_a, _b, into) => into.set(colour));
  group.add(new THREE.Mesh(geometry, new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 0.9, metalness: 0 })));
  return group;
}

/** Meridians and parallels on a sphere-like body, every `step` degrees inside a box. */
export function graticule(radii: [number, number], step: number, box: [number, number, number, number], lift: number, colour: string, opacity: number): THREE.LineSegments {
  const points: number[] = [];
  const [south, north, west, east] = box;
  const push = (a: number, b: number): void => {
    const r = radiusAt(radii, a) + lift;
    const n = direction(a, b);
    points.push(r * n[0]!, r * n[1]!, r * n[2]!);
  };
  const fine = step / 8;
  for (let a = Math.ceil(south / step) * step; a <= north; a += step)
    for (let b = west; b < east - 1e-9; b += fine) {
      push(a, b);
      push(a, Math.min(east, b + fine));
    }
  for (let b = Math.ceil(west / step) * step; b <= east; b += step)
    for (let a = south; a < north - 1e-9; a += fine) {
      push(a, b);
      push(Math.min(north, a + fine), b);
    }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.Float32BufferAttribute(points, 3));
  return new THREE.LineSegments(geometry, new THREE.LineBasicMaterial({ color: colour, transparent: true, opacity }));
}

/** The glow of thin air around a planet, brightest at its edge. */
export function airGlow(planet: number, thickness: number, colour: string, strength: number): THREE.Mesh {
  const material = new THREE.ShaderMaterial({
    uniforms: { tint: { value: new THREE.Color(colour) }, sun: { value: new THREE.Vector3(1, 0, 0) }, strength: { value: strength }, rim: { value: Math.sqrt(1 - 1 / (thickness * thickness)) } },
    vertexShader: `
      #include <common>
      #include <logdepthbuf_pars_vertex>
      varying vec3 n; varying vec3 v; varying vec3 w;
      void main() {
        vec4 p = modelViewMatrix * vec4(position, 1.0);
        n = normalize(normalMatrix * normal); v = normalize(-p.xyz);
        w = normalize(mat3(modelMatrix) * normal);
        gl_Position = projectionMatrix * p;
        #include <logdepthbuf_vertex>
      }`,
    fragmentShader: `
      #include <common>
      #include <logdepthbuf_pars_fragment>
      uniform vec3 tint; uniform vec3 sun; uniform float strength; uniform float rim;
      varying vec3 n; varying vec3 v; varying vec3 w;
      void main() {
        #include <logdepthbuf_fragment>
        // nothing at the rim of the shell, full where the planet's own rim is
        float edge = pow(clamp(-dot(normalize(n), normalize(v)) / rim, 0.0, 1.0), 2.2);
        float lit = clamp(dot(w, sun) * 1.4 + 0.35, 0.0, 1.0);
        gl_FragColor = vec4(tint, edge * lit * strength);
      }`,
    side: THREE.BackSide,
    transparent: true,
    depthWrite: false,
    blending: THREE.AdditiveBlending,
  });
  const mesh = new THREE.Mesh(new THREE.SphereGeometry(planet * thickness, 160, 96), material);
  mesh.name = "air";
  return mesh;
}

/** A soft round glow that faces the camera. */
export function glow(colour: string, size: number): THREE.Sprite {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  const pen = canvas.getContext("2d")!;
  const fade = pen.createRadialGradient(64, 64, 2, 64, 64, 64);
  fade.addColorStop(0, "rgba(255,255,255,1)");
  fade.addColorStop(0.18, colour);
  fade.addColorStop(1, "rgba(0,0,0,0)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 128, 128);
  const sprite = new THREE.Sprite(new THREE.SpriteMaterial({ map: new THREE.CanvasTexture(canvas), transparent: true, depthWrite: false, blending: THREE.AdditiveBlending }));
  sprite.scale.setScalar(size);
  return sprite;
}

/** Points of light for a backdrop; decoration, always the same, and no catalogue of stars. */
export function backdrop(radius: number): THREE.Points {
  const count = 900;
  const position = new Float32Array(3 * count);
  const colour = new Float32Array(3 * count);
  let seed = 20210218;
  const chance = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 4294967296;
  };
  for (let i = 0; i < count; i++) {
    const z = 2 * chance() - 1;
    const a = 2 * Math.PI * chance();
    const s = Math.sqrt(1 - z * z);
    position.set([radius * s * Math.cos(a), radius * s * Math.sin(a), radius * z], 3 * i);
    const light = 0.16 + 0.5 * chance() ** 4;
    colour.set([light, light, light * 1.06], 3 * i);
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(position, 3));
  geometry.setAttribute("color", new THREE.BufferAttribute(colour, 3));
  const points = new THREE.Points(geometry, new THREE.PointsMaterial({ size: 1.6, sizeAttenuation: false, vertexColors: true, depthWrite: false }));
  points.frustumCulled = false;
  return points;
}
