/** The panel, and the one function that opens it. */
import { fetchTransport, type Mizan, type Transport } from "@mizan/base";
import { tap } from "./network.js";
import { panel } from "./panel.js";
import { record } from "./record.js";

/** Settings of {@link openDevtools}. */
export interface DevtoolsOptions {
  /**
   * The transport of the instance, on which slow, failing and absent networks are simulated.
   * @defaultValue `fetchTransport`
   * @example openDevtools(mizan, { transport: mine })
   */
  readonly transport?: Transport | undefined;
  /**
   * Whether the panel is open at first.
   * @defaultValue `false`: only its button is there
   * @example openDevtools(mizan, { isOpen: true })
   */
  readonly isOpen?: boolean | undefined;
}

const NAME = "mizan-devtools";

/**
 * Adds the panel to the page. Returns what takes it away again.
 * @example if (import.meta.env.DEV) void import("@mizan/devtools").then(({ openDevtools }) => openDevtools(mizan))
 */
export function openDevtools(
  mizan: Mizan,
  { transport = fetchTransport, isOpen = false }: DevtoolsOptions = {},
): () => void {
  // Here, and not where the module is loaded: a server has no elements.
  if (!customElements.get(NAME)) customElements.define(NAME, class extends HTMLElement {});
  const element = document.createElement(NAME);
  const network = tap(transport);
  const log = record(mizan, network);
  const close = panel(element.attachShadow({ mode: "open" }), { mizan, network, log, isOpen });
  document.body.append(element);
  return () => {
    close();
    log.stop();
    network.release();
    element.remove();
  };
}
