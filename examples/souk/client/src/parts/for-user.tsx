import type { ReactNode } from "react";
import type { Me } from "../mizan/index.js";
import { useCurrentUser } from "../mizan/react.js";
import { SignedOut } from "./failure.js";
import { Reading } from "./reading.js";

/** A screen that belongs to somebody. */
export function ForUser(props: { skeleton: ReactNode; children: (me: Me) => ReactNode }) {
  const user = useCurrentUser();
  return (
    <Reading of={user} skeleton={props.skeleton}>
      {(me) => (me ? props.children(me) : <SignedOut />)}
    </Reading>
  );
}
