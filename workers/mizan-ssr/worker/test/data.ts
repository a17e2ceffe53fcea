/** The data of the pages. */
export const STALL = {
  context: "stall",
  params: { stall_id: 1 },
  data: { stall: { name: "Saffron & <Sons>", rows: ["pen", "ink"] } },
};

/** The pages of the fixture, one of each framework; all show the same. */
export const PAGES = ["StallPage", "Counter", "Board"];

/** What a page shows, without markup. */
export const shown = (html: unknown) =>
  String(html)
    .replace(/<!--.*?-->/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
