/** Elements without markup: text is text, whatever it holds. */

type Attributes = Record<string, string | (() => void)>;

/** Makes an element. A function is a listener. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(key, value);
    else element.addEventListener(key, value);
  }
  element.append(...children);
  return element;
}

/** Writes a text where it differs, so that a selection stays. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
