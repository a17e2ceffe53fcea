/** What a worker needs to know of a framework. */
import type { Mizan } from "@mizan/base";
import { createServerMizan, type Given, type Missed } from "@mizan/base/server";

/** A rendered page. */
export interface RenderedPage {
  /** The markup of the component. */
  readonly html: string;
  /** Title, metas, links and styles of the component, for the head of the document. Absent where it has none. */
  readonly head?: string;
  /** The entries that the component reads and that were not in the data. Absent where there are none. */
  readonly missed?: readonly Missed[];
}

/** Renders one component. Made by `react()`, `vue()` and `svelte()`. */
export interface Renderer {
  /** Renders it with a Mizan instance of its own that holds `data`. Throws or rejects where the component does. */
  render(props: object, data: readonly Given[]): RenderedPage | Promise<RenderedPage>;
}

/** An entry of `components`: a renderer, or a function that loads one. */
export type Component = Renderer | (() => Promise<Renderer | { readonly default: Renderer }>);

/** What a framework makes of a component. */
interface Markup {
  readonly html: string;
  readonly head: string;
}

/** Makes a renderer of what a framework does with a component and an instance. */
export function rendererOf(run: (props: object, mizan: Mizan) => Markup | Promise<Markup>): Renderer {
  return {
    render(props, data) {
      const { mizan, missed } = createServerMizan(data);
      const page = run(props, mizan);
      return page instanceof Promise
        ? page.then((markup) => finished(markup, missed()))
        : finished(page, missed());
    },
  };
}

function finished({ html, head }: Markup, missed: readonly Missed[]): RenderedPage {
  if (!missed.length) return head ? { html, head } : { html };
  return head ? { html, head, missed } : { html, missed };
}
