import { useMemo } from "react";
import { Island } from "../islands/island.js";
import Keeper from "../islands/keeper.vue";
import { inVue } from "../islands/vue.js";
import { ForUser } from "../parts/for-user.js";
import { Page } from "../parts/page.js";
import { Rows } from "../parts/skeleton.js";
import "../styles/counter.css";

/** The counter of the caller's stall, in Vue. */
export function Counter() {
  return (
    <Page title="Counter" lead="How much of each good is there. Buyers see a change at once.">
      <ForUser skeleton={<Rows rows={4} />}>
        {({ stall_id }) => (stall_id ? <Own stallId={stall_id} /> : <p>You keep no stall.</p>)}
      </ForUser>
    </Page>
  );
}

function Own({ stallId }: { stallId: number }) {
  return <Island mount={useMemo(() => inVue(Keeper, { stallId }), [stallId])} />;
}
