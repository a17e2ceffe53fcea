/** Type tests: each mistake is a compile error, or `tsc` reports an unused directive. */
import { defineCall, defineContext, type MizanError } from "@mizan/base";
import {
  provideMizan,
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
  const profile = useMember(user, "user_profile", () => ({ user_id: 5 }));
  assert<Equal<typeof profile, ReadState<Profile>>>();
  assert<Equal<typeof profile.data, Profile | undefined>>();
  const known = () => profile.data && { user_id: profile.data.id };
  const kept = useMember(user, "orders", known, () => ({ keepPrevious: true, skip: false }));
  assert<Equal<typeof kept, ReadState<string[]>>>();
  useContextEntry(user, () => undefined);
  const { mutate, data, error } = useCall(rename);
  assert<Equal<typeof data, Profile | undefined>>();
  assert<Equal<typeof error, MizanError | undefined>>();
  void mutate({ user_id: 5, name: "bob" });
  const pinging = useCall(ping);
  void pinging.mutate();
  void pinging.mutate({ note: "hi" });
  usePrefetch(user)({ user_id: 5 });
  provideMizan({ baseUrl: "/api" });
}

export function bad() {
  // @ts-expect-error a member that does not exist
  useMember(user, "profile", () => ({ user_id: 5 }));
  // @ts-expect-error a parameter is missing
  useMember(user, "orders", () => ({}));
  // @ts-expect-error a parameter of the wrong type
  useContextEntry(user, () => ({ user_id: "5" }));
  // @ts-expect-error parameters are a getter
  useContextEntry(user, { user_id: 5 });
  const wrong = () => ({ keep: "yes", keepPrevious: "yes" });
  // @ts-expect-error an option of the wrong type
  useContextEntry(user, () => undefined, wrong);
  // @ts-expect-error data may be absent
  useMember(user, "user_profile", () => ({ user_id: 5 })).data.name;
  // @ts-expect-error a field that does not exist
  useMember(user, "user_profile", () => ({ user_id: 5 })).data?.nick;
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
  provideMizan({ baseUrl: 5 });
}
