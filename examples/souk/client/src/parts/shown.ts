/** What becomes of a failed call that nobody else must hear of: the hook's `error` shows it already. */
export const shown = (): void => {};
