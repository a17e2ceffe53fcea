import { momentOf } from "../format.js";
import type { Device } from "../mizan/index.js";
import { useDevicesList, useEndDevice } from "../mizan/react.js";
import { announce } from "../parts/announce.js";
import { Button } from "../parts/button.js";
import { Complaint } from "../parts/field.js";
import { ForUser } from "../parts/for-user.js";
import { Page } from "../parts/page.js";
import { Reading } from "../parts/reading.js";
import { shown } from "../parts/shown.js";
import { Rows } from "../parts/skeleton.js";

/** Where somebody is signed in. */
export function Devices() {
  return (
    <Page title="Devices" lead="Sign out what you do not have in your hands any more.">
      <ForUser skeleton={<Rows rows={2} />}>{() => <List />}</ForUser>
    </Page>
  );
}

function List() {
  const devices = useDevicesList();
  return (
    <Reading of={devices} skeleton={<Rows rows={2} />}>
      {(list) => (
        <ul className="rows devices">
          {list.map((device) => (
            <Row key={device.id} {...device} />
          ))}
        </ul>
      )}
    </Reading>
  );
}

function Row({ id, label, started, current }: Device) {
  const end = useEndDevice();
  const ended = () => {
    announce(`${label} is signed out.`);
    // The row is gone, and the focus would be nowhere.
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  return (
    <li className="row">
      <div className="what">
        <h2>{label}</h2>
        <p className="blurb">
          since <time dateTime={started}>{momentOf(started)}</time>
        </p>
        <Complaint error={end.error} />
      </div>
      {current ? (
        <p className="status paid">This device</p>
      ) : (
        <Button look="quiet" pending={end.isPending} onClick={() => end.mutate({ id }).then(ended, shown)}>
          Sign out<span className="unseen"> {label}</span>
        </Button>
      )}
    </li>
  );
}
