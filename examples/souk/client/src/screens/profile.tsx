import type { Me } from "../mizan/index.js";
import { useProfileContext } from "../mizan/react.js";
import { DisplayName } from "../parts/display-name.js";
import { ForUser } from "../parts/for-user.js";
import { Page } from "../parts/page.js";
import { ProfileForm } from "../parts/profile-form.js";
import { Reading } from "../parts/reading.js";
import { Rows } from "../parts/skeleton.js";
import { StallCard } from "../parts/stall-card.js";
import { Link } from "../router.js";

/** What the market knows about the shopper. */
export function Profile() {
  return (
    <Page title="Profile">
      <ForUser skeleton={<Rows rows={4} />}>{(me) => <Details me={me} />}</ForUser>
    </Page>
  );
}

function Details({ me }: { me: Me }) {
  const profile = useProfileContext({ user_id: me.id });
  return (
    <Reading of={profile} skeleton={<Rows rows={4} />}>
      {({ profile_details, profile_display_name }) => (
        <div className="profile">
          <section aria-labelledby="called">
            <h2 id="called">What we call you</h2>
            <DisplayName userId={me.id} name={profile_display_name.display_name} />
          </section>
          <section aria-labelledby="details">
            <h2 id="details">Details</h2>
            <ProfileForm details={profile_details} stallId={me.stall_id} />
          </section>
          <section aria-labelledby="devices">
            <h2 id="devices">Devices</h2>
            <p>
              <Link href="/devices">Where you are signed in</Link>
            </p>
          </section>
          {me.stall_id !== null && (
            <section className="preview" aria-labelledby="preview">
              <h2 id="preview">Your stall in the hall</h2>
              <StallCard stallId={me.stall_id} userId={me.id} />
            </section>
          )}
        </div>
      )}
    </Reading>
  );
}
