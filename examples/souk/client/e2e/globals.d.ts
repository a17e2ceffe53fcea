// What the accessibility tests put into the page.
declare var axe: typeof import("axe-core");
declare var shifts: number;
