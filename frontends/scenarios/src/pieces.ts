/** What the pages of all frameworks share: the instance, the pieces that are shown, and the drafts of their calls. */
import { createMizan, draft, type Mizan } from "@mizan/base";
import { userContext } from "./mizan/index.js";

/** An instance whose failures that no component shows become the title of the page. */
export function openMizan(): Mizan {
  return createMizan({
    hangTime: 1_000,
    onError: (error) => {
      document.title = error.code;
    },
  });
}

/** A piece of the page: `profile:7` is the component `profile` with the id 7, `profile:` the one without an id. */
export interface Piece {
  readonly kind: string;
  readonly id: number | undefined;
  readonly word: string;
}

/** The pieces in the words of the field `Show`. A component follows its place: `kept:1` becomes `kept:2`. */
export function pieces(text: string): Piece[] {
  return text
    .split(" ")
    .filter(Boolean)
    .map((each) => {
      const [kind = "", word = ""] = each.split(":");
      return { kind, word, id: /^-?\d+$/.test(word) ? Number(word) : undefined };
    });
}

/** The parameters of a user, `undefined` while there is no id. */
export const user = (id: number | undefined) => (id === undefined ? undefined : { user_id: id });

/** The parameters of a stall. */
export const stall = (id: number | undefined) => (id === undefined ? undefined : { stall_id: id });

/** What a rename will do. */
export const renamed = (id: number, name: string) =>
  draft(userContext, { user_id: id }, { profile: (profile) => ({ ...profile, name }) });
