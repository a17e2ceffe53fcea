import type { ReactNode } from "react";
import { type Me, useCurrentUser } from "../mizan/index.js";
import { Notice } from "./failure.js";
import { Reading } from "./reading.js";

/** A screen that belongs to somebody. */
export function ForUser(props: { skeleton: ReactNode; children: (me: Me) => ReactNode }) {
  const user = useCurrentUser();
  return (
    <Reading of={user} skeleton={props.skeleton}>
      {(me) => (me ? props.children(me) : <Nobody />)}
    </Reading>
  );
}

function Nobody() {
  return (
    <Notice title="Nobody is shopping yet">
      <p>Choose somebody in the development switcher at the top of the page.</p>
    </Notice>
  );
}
