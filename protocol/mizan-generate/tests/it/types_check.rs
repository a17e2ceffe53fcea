//! Generated clients as the TypeScript compiler sees them, at its strictest, against the sources
//! of the kernel and the adapters. One run of the compiler for all of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mizan_generate::{Options, Target, generate, sample, write};

use crate::random::document;

/// Random documents next to the committed ones.
const DOCUMENTS: u64 = 200;

/// How an application uses a client; the types must hold from here too.
const USE: &str = r#"
import { createMizan } from "@mizan/base";
import {
  HelloError,
  callPing,
  callSearch,
  fetchGlobalContext,
  fetchUserContext,
  type GlobalContextParams,
  type PingArgs,
} from "./golden_contexts/index.js";
import {
  useGlobalContext,
  useGlobalContextSuspense,
  useMe,
  useMeSuspense,
  useOrders,
  useOrdersSuspense,
  usePing,
  useSearch,
} from "./golden_contexts/react.js";
import { callSend } from "./golden_bigint/index.js";
import { useBalance } from "./golden_bigint/react.js";
import { fetchStallOrdersContext } from "./golden_lists/index.js";
import { useLogLines, useStallOrders } from "./golden_lists/react.js";
import { callDelete, callPlace, delete_, type Item } from "./golden_shapes/index.js";
import { useDelete } from "./golden_shapes/react.js";

type Assert<T extends true> = T;
export type Optional = [
  Assert<{} extends PingArgs ? true : false>,
  Assert<{} extends GlobalContextParams ? true : false>,
];

export async function vanilla(): Promise<string> {
  const mizan = createMizan();
  await callPing(mizan);
  await callPing(mizan, {});
  const found = await callSearch(mizan, { text: "a" });
  const { me } = await fetchGlobalContext(mizan);
  const { orders } = await fetchUserContext(mizan, { user_id: 1, tags: ["x"] });
  const paid: boolean | undefined = orders[0]?.paid;
  const receipt = await callSend(mizan, { amount: 5n, to: [] });
  const amount: bigint = receipt.kind === "done" ? receipt.amount : 0n;
  // @ts-expect-error: `user_id` is required
  await fetchUserContext(mizan, {});
  // @ts-expect-error: `text` is not a number
  await callSearch(mizan, { text: 1 });
  // @ts-expect-error: there are no arguments
  await callPing(mizan, { text: 1 });
  const failed: unknown = undefined;
  const code = failed instanceof HelloError ? failed.code : "";
  return `${found[0]?.name} ${me?.name} ${paid} ${amount} ${code}`;
}

/** Lists of one length are tuples, and a flattened option keeps the fields of its variants. */
export async function shapes(item: Item): Promise<number> {
  const mizan = createMizan();
  const long = Array.from({ length: 17 }, () => true);
  await callPlace(mizan, { at: [1, 2, 3], long, class: "a" });
  // @ts-expect-error: one too few
  await callPlace(mizan, { at: [1, 2], long, class: "a" });
  // @ts-expect-error: one too many
  await callPlace(mizan, { at: [1, 2, 3, 4], long, class: "a" });
  const last: number = item.matrix[1][0];
  // @ts-expect-error: there is no third row
  item.matrix[2];
  const none: Item = { name: "", matrix: item.matrix, extra: null };
  const circle: Item = { ...none, kind: "circle", radius: 1 };
  // @ts-expect-error: a circle has no side
  const wrong: Item = { ...none, kind: "circle", side: 1 };
  // @ts-expect-error: `extra` may be anything, and nothing is known of it
  item.extra.length;
  if (item.kind === "circle") return item.radius;
  return item.kind === "square" ? item.side : [circle, wrong].length + last;
}

/** The part of a list is not a parameter, and its items are typed. */
export function Lists(): string {
  const { items, more, loadMore, pending, error } = useStallOrders({ stall_id: 1 }, { skip: false });
  const buyer: string | undefined = items[0]?.buyer;
  const size: bigint | undefined = useLogLines().items[0]?.size;
  // @ts-expect-error: `loadMore` sets it
  useStallOrders({ stall_id: 1, after: "a" });
  // @ts-expect-error: `stall_id` is required
  useStallOrders({});
  if (more && !pending && !error) void loadMore();
  void fetchStallOrdersContext(createMizan(), { stall_id: 1 }).then(
    ({ stall_orders }) => stall_orders.items[0]?.id,
  );
  return `${buyer} ${size}`;
}

/** Names that JavaScript reserves are the wire's all the same. */
export function Names(): string {
  const mutation = useDelete();
  void callDelete(createMizan(), { arguments: "a" });
  void mutation.mutate({ arguments: "b" });
  return delete_.name;
}

export function Hooks(): string {
  const all = useGlobalContext();
  const me = useMe({ lang: "en" });
  const orders = useOrders(me.data ? { user_id: 1 } : undefined, { keepPrevious: true });
  useGlobalContext({}, { skip: true });
  // @ts-expect-error: `user_id` is required
  useOrders({});
  const balance: bigint | undefined = useBalance({ account: 1n }).data;
  const ping = usePing();
  const search = useSearch();
  void ping.mutate();
  void search.mutate();
  void search.mutate({ text: "a" });
  return `${all.data?.me?.name} ${me.data?.name} ${orders.data?.[0]?.id} ${balance}`;
}

