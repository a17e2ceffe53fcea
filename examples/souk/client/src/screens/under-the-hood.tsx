import { LiveLog, useLiveLog } from "../hood/live-log.js";
import { ReactPane } from "../hood/react-pane.js";
import "../styles/hood.css";
import { useCurrentUser } from "../mizan/index.js";
import { Page } from "../parts/page.js";
import { Link, signInFrom, useAddress } from "../router.js";

/** One stall and what the client does for it. Every view of it follows a change made in any other. */
export function UnderTheHood() {
  const address = useAddress();
  const { data: me } = useCurrentUser();
  const { lines, say } = useLiveLog();
  const stallId = me?.stall_id ?? 1;
  const isKeeper = me?.stall_id === stallId;
  return (
    <Page title="Under the hood" lead="One stall, shown more than once, and what the client does for it.">
      {me !== undefined && !isKeeper && (
        <p className="blurb">
          <Link href={signInFrom(address)}>Sign in as samira</Link>, who keeps this stall, to change it.
        </p>
      )}
      <div className="hood">
        <section className="pane" aria-labelledby="react">
          <h2 id="react">React</h2>
          <ReactPane stallId={stallId} isKeeper={isKeeper} say={say} />
        </section>
        <LiveLog lines={lines} />
      </div>
    </Page>
  );
}
