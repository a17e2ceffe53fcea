import { useState } from "react";
import { chooseUser, chosenUser } from "./identity.js";
import { MizanContext } from "./mizan/index.js";
import { silence } from "./parts/announce.js";
import { Announcer } from "./parts/announcer.js";
import { Header } from "./parts/header.js";
import { Switcher } from "./parts/switcher.js";
import { useAddress } from "./router.js";
import { Basket } from "./screens/basket.js";
import { Hall } from "./screens/hall.js";
import { NotFound } from "./screens/not-found.js";
import { Orders } from "./screens/orders.js";
import { Profile } from "./screens/profile.js";
import { Stall } from "./screens/stall.js";

export function App() {
  const [{ userId, switched }, setIdentity] = useState({ userId: chosenUser(), switched: false });
  const become = (id: number | undefined) => {
    chooseUser(id);
    silence();
    setIdentity({ userId: id, switched: true });
  };
  return (
    <>
      {/* Another key is another kernel: nothing that was read for the former user is left. */}
      <MizanContext key={userId ?? "nobody"}>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <Switcher userId={userId} focused={switched} onChange={become} />
        <Header />
        <main id="main" tabIndex={-1}>
          <Screen />
        </main>
      </MizanContext>
      <Announcer />
    </>
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
    default:
      return <NotFound />;
  }
}
