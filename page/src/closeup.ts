// The window in the corner: what flies, seen from beside it, lit by the true Sun.
//
//        up (away from the planet, or ecliptic north)
//        |   nose as the track has it
//        |  /
//        | o---> velocity            the camera looks across the plane of both

import * as THREE from "three";
import type { Vec } from "./frames";
import { cross, norm, unit } from "./frames";
import { glow, vehicle } from "./models";

export interface Pose {
  nose: Vec;
  velocity: Vec;
  up: Vec;
  sun: Vec;
  /** 0 to 1: how brightly the air glows before a shield. */
  heat?: number;
  /** Direction to another flyer, its distance not to scale. */
  other?: Vec;
  /** How far behind the nose the middle of the picture lies, and from how far it is seen. */
  behind?: number;
  away?: number;
}

const NOSE = new THREE.Vector3(0, 0, 1);
const WORK = new THREE.Vector3();

export class CloseUp {
  readonly scene = new THREE.Scene();
  readonly camera = new THREE.PerspectiveCamera(30, 1, 0.1, 60);
  readonly craft: THREE.Group;
  visible = true;
  private readonly sun = new THREE.DirectionalLight(0xfff4e4, 3);
  private readonly arrow = new THREE.ArrowHelper(NOSE, new THREE.Vector3(), 1, 0xbdb6aa, 0.12, 0.07);
  private readonly horizon: THREE.Mesh | null = null;
  private readonly plasma: THREE.Sprite;
  private readonly companion: THREE.Group | null = null;

  constructor(readonly title: string, kind: string, back: string, ground: string | null, private readonly away = 3.1, companion: string | null = null) {
    this.scene.background = new THREE.Color(back);
    this.craft = vehicle(kind);
    this.plasma = glow("rgba(255,150,70,0.8)", 1.5);
    this.plasma.visible = false;
    this.scene.add(this.sun, new THREE.HemisphereLight(0xdfe6f2, ground ?? 0x30343c, 0.75), this.craft, this.arrow, this.plasma);
    if (ground) {
      // the ground far below: only its horizon matters here
      this.horizon = new THREE.Mesh(new THREE.CircleGeometry(40, 48), new THREE.MeshStandardMaterial({ color: ground, roughness: 1 }));
      this.scene.add(this.horizon);
    }
    if (companion) {
      this.companion = vehicle(companion);
      this.companion.scale.setScalar(companion === "container" ? 0.4 : 1);
      this.scene.add(this.companion);
    }
  }

  pose(p: Pose): void {
    const up = unit(p.up);
    let side = cross(p.velocity, up);
    if (norm(side) < 1e-9 * (norm(p.velocity) || 1)) side = cross([1, 0.2, 0.1], up);
    side = unit(side);
    // seen from the sunny side
    if (side[0]! * p.sun[0]! + side[1]! * p.sun[1]! + side[2]! * p.sun[2]! < 0) side = side.map((x) => -x);
    this.camera.up.set(up[0]!, up[1]!, up[2]!);
    // far from any ground three quarters from the front, so that panels are seen; near it from beside
    const v = norm(p.velocity) || 1;
    const [ahead, above] = this.horizon ? [0, 0.22] : [0.55, 0.45];
    const away = p.away ?? this.away;
    const nose = unit(p.nose);
    WORK.set(-nose[0]!, -nose[1]!, -nose[2]!).multiplyScalar(p.behind ?? 0);
    this.camera.position
      .set(...([0, 1, 2].map((k) => side[k]! + above * up[k]! + (ahead * p.velocity[k]!) / v) as [number, number, number]))
      .setLength(away)
      .add(WORK);
    this.camera.lookAt(WORK);
    this.sun.position.set(p.sun[0]!, p.sun[1]!, p.sun[2]!).multiplyScalar(10);
    WORK.set(p.nose[0]!, p.nose[1]!, p.nose[2]!).normalize();
    this.craft.quaternion.setFromUnitVectors(NOSE, WORK);
    this.plasma.visible = (p.heat ?? 0) > 0.02;
    if (this.plasma.visible) {
      this.plasma.position.copy(WORK).multiplyScalar(0.2);
      this.plasma.scale.setScalar(0.7 + 1.1 * p.heat!);
      this.plasma.material.opacity = Math.min(1, 0.25 + p.heat!);
    }
    const speed = norm(p.velocity);
    this.arrow.visible = speed > 0;
    if (speed > 0) {
      WORK.set(p.velocity[0]!, p.velocity[1]!, p.velocity[2]!).normalize();
      this.arrow.setDirection(WORK);
      this.arrow.position.copy(WORK).multiplyScalar(0.18 * this.away);
      this.arrow.setLength(0.16 * this.away, 0.05 * this.away, 0.03 * this.away);
    }
    if (this.horizon) {
      WORK.set(up[0]!, up[1]!, up[2]!);
      this.horizon.position.copy(WORK).multiplyScalar(-1.5);
      this.horizon.quaternion.setFromUnitVectors(NOSE, WORK);
    }
    if (this.companion) this.companion.visible = Boolean(p.other);
    if (this.companion && p.other) {
      const d = unit(p.other);
      this.companion.position.set(d[0]!, d[1]!, d[2]!).multiplyScalar(0.21 * this.away);
    }
  }

  part(name: string): THREE.Object3D | undefined {
    return this.craft.getObjectByName(name);
  }
}
