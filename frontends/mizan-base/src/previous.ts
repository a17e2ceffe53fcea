/** Other parameters: the last data is shown until the new arrives. */
import type { Entry, EntryState } from "./types.js";

/**
 * `entry`, with the data of `previous`, marked by `isPrevious`, until it has data or an error of its own.
 * `previous` is not mounted by this: where its data is dropped, for example by a change of session, it is shown no longer.
 */
export function keepPrevious<D>(entry: Entry<D>, previous: Entry<D>): Entry<D> {
  let shown: EntryState<D> | undefined;
  let of: EntryState<D> | undefined;
  return {
    key: entry.key,
    subscribe: (listener) => entry.subscribe(listener),
    refetch: () => entry.refetch(),
    snapshot() {
      const state = entry.snapshot();
      const { data } = previous.snapshot();
      if (state.data || state.error || !data) return state;
      if (of !== state || shown?.data !== data) shown = { ...state, data, isPrevious: true };
      of = state;
      return shown;
    },
  };
}
