import type { SoukError } from "../mizan/index.js";
import { Link, signInFrom, useAddress } from "../router.js";
import { Button } from "./button.js";
import { retryAll } from "./retry.js";
import { Scales } from "./scales.js";
import { useSignedOut } from "./use-signed-out.js";
import { words } from "./words.js";

/** What is shown instead of a screen that could not be read. */
export function Failure({ error }: { error: SoukError }) {
  useSignedOut(error);
  if (error.code === "UNAUTHORIZED") return <SignedOut />;
  if (error.code === "NOT_FOUND") {
    return (
      <Notice title="Nothing stands here" alert>
        <p>This place in the hall is empty: {error.message}.</p>
        <Link className="button primary" href="/">
          Back to the hall
        </Link>
      </Notice>
    );
  }
  const offline = error.code === "NETWORK_ERROR";
  return (
    <Notice title={offline ? "The market cannot be reached" : "Something went wrong"} alert>
      <p>{offline ? "It is asked again when your connection is back." : words(error)}</p>
      <Button onClick={retry}>Try again</Button>
    </Notice>
  );
}

/** In place of a screen that belongs to somebody. */
export function SignedOut() {
  const address = useAddress();
  return (
    <Notice title="You are not signed in">
      <p>Baskets, orders and profiles belong to somebody.</p>
      <Link className="button primary" href={signInFrom(address)}>
        Sign in
      </Link>
    </Notice>
  );
}

/** Above data that is still shown although a newer read failed. */
export function StaleNotice() {
  return (
    <div className="stale" role="alert">
      <p>This may be out of date: it could not be read again.</p>
      <Button look="quiet" onClick={retryAll}>
        Try again
      </Button>
    </div>
  );
}

/** A few words in the middle of a screen that has nothing else to show. */
export function Notice(props: { title: string; alert?: boolean; children: React.ReactNode }) {
  return (
    <div className="notice" role={props.alert ? "alert" : undefined}>
      <Scales tilt={props.alert ? 9 : 0} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** The button goes away while it is tried again; the focus would go with it. */
function retry() {
  document.getElementById("main")?.focus({ preventScroll: true });
  retryAll();
}
