import { Island } from "../islands/island.js";
import Board from "../islands/staff.svelte";
import { inSvelte } from "../islands/svelte.js";
import { ForUser } from "../parts/for-user.js";
import { Page } from "../parts/page.js";
import { Rows } from "../parts/skeleton.js";
import "../styles/counter.css";

const board = inSvelte(Board, {});

/** What the staff has to send, in Svelte. */
export function Staff() {
  return (
    <Page title="Staff" lead="Orders that are not sent yet, the oldest first.">
      <ForUser skeleton={<Rows rows={4} />}>{() => <Island mount={board} />}</ForUser>
    </Page>
  );
}
