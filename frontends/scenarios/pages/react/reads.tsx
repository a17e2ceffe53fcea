import { useContextEntry, useList, useMember, useMizan } from "@mizan/react";
import { Component, type ReactNode, Suspense, use, useMemo } from "react";
import {
  badgeContext,
  ordersContext,
  secretContext,
  totalContext,
  userContext,
} from "../../src/mizan/index.js";
import { type Piece, stall, user } from "../../src/pieces.js";

interface Reading {
  readonly status: string;
  readonly error: { readonly message: string } | undefined;
  readonly isLoading: boolean;
  readonly isPrevious: boolean;
  readonly refetch: () => Promise<void>;
}

function Shown({ kind, of, value }: { kind: string; of: Reading; value: ReactNode }) {
  return (
    <section aria-label={kind} aria-busy={of.isLoading} data-status={of.status} data-previous={of.isPrevious}>
      <output>{value}</output>
      {of.error && <p role="alert">{of.error.message}</p>}
      <button type="button" onClick={of.refetch}>
        Refetch
      </button>
    </section>
  );
}

export function Profile({ kind, id }: Piece) {
  const profile = useMember(userContext, "profile", user(id));
  return <Shown kind={kind} of={profile} value={profile.data?.name} />;
}

export function Posts({ kind, id }: Piece) {
  const posts = useMember(userContext, "posts", user(id));
  return <Shown kind={kind} of={posts} value={posts.data?.join(", ")} />;
}

export function User({ kind, id }: Piece) {
  const all = useContextEntry(userContext, user(id));
  return (
    <Shown kind={kind} of={all} value={all.data && `${all.data.profile.name}: ${all.data.posts.length}`} />
  );
}

export function Kept({ kind, id }: Piece) {
  const profile = useMember(userContext, "profile", user(id), { keepPrevious: true });
  return <Shown kind={kind} of={profile} value={profile.data?.name} />;
}

export function Badge({ kind, id }: Piece) {
  const badge = useMember(badgeContext, "badge", user(id));
  return <Shown kind={kind} of={badge} value={badge.data?.text} />;
}

export function Total({ kind, id }: Piece) {
  const total = useMember(totalContext, "total", stall(id));
  return <Shown kind={kind} of={total} value={total.data} />;
}

export function Secret({ kind }: Piece) {
  const { data, ...secret } = useMember(secretContext, "secret", {});
  return <Shown kind={kind} of={secret} value={data === null ? "nobody" : data} />;
}

export function Orders({ kind, id }: Piece) {
  const { items, more, loadMore, pending, error } = useList(ordersContext, stall(id));
  return (
    <section aria-label={kind} aria-busy={pending}>
      <output>{pending && !items.length ? "" : `${items.length} orders`}</output>
      <ul>
        {items.map((order) => (
          <li key={order.id}>{order.id}</li>
        ))}
      </ul>
      {error && <p role="alert">{error.message}</p>}
      {more && (
        <button type="button" onClick={loadMore}>
          More
        </button>
      )}
    </section>
  );
}

/** Waits in the nearest `<Suspense>`, and fails into the nearest boundary. */
export function Waits({ kind, id = 0 }: Piece) {
  const mizan = useMizan();
  const ready = useMemo(() => mizan.fetch(userContext, { user_id: id }), [mizan, id]);
  return (
    <section aria-label={kind}>
      <Boundary key={id}>
        <Suspense fallback={<p>waiting</p>}>
          <Ready id={id} ready={ready} />
        </Suspense>
      </Boundary>
    </section>
  );
}

function Ready({ id, ready }: { id: number; ready: Promise<unknown> }) {
  use(ready);
  const profile = useMember(userContext, "profile", { user_id: id });
  return <output>{profile.data?.name}</output>;
}

class Boundary extends Component<{ children: ReactNode }, { failure?: { message: string } }> {
  override state: { failure?: { message: string } } = {};
  static getDerivedStateFromError(failure: { message: string }) {
    return { failure };
  }
  override render() {
    const { failure } = this.state;
    return failure ? <p role="alert">{failure.message}</p> : this.props.children;
  }
}
