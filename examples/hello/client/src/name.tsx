import { useRename, useUserProfile } from "./mizan/index.js";

/** A name, and a button that changes it wherever it is shown. */
export function Name({ userId }: { userId: number }) {
  const profile = useUserProfile({ user_id: userId });
  const rename = useRename();
  return (
    <p>
      <button disabled={rename.isPending} onClick={() => rename.mutate({ user_id: userId, name: "Ryth" })}>
        {profile.data?.name ?? "…"}
      </button>
      {(profile.error ?? rename.error) && <em role="alert">{(profile.error ?? rename.error)?.message}</em>}
    </p>
  );
}
