// Elements by hand. Texts are text nodes, always: no name can become markup.

type Child = Node | string | number | null | undefined | false;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number | boolean | null> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== false) made.setAttribute(name, String(value));
  add(made, ...children);
  return made;
}

export function add(parent: Node, ...children: Child[]): void {
  for (const child of children)
    if (child !== null && child !== undefined && child !== false)
      parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Record<string, string | number> = {}, ...children: Child[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  add(made, ...children);
  return made;
}

export function table(head: (Node | string)[], rows: (Node | string | number | null)[][], name: string, numeric: number[] = []): HTMLElement {
  const cell = (tag: "td" | "th", content: Node | string | number | null, index: number): HTMLElement =>
    el(tag, { class: numeric.includes(index) ? "number" : null, scope: tag === "th" ? "col" : null }, content);
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name },
    el("table", {},
      el("thead", {}, el("tr", {}, ...head.map((h, i) => cell("th", h, i)))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((c, i) => cell("td", c, i)))))));
}

/** A small mark that says how good a number is, with its source on hover and for screen readers. */
export function mark(confidence: string, source: string): HTMLElement {
  const text = source ? `${confidence}: ${source}` : confidence;
  return el("abbr", { class: `mark ${confidence}`, title: text, "aria-label": text, tabindex: 0 }, confidence.charAt(0));
}
