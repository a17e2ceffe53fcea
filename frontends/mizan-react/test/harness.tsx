/** Renders into happy-dom, against a server that answers when told. */
import {
  createMizan,
  defineCall,
  defineContext,
  type Mizan,
  type MizanOptions,
  type Transport,
} from "@mizan/base";
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { MizanProvider } from "../src/index.js";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

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

export interface World {
  readonly mizan: Mizan;
  /** Requests since the last look. */
  fresh(): string;
  /** Bodies of the calls. */
  readonly bodies: (string | undefined)[];
  /** Answers the oldest request, and lets React see it. */
  answer(body: unknown, status?: number): Promise<void>;
  /** The same, inside of a `settle` of the test. */
  answerNow(body: unknown, status?: number): void;
  /** Renders below a provider; returns the text on the page, rerender and unmount. */
  render(node: ReactNode): Promise<Rendered>;
}

export interface Rendered {
  text(): string;
  rerender(node: ReactNode): Promise<void>;
  unmount(): Promise<void>;
}

/** Does `work`, if any, and lets everything that follows from it happen; returns what it returned, promises unawaited. */
export async function settle<T>(work?: () => T): Promise<[T | undefined]> {
  let result: T | undefined;
  await act(async () => {
    result = work?.();
    await new Promise<void>((resolve) => setTimeout(resolve));
  });
  return [result];
}

export function world(options?: MizanOptions): World {
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
    async render(node) {
      const container = document.createElement("div");
      const root = createRoot(container);
      const show = (shown: ReactNode) =>
        act(async () => root.render(<MizanProvider client={mizan}>{shown}</MizanProvider>));
      await show(node);
      return {
        text: () => container.textContent ?? "",
        rerender: show,
        unmount: () => act(async () => root.unmount()),
      };
    },
  };
}
