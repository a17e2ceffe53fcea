import { draft } from "@mizan/base";
import { usePrefetch, useRename, userContext, useUserProfile } from "./mizan/index.js";

export function Name({ id, next }: { id: number; next: number }) {
  const profile = useUserProfile({ user_id: id });
  const renaming = useRename();
  const ahead = usePrefetch(userContext);

  const rename = (name: string) =>
    renaming.mutate(
      { user_id: id, name },
      { optimistic: draft(userContext, { user_id: id }, { user_profile: (user) => ({ ...user, name }) }) },
    );

  if (profile.isLoading) return <p>…</p>;
  return (
    <p>
      <button type="button" disabled={renaming.isPending} onClick={() => rename("Ryth")}>
        {profile.data?.name}
      </button>
      <em role="alert">{(profile.error ?? renaming.error)?.message}</em>
      <a href={`/users/${next}`} onPointerEnter={() => ahead({ user_id: next })}>
        next
      </a>
    </p>
  );
}
