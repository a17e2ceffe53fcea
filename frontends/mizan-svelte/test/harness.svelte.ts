/** Mounts into happy-dom, against a server that answers when told. */
import {
  createMizan,
  defineCall,
  defineContext,
  type Mizan,
  type MizanOptions,
  type Transport,
} from "@mizan/base";
import { flushSync, mount, unmount } from "svelte";
import type { MizanProviderProps } from "../src/index.js";
import Root from "./root.svelte";

export interface UserData {
  orders: number;
  profile: string;
}

export const user = defineContext<{ user_id: number }, UserData>({
  name: "user",
  params: ["user_id"],
  functions: ["orders", "profile"],
});
export const rename = defineCall<{ user_id: number; name: string }, string>({ name: "rename" });
export const ping = defineCall<{ note?: string }, string>({ name: "ping" });

/** Lets everything that waits for no timer happen, and what Svelte renders for it. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve));
  flushSync();
}

/** Runs while its component is set up; what it returns is shown, again whenever something in it changes. */
export type Setup = () => () => string;

export interface Mounted {
  text(): string;
  /** Shows something else. */
  show(...setups: Setup[]): Promise<void>;
  unmount(): Promise<void>;
}

/** A transport that notes what it is asked, and the answers that wait. */
export function server() {
  const log: string[] = [];
  const bodies: (string | undefined)[] = [];
  const waiting: ((answer: { status: number; body: string }) => void)[] = [];
  const transport: Transport = {
    send({ method, url, body }) {
      if (method === "GET" && url.endsWith("/session/"))
        return Promise.resolve({ status: 200, body: '{"csrfToken":"t"}' });
      log.push(`${method} ${url.replace("/api/mizan/", "")}`);
      if (method === "POST") bodies.push(body);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
  return { log, bodies, waiting, transport };
}

export interface World {
  readonly mizan: Mizan;
  /** Requests since the last look. */
  fresh(): string;
  /** Bodies of the calls. */
  readonly bodies: (string | undefined)[];
  /** Answers the oldest request, and lets Svelte see it. */
  answer(body: unknown, status?: number): Promise<void>;
  /** The same, without waiting. */
  answerNow(body: unknown, status?: number): void;
  /** Mounts what is set up below a provider. */
  mount(...setups: Setup[]): Promise<Mounted>;
}

/** Shows what is set up below a provider of its own. */
export async function mounted(provider: MizanProviderProps, setups: Setup[]): Promise<Mounted> {
  const target = document.createElement("div");
  const shown = $state<{ setups: Setup[] }>({ setups });
  const root = mount(Root, { target, props: { provider, shown } });
  await settle();
  return {
    text: () => target.textContent?.trim() ?? "",
    async show(...next) {
      shown.setups = next;
      await settle();
    },
    async unmount() {
      await unmount(root);
      await settle();
    },
  };
}

export function world(options?: MizanOptions): World {
  const { log, bodies, waiting, transport } = server();
  const mizan = createMizan({ transport, ...options });
  const answerNow = (body: unknown, status = 200) => waiting.shift()!({ status, body: JSON.stringify(body) });
  return {
    mizan,
    bodies,
    fresh: () => log.splice(0).join(", "),
    answerNow,
    async answer(body, status) {
      answerNow(body, status);
      await settle();
    },
    mount: (...setups) => mounted({ client: mizan }, setups),
  };
}
