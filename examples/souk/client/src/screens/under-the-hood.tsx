import { type ReactNode, useId, useMemo } from "react";
import SvelteCounter from "../hood/counter.svelte";
import VueCounter from "../hood/counter.vue";
import { LiveLog, useLiveLog } from "../hood/live-log.js";
import { PageLife } from "../hood/page-life.js";
import { ReactPane } from "../hood/react-pane.js";
import { Island } from "../islands/island.js";
import { inSvelte } from "../islands/svelte.js";
import { inVue } from "../islands/vue.js";
import "../styles/hood.css";
import { useCurrentUser } from "../mizan/react.js";
import { Page } from "../parts/page.js";
import { Link, signInFrom, useAddress } from "../router.js";

/** One stall and what the client does for it. Every view of it follows a change made in any other. */
export function UnderTheHood() {
  const address = useAddress();
  const { data: me } = useCurrentUser();
  const { lines, say } = useLiveLog();
  const stallId = me?.stall_id ?? 1;
  const isKeeper = me?.stall_id === stallId;
  const [vue, svelte] = useMemo(() => {
    const props = { stallId, isKeeper, say };
    return [inVue(VueCounter, props), inSvelte(SvelteCounter, props)];
  }, [stallId, isKeeper, say]);
  return (
    <Page
      title="Under the hood"
      lead="One stall, shown by three frameworks, and what the one client below them does."
    >
      {me !== undefined && !isKeeper && (
        <p className="blurb">
          <Link href={signInFrom(address)}>Sign in as samira</Link>, who keeps this stall, to change it.
        </p>
      )}
      <div className="hood">
        <Pane name="React">
          <ReactPane stallId={stallId} isKeeper={isKeeper} say={say} />
        </Pane>
        <Pane name="Vue">
          <Island mount={vue} />
        </Pane>
        <Pane name="Svelte">
          <Island mount={svelte} />
        </Pane>
        <Pane name="Pages of the server">
          <PageLife />
        </Pane>
        <LiveLog lines={lines} />
      </div>
    </Page>
  );
}

function Pane({ name, children }: { name: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className="pane" aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      {children}
    </section>
  );
}
