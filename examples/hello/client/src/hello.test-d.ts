// What the compiler must refuse on the generated client. Nothing here is ever called.

import { callRename, fetchUserContext, useRename, useUserProfile } from "./mizan/index.js";
import type { Mizan } from "@mizan/base";

export async function refused(mizan: Mizan): Promise<void> {
  const profile = useUserProfile({ user_id: 5 });
  const name: string | undefined = profile.data?.name;
  // @ts-expect-error the argument is a number
  useUserProfile({ user_id: "5" });
  // @ts-expect-error the argument is required
  useUserProfile({});
  // @ts-expect-error there is no such argument
  useUserProfile({ user_id: 5, page: 1 });
  // @ts-expect-error there is no such field
  profile.data?.email;
  // @ts-expect-error the data may not be there yet
  profile.data.name;

  const rename = useRename();
  const renamed = await rename.mutate({ user_id: 5, name: name ?? "" });
  // @ts-expect-error the result has no such field
  renamed.ok;
  // @ts-expect-error an argument is missing
  await rename.mutate({ user_id: 5 });
  // @ts-expect-error an argument has another type
  await callRename(mizan, { user_id: 5, name: 5 });

  const bundle = await fetchUserContext(mizan, { user_id: 5 });
  const id: number = bundle.user_profile.id;
  // @ts-expect-error the bundle has no such member
  bundle.user_orders;
  // @ts-expect-error the field is a number
  const text: string = bundle.user_profile.id;
  void [id, text];
}
