/**
 * Who is shopping, as the development switcher says: a cookie that anybody may set.
 * This is not a login. A real one sets an HttpOnly cookie on the server.
 */

const COOKIE = "souk_user";

/** The id in the cookie; `undefined` for a visitor without a name. */
export function chosenUser(): number | undefined {
  const found = new RegExp(`(?:^|; )${COOKIE}=(\\d+)`).exec(document.cookie);
  return found ? Number(found[1]) : undefined;
}

/** Chooses who is shopping from the next request on. */
export function chooseUser(id: number | undefined): void {
  const lifetime = id === undefined ? "; Max-Age=0" : "";
  document.cookie = `${COOKIE}=${id ?? ""}; Path=/; SameSite=Lax${lifetime}`;
}
