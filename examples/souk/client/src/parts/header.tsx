import type { ReactNode } from "react";
import { type Me, useBasketTotal, useCurrentUser } from "../mizan/index.js";
import { Link, useAddress } from "../router.js";
import { Button } from "./button.js";
import { retryAll, useRetry } from "./retry.js";
import { Scales } from "./scales.js";

/** On every screen: the market, the ways through it, and who is shopping. */
export function Header() {
  const user = useCurrentUser();
  useRetry(user);
  return (
    <header className="header">
      <Link className="brand" href="/">
        {user.data ? <BasketScales userId={user.data.id} /> : <Scales tilt={0} />}
        <span>Souk</span>
      </Link>
      <nav className="ways" aria-label="Main">
        <Way href="/">Hall</Way>
        <Way href="/basket">Basket{user.data && <Pieces userId={user.data.id} />}</Way>
        <Way href="/orders">Orders</Way>
      </nav>
      {user.data && <Shopper me={user.data} />}
      {user.data === null && <p className="shopper">Visitor</p>}
      {user.data === undefined && user.error && <TryAgain />}
    </header>
  );
}

function Way({ href, children }: { href: string; children: ReactNode }) {
  const { path } = useAddress();
  const here = href === "/" ? path === "/" || path.startsWith("/stalls/") : path === href;
  return (
    <Link href={href} aria-current={here ? (path === href ? "page" : "true") : undefined}>
      {children}
    </Link>
  );
}

function Pieces({ userId }: { userId: number }) {
  const total = useBasketTotal({ user_id: userId });
  useRetry(total);
  // It has its place before it is known, and when it is nothing: the links beside it stay where they are.
  const pieces = total.data?.pieces ?? 0;
  return (
    <span className={pieces > 0 ? "pieces" : "pieces none"}>
      {pieces}
      <span className="unseen">{pieces === 1 ? " piece" : " pieces"}</span>
    </span>
  );
}

/** The heavier the basket, the further the scales tip. */
function BasketScales({ userId }: { userId: number }) {
  const total = useBasketTotal({ user_id: userId });
  return <Scales tilt={Math.min(total.data?.pieces ?? 0, 12)} />;
}

function Shopper({ me }: { me: Me }) {
  const { path } = useAddress();
  return (
    <Link className="shopper" href="/profile" aria-current={path === "/profile" ? "page" : undefined}>
      <span className="initial" aria-hidden="true">
        {me.display_name.slice(0, 1)}
      </span>
      <span className="unseen">Profile of </span>
      <span className="names">
        <strong>{me.display_name}</strong>
        <small>{me.name}</small>
      </span>
    </Link>
  );
}

function TryAgain() {
  return (
    <Button look="quiet" onClick={retryAll}>
      Try again
    </Button>
  );
}
