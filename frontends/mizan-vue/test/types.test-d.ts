/** Type tests: each mistake is a compile error, or `tsc` reports an unused directive. */
import { defineCall, defineContext, type MizanError } from "@mizan/base";
import { h, ref, type ComputedRef } from "vue";
import {
  MizanProvider,
  useCall,
  useContextEntry,
  useMember,
  usePrefetch,
  type ReadState,
} from "../src/index.js";

interface Profile {
  id: number;
  name: string;
}

const user = defineContext<{ user_id: number }, { user_profile: Profile; orders: string[] }>({
  name: "user",
  params: ["user_id"],
  functions: ["orders", "user_profile"],
});
const rename = defineCall<{ user_id: number; name: string }, Profile>({ name: "rename" });
const ping = defineCall<{ note?: string }, null>({ name: "ping" });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <T extends true>(): T | undefined => undefined;

export function good() {
  const profile = useMember(user, "user_profile", { user_id: 5 });
  assert<Equal<typeof profile, ReadState<Profile>>>();
  assert<Equal<typeof profile.data, ComputedRef<Profile | undefined>>>();
  const known = () => profile.data.value && { user_id: profile.data.value.id };
  const kept = useMember(user, "orders", known, { keepPrevious: true, skip: ref(false) });
  assert<Equal<typeof kept, ReadState<string[]>>>();
  useContextEntry(user, ref({ user_id: 5 }));
  const { mutate, data, error } = useCall(rename);
  assert<Equal<typeof data, ComputedRef<Profile | undefined>>>();
  assert<Equal<typeof error, ComputedRef<MizanError | undefined>>>();
  void mutate({ user_id: 5, name: "bob" });
  const pinging = useCall(ping);
  void pinging.mutate();
  void pinging.mutate({ note: "hi" });
  usePrefetch(user)({ user_id: 5 });
  return h(MizanProvider, { baseUrl: "/api" });
}

export function bad() {
  // @ts-expect-error a member that does not exist
  useMember(user, "profile", { user_id: 5 });
  // @ts-expect-error a parameter is missing
  useMember(user, "orders", {});
  // @ts-expect-error a parameter of the wrong type
  useContextEntry(user, () => ({ user_id: "5" }));
  // @ts-expect-error a ref of the wrong type
  useContextEntry(user, ref({ user_id: "5" }));
  // @ts-expect-error an option that does not exist
  useContextEntry(user, undefined, { keep: true });
  // @ts-expect-error data may be absent
  useMember(user, "user_profile", { user_id: 5 }).data.value.name;
  // @ts-expect-error a field that does not exist
  useMember(user, "user_profile", { user_id: 5 }).data.value?.nick;
  const { mutate } = useCall(rename);
  // @ts-expect-error arguments are required
  void mutate();
  // @ts-expect-error an argument of the wrong type
  void mutate({ user_id: 5, name: 7 });
  // @ts-expect-error an argument that does not exist
  void useCall(ping).mutate({ nope: 1 });
  // @ts-expect-error a context is not a call
  useCall(user);
  // @ts-expect-error a parameter of the wrong type
  usePrefetch(user)({ user_id: "5" });
  // @ts-expect-error a property of the wrong type
  h(MizanProvider, { baseUrl: 5 });
}
