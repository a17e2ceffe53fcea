/** Type tests: each mistake is a compile error, or `tsc` reports an unused directive. */
import {
  createMizan,
  defineCall,
  defineContext,
  draft,
  type Entry,
  hydrate,
  type Mizan,
  type MizanError,
} from "../src/index.js";

interface Profile {
  id: number;
  name: string;
}

const user = defineContext<{ user_id: number; tags?: string[] }, { user_profile: Profile }>({
  name: "user",
  params: ["tags", "user_id"],
  functions: ["user_profile"],
});
const rename = defineCall<{ user_id: number; name: string }, Profile>({ name: "rename" });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <T extends true>(): T | undefined => undefined;

export async function good(mizan: Mizan): Promise<void> {
  const data = await mizan.fetch(user, { user_id: 5 });
  assert<Equal<typeof data, { user_profile: Profile }>>();
  const entry = mizan.entry(user, { user_id: 5, tags: ["a"] });
  assert<Equal<typeof entry, Entry<{ user_profile: Profile }>>>();
  assert<Equal<ReturnType<typeof entry.snapshot>["error"], MizanError | undefined>>();
  const renamed = await mizan.call(rename, { user_id: 5, name: "bob" });
  assert<Equal<typeof renamed, Profile>>();
  mizan.invalidate(["user", { context: "user", params: { user_id: 5 }, function: "user_profile" }]);
  createMizan({ baseUrl: undefined, gcTime: 0 });
  const name = draft(user, { user_id: 5 }, { user_profile: (profile) => ({ ...profile, name: "bob" }) });
  const all = draft(user, {}, { user_profile: (profile, { user_id }) => ({ ...profile, id: user_id }) });
  await mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: name });
  await mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: [name, all] });
}

export async function bad(mizan: Mizan): Promise<void> {
  // @ts-expect-error a parameter is missing
  await mizan.fetch(user, {});
  // @ts-expect-error a parameter of the wrong type
  await mizan.fetch(user, { user_id: "5" });
  // @ts-expect-error a parameter that does not exist
  mizan.entry(user, { user_id: 5, id: 5 });
  // @ts-expect-error a field that does not exist
  (await mizan.fetch(user, { user_id: 5 })).profile;
  // @ts-expect-error data may be absent
  mizan.entry(user, { user_id: 5 }).snapshot().data.user_profile;
  // @ts-expect-error an argument is missing
  await mizan.call(rename, { user_id: 5 });
  // @ts-expect-error an argument of the wrong type
  await mizan.call(rename, { user_id: 5, name: 7 });
  // @ts-expect-error a call is not a context
  await mizan.fetch(rename, { user_id: 5, name: "bob" });
  // @ts-expect-error no such field in the result
  (await mizan.call(rename, { user_id: 5, name: "bob" })).nick;
  // @ts-expect-error a parameter of the wrong type
  draft(user, { user_id: "5" }, {});
  // @ts-expect-error no such member
  draft(user, {}, { profile: () => 1 });
  // @ts-expect-error a value of the wrong type
  draft(user, {}, { user_profile: (profile) => ({ ...profile, name: 5 }) });
  // @ts-expect-error a draft is made by `draft`
  await mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: () => ({}) });
  const data = { user_profile: { id: 5, name: "ann" } };
  hydrate(mizan, [{ context: user, params: { user_id: 5 }, data }]);
  // @ts-expect-error a parameter of the wrong type
  hydrate(mizan, [{ context: user, params: { user_id: "5" }, data }]);
  // @ts-expect-error data of the wrong type
  hydrate(mizan, [{ context: user, params: { user_id: 5 }, data: { user_profile: 5 } }]);
  // @ts-expect-error a target names its context
  mizan.invalidate([{ params: { user_id: 5 } }]);
  // @ts-expect-error no such option
  createMizan({ url: "/api" });
}
