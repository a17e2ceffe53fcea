import type { ReactNode } from "react";
import type { Me } from "../mizan/index.js";
import { useBasketTotal, useCurrentUser, useSignOut } from "../mizan/react.js";
import { Link, signInFrom, useAddress } from "../router.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";
import { retryAll, useRetry } from "./retry.js";
import { Scales } from "./scales.js";

/** On every screen: the market, the ways through it, and who is signed in. */
export function Header() {
  const user = useCurrentUser();
  useRetry(user);
  return (
    <header className="header">
      <Link className="brand" href="/">
        {user.data ? <BasketScales /> : <Scales tilt={0} />}
        <span>Souk</span>
      </Link>
      <nav className="ways" aria-label="Main">
        <Way href="/">Hall</Way>
        <Way href="/basket">Basket{user.data ? <PiecesOfUser /> : <Pieces of={0} />}</Way>
        <Way href="/orders">Orders</Way>
        {user.data?.stall_id != null && <Way href="/counter">Counter</Way>}
        {user.data?.staff && <Way href="/staff">Staff</Way>}
      </nav>
      {user.data && <Shopper me={user.data} />}
      {user.data && <SignOut />}
      {user.data === null && <ToSignIn />}
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

function PiecesOfUser() {
  const total = useBasketTotal();
  useRetry(total);
  return <Pieces of={total.data?.pieces ?? 0} />;
}

/** It has its place before it is known, and when it is nothing: the links next to it stay where they are. */
function Pieces({ of }: { of: number }) {
  return (
    <span className={of > 0 ? "pieces" : "pieces none"}>
      {of}
      <span className="unseen">{of === 1 ? " piece" : " pieces"}</span>
    </span>
  );
}

/** The heavier the basket, the further the scales tip. */
function BasketScales() {
  const total = useBasketTotal();
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

function SignOut() {
  const call = useSignOut();
  const left = () => {
    announce("You are signed out.");
    // The button is gone, and the focus would be nowhere.
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  const failed = () => announce("Signing out failed: try again.");
  return (
    <Button look="quiet" pending={call.isPending} onClick={() => call.mutate().then(left, failed)}>
      Sign out
    </Button>
  );
}

function ToSignIn() {
  const address = useAddress();
  return (
    <Link className="button quiet" href={signInFrom(address)}>
      Sign in
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
