/** The head of a page of Vue. */
import { type MaybeRefOrGetter, onScopeDispose, toValue, useSSRContext, watchEffect } from "vue";

/** What a component puts into the head of the document. Attributes by name. */
export interface PageHead {
  /** The title of the document. Of several components, the title of the last wins. */
  readonly title?: string | undefined;
  readonly meta?: readonly Readonly<Record<string, string>>[] | undefined;
  readonly link?: readonly Readonly<Record<string, string>>[] | undefined;
}

/** Where the heads of the components are collected while a server renders. */
export interface PageHeads {
  readonly mizanHeads: (() => PageHead)[];
}

/** The elements of a head, in order. */
const elementsOf = ({ meta = [], link = [] }: PageHead) => [
  ...meta.map((attributes) => ["meta", attributes] as const),
  ...link.map((attributes) => ["link", attributes] as const),
];

/**
 * Sets title, metas and links of the page: on the server for its head, in the browser while the component is there.
 * @example usePageHead(() => ({ title: stall.data.value?.name, meta: [{ name: "description", content: "A stall" }] }))
 */
export function usePageHead(head: MaybeRefOrGetter<PageHead>): void {
  if (typeof document === "undefined") {
    // biome-ignore lint/correctness/useHookAtTopLevel: a composable of Vue, and a server always takes this branch
    useSSRContext<Partial<PageHeads>>()?.mizanHeads?.push(() => toValue(head));
    return;
  }
  let shown: Element[] = [];
  const leave = (elements: Element[]) => {
    for (const element of elements) element.remove();
  };
  watchEffect(() => {
    const { title, ...rest } = toValue(head);
    if (title !== undefined) document.title = title;
    const before = shown;
    shown = elementsOf(rest).map(([name, attributes]) => placed(name, attributes));
    leave(before.filter((element) => !shown.includes(element)));
  });
  onScopeDispose(() => leave(shown));
}

/** The element in the head of the document: the equal one that is there, which a server may have written, or a new one. */
function placed(name: string, attributes: Readonly<Record<string, string>>): Element {
  const wanted = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) wanted.setAttribute(attribute, value);
  const found = [...document.head.children].find((element) => element.isEqualNode(wanted));
  return found ?? document.head.appendChild(wanted);
}

/** The markup of the heads of one page. */
export function headMarkup(heads: readonly (() => PageHead)[]): string {
  const all = heads.map((head) => head());
  const title = all.findLast((head) => head.title !== undefined)?.title;
  const elements = all
    .flatMap(elementsOf)
    .map(([name, attributes]) => `<${name}${attributesMarkup(attributes)}>`);
  return [...(title === undefined ? [] : [`<title>${escaped(title)}</title>`]), ...elements].join("");
}

function attributesMarkup(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .filter(([name]) => /^[^\s"'<>/=]+$/.test(name))
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string) => `${text}`.replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