/** What suspends has data, and parameters that are known. */
export function Suspends(): string {
  const all = useGlobalContextSuspense();
  const me = useMeSuspense({ lang: "en" });
  const orders = useOrdersSuspense({ user_id: 1 });
  // @ts-expect-error: `user_id` is required
  useOrdersSuspense({});
  // @ts-expect-error: the parameters are not known
  useOrdersSuspense(undefined);
  // @ts-expect-error: there is nothing to skip
  useMeSuspense({}, { skip: true });
  return `${all.data.me?.name} ${me.data?.name} ${orders.data[0]?.id}`;
}
"#;

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn clients_pass_the_strictest_compiler() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tsc = upward(root, "node_modules/.bin/tsc").expect("npm packages are installed");
    let frontends = upward(root, "frontends").expect("the frontends are in the workspace");
    // Below the workspace, so that `react` and its types are found as an application finds them.
    let work = root.join("../../target/generated-clients");
    // What an earlier run left must not be checked again.
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).unwrap();

    let options = Options {
        targets: vec![Target::React, Target::Vue, Target::Svelte],
        error: Some("HelloError".to_owned()),
        ..Options::default()
    };
    for seed in 0..DOCUMENTS {
        let client = generate(&document(seed), &options).unwrap();
        write(&work.join(format!("random_{seed}")), &client.files).unwrap();
    }
    let client = generate(&sample::document(100), &options).unwrap();
    write(&work.join("sample"), &client.files).unwrap();
    for (name, text) in [
        ("golden_bigint", include_str!("golden/bigint.json")),
        ("golden_collisions", include_str!("golden/collisions.json")),
        ("golden_contexts", include_str!("golden/contexts.json")),
        ("golden_hello", include_str!("golden/hello.json")),
        ("golden_lists", include_str!("golden/lists.json")),
        ("golden_shapes", include_str!("golden/shapes.json")),
        ("golden_types", include_str!("golden/types.json")),
    ] {
        let client = generate(&serde_json::from_str(text).unwrap(), &options).unwrap();
        write(&work.join(name), &client.files).unwrap();
    }
    fs::write(work.join("use.tsx"), USE).unwrap();
    // The page of the documents, over the client of hello as applications generate it.
    let hello = serde_json::from_str(include_str!("golden/hello.json")).unwrap();
    let client = generate(&hello, &Options::default()).unwrap();
    write(&work.join("page/mizan"), &client.files).unwrap();
    for file in ["name.tsx", "page.tsx"] {
        let page = root.join("../../docs/frontends").join(file);
        fs::copy(page, work.join("page").join(file)).unwrap();
    }
    let config = strict(&frontends, &["mizan-base", "mizan-react", "mizan-vue", "mizan-svelte"]);
    fs::write(work.join("tsconfig.json"), config.to_string()).unwrap();

    let output = Command::new(tsc).args(["-p", "."]).current_dir(&work).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // The sources of the packages are not held to all of these options, only the clients are.
    let complaints: Vec<_> =
        said.lines().filter(|line| line.contains("error TS") && !line.starts_with("..")).collect();
    assert_eq!(complaints, [""; 0], "{}", String::from_utf8_lossy(&output.stderr));
}

/// The configuration of a compiler at its strictest, against the sources of packages.
pub(crate) fn strict(frontends: &Path, packages: &[&str]) -> serde_json::Value {
    let mut paths = serde_json::Map::new();
    for package in packages {
        let name = package.replace("mizan-", "@mizan/");
        let source = frontends.join(package).join("src");
        assert!(source.join("index.ts").exists(), "{package} has an entry");
        paths.insert(name.clone(), serde_json::json!([source.join("index.ts")]));
        paths.insert(format!("{name}/*"), serde_json::json!([source.join("*.ts")]));
    }
    serde_json::json!({
        "compilerOptions": {
            "strict": true,
            "noUnusedLocals": true,
            "noUnusedParameters": true,
            "noImplicitReturns": true,
            "noUncheckedIndexedAccess": true,
            "noPropertyAccessFromIndexSignature": true,
            "exactOptionalPropertyTypes": true,
            "verbatimModuleSyntax": true,
            "isolatedModules": true,
            "erasableSyntaxOnly": true,
            "noEmit": true,
            "skipLibCheck": true,
            "target": "es2022",
            "lib": ["esnext", "dom", "dom.iterable"],
            "module": "preserve",
            "moduleResolution": "bundler",
            "jsx": "react-jsx",
            "types": [],
            "paths": paths,
        },
        "include": ["**/*.ts", "**/*.tsx"],
    })
}

pub(crate) fn upward(start: &Path, name: &str) -> Option<PathBuf> {
    start.ancestors().map(|folder| folder.join(name)).find(|path| path.exists())
}
