import { type ReadState, useContextEntry, useMember } from "@mizan/vue";
import { defineComponent, h } from "vue";
import { badgeContext, secretContext, totalContext, userContext } from "../../src/mizan/index.js";
import { type Piece, stall, user } from "../../src/pieces.js";
import Shown from "./shown.vue";

type Told = string | number | undefined;

/** A component that shows one value of what it reads. */
function reading<T>(setup: (piece: Piece) => ReadState<T>, value: (data: T) => Told) {
  return defineComponent(
    (piece: Piece) => {
      const read = setup(piece);
      return () => {
        const data = read.data.value;
        return h(Shown, {
          kind: piece.kind,
          isLoading: read.isLoading.value,
          isPrevious: read.isPrevious.value,
          status: read.status.value,
          message: read.error.value?.message,
          value: data === undefined ? undefined : value(data),
          onRefetch: read.refetch,
        });
      };
    },
    { props: ["kind", "id", "word"] },
  );
}

export const Profile = reading(
  (piece) => useMember(userContext, "profile", () => user(piece.id)),
  (profile) => profile.name,
);
export const Posts = reading(
  (piece) => useMember(userContext, "posts", () => user(piece.id)),
  (posts) => posts.join(", "),
);
export const User = reading(
  (piece) => useContextEntry(userContext, () => user(piece.id)),
  ({ profile, posts }) => `${profile.name}: ${posts.length}`,
);
export const Kept = reading(
  (piece) => useMember(userContext, "profile", () => user(piece.id), { keepPrevious: true }),
  (profile) => profile.name,
);
export const Badge = reading(
  (piece) => useMember(badgeContext, "badge", () => user(piece.id)),
  (badge) => badge.text,
);
export const Total = reading(
  (piece) => useMember(totalContext, "total", () => stall(piece.id)),
  (total) => total,
);
export const Secret = reading(
  () => useMember(secretContext, "secret", {}),
  (secret) => secret ?? "nobody",
);
