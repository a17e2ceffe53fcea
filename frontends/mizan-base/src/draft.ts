/**
 * Drafts: what a call will do is shown before its response.
 *
 * A draft is never stored in an entry. It is drawn over what the server has sent, again for each value that arrives:
 * until its call fails, or until the entry holds a value from after the call. Calls are drawn in the order in which they
 * were sent. A page that does not import `draft` does not load this module.
 */
import { notify, show } from "./entry.js";
import { keep } from "./keep.js";
import { isSet, own, text } from "./keys.js";
import { covered } from "./store.js";
import type { ContextDefinition, Draft, Drawn, Kernel, LiveEntry } from "./types.js";

/** What the drafts of one call change. */
export interface Layer {
  readonly drafts: readonly Draft[];
  /** The changes of session before the call. */
  readonly changes: number;
  /** Set once the call has succeeded: the entries that have no value from after it yet. */
  due?: Set<LiveEntry>;
}

/**
 * What a call will change, for the entries of `context` that have these `params`; with `{}`, for all of them. Each function
 * gets the value of its member and the parameters of the entry, and returns the new value. It must be pure: it runs again
 * for every value that arrives while the call is under way, which may contain the change already.
 * @example
 * mizan.call(rename, { user_id: 5, name }, {
 *   optimistic: draft(userContext, { user_id: 5 }, { user_profile: (profile) => ({ ...profile, name }) }),
 * })
 */
export function draft<P extends object, D extends object>(
  context: ContextDefinition<P, D>,
  params: NoInfer<Partial<P>>,
  members: { readonly [K in keyof D]?: (value: D[K], params: P) => NoInfer<D>[K] },
): Draft {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  const texts = given.map(
    ([name, value]) => [context.params.indexOf(name), text(value, isSet(context, name))] as const,
  );
  return {
    show: draw,
    entries: (kernel) => covered(kernel, context.name, params),
    fits: ({ context: { name }, sent }) =>
      name === context.name && texts.every(([at, text]) => sent[at] === text),
    over(entry, data) {
      const changed = Object.entries(members).flatMap(([member, change]) => {
        const value = own(data, member);
        if (value === undefined) return [];
        try {
          return [[member, (change as (...all: unknown[]) => unknown)(value, entry.params)]];
        } catch (failure) {
          // The failure of one is reported, and the others are still shown.
          void Promise.reject(failure);
          return [];
        }
      });
      return { ...data, ...Object.fromEntries(changed) };
    },
  };
}

/** Shows the drafts of one call from here on. */
function draw(kernel: Kernel, drafts: readonly Draft[]): Drawn {
  const layer: Layer = { drafts, changes: kernel.changes };
  kernel.layers = [...(kernel.layers ?? []).filter((layer) => isNeeded(kernel, layer)), layer];
  kernel.draw = drawn;
  redraw(kernel, drafts);
  let isOver = false;
  return {
    over(isDone) {
      isOver = true;
      if (isDone) {
        layer.due = new Set(entriesOf(kernel, drafts));
        return;
      }
      kernel.layers = kernel.layers?.filter((one) => one !== layer);
      redraw(kernel, drafts);
    },
    end() {
      if (!isOver) this.over(false);
      redraw(kernel, drafts);
      kernel.layers = kernel.layers?.filter((layer) => isNeeded(kernel, layer));
      if (!kernel.layers?.length) kernel.draw = kernel.layers = undefined;
    },
  };
}

/** What the entry shows. */
function drawn(entry: LiveEntry): object | undefined {
  const { data, kernel, state } = entry;
  if (!data) return data;
  const shown = (kernel.layers ?? []).filter((layer) => isShown(layer, entry));
  const all = shown.flatMap(({ drafts }) => drafts.filter((draft) => draft.fits(entry)));
  if (!all.length) return data;
  const next = all.reduce((next, draft) => draft.over(entry, next), data);
  // A part that is shown already stays the same object.
  const kept = Object.entries(next).map(([member, value]) => {
    const held = own(state.data, member);
    return [member, keep(held, value) === held ? held : value] as const;
  });
  const isSame = state.data && kept.every(([member, value]) => own(state.data, member) === value);
  return isSame ? state.data : Object.fromEntries(kept);
}

/** Whether an entry shows the drafts of a call. What is not marked once the call has succeeded holds its effect. */
function isShown({ changes, due }: Layer, entry: LiveEntry): boolean {
  if (due && !entry.needs) due.delete(entry);
  return changes === entry.kernel.changes && (!due || due.has(entry));
}

/** Whether any entry may still show it. */
function isNeeded({ changes, entries }: Kernel, layer: Layer): boolean {
  const isHeld = (entry: LiveEntry) => entries.get(entry.key) === entry;
  return changes === layer.changes && (!layer.due || [...layer.due].some(isHeld));
}

function entriesOf(kernel: Kernel, drafts: readonly Draft[]): LiveEntry[] {
  return drafts.flatMap((draft) => draft.entries(kernel).filter((entry) => draft.fits(entry)));
}

/** Shows what has changed, and notifies when all of it is shown. */
function redraw(kernel: Kernel, drafts: readonly Draft[]): void {
  const changed = [...new Set(entriesOf(kernel, drafts))].filter((entry) => {
    const { state } = entry;
    show(entry);
    const isChanged = entry.state.data !== state.data;
    if (!isChanged) entry.state = state;
    return isChanged;
  });
  changed.forEach(notify);
}
