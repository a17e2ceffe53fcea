import { MizanProvider } from "@mizan/react";
import { createElement, type ComponentType, useState } from "react";
import { createRoot } from "react-dom/client";
import { openMizan, type Piece, pieces } from "../../src/pieces.js";
import { Add, Link, Rename, Session } from "./calls.js";
import { Badge, Kept, Orders, Posts, Profile, Secret, Total, User, Waits } from "./reads.js";

const KINDS: Record<string, ComponentType<Piece>> = {
  add: Add,
  badge: Badge,
  kept: Kept,
  link: Link,
  orders: Orders,
  posts: Posts,
  profile: Profile,
  rename: Rename,
  secret: Secret,
  session: Session,
  total: Total,
  user: User,
  waits: Waits,
};

function Page() {
  const [shown, setShown] = useState("");
  return (
    <>
      <input aria-label="Show" value={shown} onChange={(event) => setShown(event.target.value)} />
      {pieces(shown).map((piece, place) => {
        const kind = KINDS[piece.kind];
        // A component follows its place.
        return kind && createElement(kind, { ...piece, key: place });
      })}
    </>
  );
}

const place = document.getElementById("page");
if (place)
  createRoot(place).render(
    <MizanProvider client={openMizan()}>
      <Page />
    </MizanProvider>,
  );
