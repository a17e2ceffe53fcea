import { signOut } from "@mizan/base";
import { prefetch } from "@mizan/base/adapter";
import { useCall, useMizan } from "@mizan/react";
import { useState } from "react";
import { addOrders, engrave, post, rename, signIn, userContext } from "../../src/mizan/index.js";
import { type Piece, renamed } from "../../src/pieces.js";

export function Rename({ kind, id = 0 }: Piece) {
  const [name, setName] = useState("");
  const renaming = useCall(rename);
  const engraving = useCall(engrave);
  const posting = useCall(post);
  const of = { user_id: id };
  return (
    <section aria-label={kind} aria-busy={renaming.isPending}>
      <input aria-label="Name" value={name} onChange={(event) => setName(event.target.value)} />
      {renaming.error?.fields.name && <p data-field="name">{renaming.error.fields.name[0]}</p>}
      {renaming.error && <p role="alert">{renaming.error.message}</p>}
      <button type="button" onClick={() => renaming.mutate({ ...of, name })}>
        Rename
      </button>
      <button
        type="button"
        onClick={() => renaming.mutate({ ...of, name }, { optimistic: renamed(id, name) })}
      >
        Rename at once
      </button>
      <button type="button" onClick={() => engraving.mutate({ ...of, name })}>
        Engrave
      </button>
      <button type="button" onClick={() => posting.mutate({ ...of, text: name })}>
        Post
      </button>
      <button type="button" onClick={renaming.reset}>
        Reset
      </button>
    </section>
  );
}

export function Add({ kind, id = 0 }: Piece) {
  const [count, setCount] = useState("1");
  const adding = useCall(addOrders);
  return (
    <section aria-label={kind} aria-busy={adding.isPending}>
      <input aria-label="Count" value={count} onChange={(event) => setCount(event.target.value)} />
      <button type="button" onClick={() => adding.mutate({ stall_id: id, count: Number(count) })}>
        Add
      </button>
    </section>
  );
}

export function Session({ kind, word }: Piece) {
  const mizan = useMizan();
  const signing = useCall(signIn);
  return (
    <section aria-label={kind} aria-busy={signing.isPending}>
      <button type="button" onClick={() => signing.mutate({ name: word })}>
        Sign in
      </button>
      <button type="button" onClick={() => signOut(mizan)}>
        Sign out
      </button>
    </section>
  );
}

/** Reads ahead when a pointer or the focus enters. */
export function Link({ kind, id = 0 }: Piece) {
  const mizan = useMizan();
  const ahead = () => prefetch(mizan, userContext, { user_id: id });
  return (
    <section aria-label={kind}>
      <a href="#user" onPointerEnter={ahead} onFocus={ahead}>
        User
      </a>
    </section>
  );
}
