import { type ComponentType, lazy, StrictMode, Suspense } from "react";
import { Announcer } from "./parts/announcer.js";
import { Devtools } from "./parts/devtools.js";
import { Header } from "./parts/header.js";
import { Page } from "./parts/page.js";
import { ServedAddress, useAddress } from "./router.js";
import { Basket } from "./screens/basket.js";
import { Devices } from "./screens/devices.js";
import { Hall } from "./screens/hall.js";
import { NotFound } from "./screens/not-found.js";
import { Orders } from "./screens/orders.js";
import { Profile } from "./screens/profile.js";
import { SignIn } from "./screens/sign-in.js";
import { Stall } from "./screens/stall.js";

// Loaded where they are opened: no other screen needs a second framework.
const Counter = screen(() => import("./screens/counter.js").then(({ Counter }) => Counter));
const Staff = screen(() => import("./screens/staff.js").then(({ Staff }) => Staff));
const UnderTheHood = screen(() =>
  import("./screens/under-the-hood.js").then(({ UnderTheHood }) => UnderTheHood),
);

// Only they may suspend. What is in a `Suspense` is hydrated later than the rest, when the caller may be known already.
function screen(load: () => Promise<ComponentType>) {
  const Loaded = lazy<ComponentType>(() =>
    load().then(
      (loaded) => ({ default: loaded }),
      () => ({ default: NotLoaded }),
    ),
  );
  return () => (
    <Suspense fallback={<div aria-busy="true" />}>
      <Loaded />
    </Suspense>
  );
}

/** The whole application, at the address that the server renders it for. In the browser it follows its own. */
export function App({ path = "/", query = {} }: { path?: string; query?: Record<string, string> }) {
  const search = new URLSearchParams(query).toString();
  return (
    <StrictMode>
      <ServedAddress value={search ? `${path}?${search}` : path}>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <Header />
        {import.meta.env.DEVTOOLS && <Devtools />}
        <main id="main" tabIndex={-1}>
          <Screen />
        </main>
        <Announcer />
      </ServedAddress>
    </StrictMode>
  );
}

function Screen() {
  const { path, query } = useAddress();
  const stall = /^\/stalls\/(\d+)\/?$/.exec(path);
  if (stall) return <Stall key={stall[1]} stallId={Number(stall[1])} />;
  switch (path) {
    case "/":
      return <Hall category={query.get("category") ?? undefined} />;
    case "/basket":
      return <Basket />;
    case "/orders":
      return <Orders />;
    case "/profile":
      return <Profile />;
    case "/devices":
      return <Devices />;
    case "/counter":
      return <Counter />;
    case "/staff":
      return <Staff />;
    case "/under-the-hood":
      return <UnderTheHood />;
    case "/sign-in":
      return <SignIn next={query.get("next")} />;
    default:
      return <NotFound />;
  }
}

function NotLoaded() {
  const { path } = useAddress();
  return (
    <Page title="Not loaded">
      <p role="alert">
        This page could not be loaded. <a href={path}>Try again</a>
      </p>
    </Page>
  );
}
