// A small application in an empty folder: it installs the packed packages as a user does, and checks its types against them.
import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const PAGE = `
import { createMizan, defineCall, defineContext, MizanError, type Target } from "@mizan/base";
import { openDevtools } from "@mizan/devtools";
import { type Htmx, mizan } from "@mizan/htmx";
import { MizanProvider, useCall, useMember } from "@mizan/react";

interface Profile {
  name: string;
}

const user = defineContext<{ user_id: number }, { user_profile: Profile }>({
  name: "user",
  params: ["user_id"],
  functions: ["user_profile"],
});
const rename = defineCall<{ user_id: number; name: string }, Profile>({ name: "rename" });
const stale: Target[] = ["user", { context: "user", params: { user_id: 5 } }];
const client = createMizan({ baseUrl: "/rpc", gcTime: Infinity });
client.invalidate(stale);
openDevtools(client)();
// For bundlers and pages: Node cannot import \`htmx.org\`.
declare const htmx: Htmx;
mizan(htmx, { baseUrl: "/rpc" });

function Name({ id }: { id: number }) {
  const profile = useMember(user, "user_profile", { user_id: id });
  const call = useCall(rename);
  const failure: MizanError | undefined = call.error ?? profile.error;
  const name: string | undefined = profile.data?.name;
  // @ts-expect-error the name is a text
  const wrong = () => call.mutate({ user_id: id, name: 5 });
  return <p onDoubleClick={wrong}>{failure?.message ?? name}</p>;
}

export const page = (
  <MizanProvider client={client}>
    <Name id={5} />
  </MizanProvider>
);
`;

/** What components of Vue and Svelte have in their scripts. */
const SCRIPTS = `
import { defineContext } from "@mizan/base";
import * as svelte from "@mizan/svelte";
import * as vue from "@mizan/vue";

const user = defineContext<{ user_id: number }, { name: string }>({
  name: "user",
  params: ["user_id"],
  functions: ["name"],
});
export const inVue = (id: number): string | undefined => vue.useMember(user, "name", () => ({ user_id: id })).data.value;
export const inSvelte = (id: number): string | undefined => svelte.useMember(user, "name", () => ({ user_id: id })).data;
// @ts-expect-error the parameter is a number
vue.useMember(user, "name", () => ({ user_id: "5" }));
// @ts-expect-error the parameter is a number
svelte.useMember(user, "name", () => ({ user_id: "5" }));
`;

/** The entries of a worker and of its pages. */
const SERVED = `
import { type Renderer, serveWorker } from "@mizan/ssr";
import { mountPage } from "@mizan/ssr/page/react";
import { mountPage as mountVue, usePageHead } from "@mizan/ssr/page/vue";
import { mountPage as mountSvelte } from "@mizan/ssr/page/svelte";
import { perRender } from "@mizan/ssr/per-render";
import { react } from "@mizan/ssr/react";
import { svelte } from "@mizan/ssr/svelte";
import { vue } from "@mizan/ssr/vue";
import type { Component as SvelteComponent } from "svelte";
import type { Component as VueComponent } from "vue";

declare const Counter: VueComponent;
declare const Board: SvelteComponent<{ id: number }>;
const Stall = ({ id }: { id: number }) => id;
const lazy: () => Promise<{ default: Renderer }> = async () => ({ default: react(Stall) });
export const served: Promise<void> = serveWorker({
  components: { Stall: react(Stall), Counter: vue(Counter), Board: svelte(Board), lazy },
});
export const shown = [
  mountPage({ Stall, Lazy: { load: async () => ({ default: Stall }) } }),
  mountVue({ Counter }),
  mountSvelte({ Board }),
];
export const cart: () => Map<string, number> = perRender(() => new Map<string, number>());
usePageHead(() => ({ title: "Saffron" }));
// @ts-expect-error a component is not a renderer
void serveWorker({ components: { Stall } });
`;

/** How applications resolve modules: with a bundler, and as Node does. */
const RESOLUTIONS = { bundler: "ESNext", nodenext: "NodeNext" };

const run = (cwd, program, ...words) => promisify(execFile)(program, words, { cwd });

/**
 * Installs `tarballs` in an empty folder and checks the types of the application there, those of the packages included.
 * Everything else comes out of `modules`, so that no network is needed.
 */
export async function consumer(folder, tarballs, modules) {
  await mkdir(folder);
  const installed = ["htmx.org", "react", "react-dom", "scheduler", "@types/react", "csstype"];
  const local = Object.fromEntries(installed.map((name) => [name, `file:${join(modules, name)}`]));
  const packed = Object.fromEntries(
    Object.entries(tarballs).map(([name, tarball]) => [name, `file:${tarball}`]),
  );
  const manifest = { private: true, type: "module", dependencies: { ...packed, ...local } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(
    join(folder, ".npmrc"),
    "install-links=true\nlegacy-peer-deps=true\noffline=true\naudit=false\nfund=false\n",
  );
  await writeFile(join(folder, "page.tsx"), PAGE);
  await writeFile(join(folder, "scripts.ts"), SCRIPTS);
  await writeFile(join(folder, "served.ts"), SERVED);
  await run(folder, "npm", "install", "--silent", "--ignore-scripts");
  // These consist of many packages, which are found where they are.
  for (const name of ["svelte", "vue"])
    await symlink(join(modules, name), join(folder, "node_modules", name));
  for (const [moduleResolution, module] of Object.entries(RESOLUTIONS)) {
    const compilerOptions = {
      target: "ES2023",
      lib: ["ES2023", "DOM"],
      jsx: "react-jsx",
      module,
      moduleResolution,
      types: [],
      strict: true,
      noEmit: true,
    };
    const settings = JSON.stringify({ compilerOptions, include: ["page.tsx", "scripts.ts", "served.ts"] });
    await writeFile(join(folder, "tsconfig.json"), settings);
    await run(folder, join(modules, ".bin", "tsc"), "-p", ".").catch((error) => {
      throw new Error(`the packages do not type-check with ${moduleResolution}:\n${error.stdout}`);
    });
  }
}
