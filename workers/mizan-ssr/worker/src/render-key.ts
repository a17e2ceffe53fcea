/** Where a worker puts the function that finds the values of the running render. A browser has none. */
export const RENDER: unique symbol = Symbol.for("mizan.render") as never;
