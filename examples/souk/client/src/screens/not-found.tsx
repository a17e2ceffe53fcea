import { Notice } from "../parts/failure.js";
import { Page } from "../parts/page.js";
import { Link } from "../router.js";

export function NotFound() {
  return (
    <Page title="No such place">
      <Notice title="You took a wrong turn">
        <p>There is nothing behind this address.</p>
        <Link className="button primary" href="/">
          Back to the hall
        </Link>
      </Notice>
    </Page>
  );
}
