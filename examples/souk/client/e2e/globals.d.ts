// What the accessibility tests put into the page.
declare var axe: typeof import("axe-core");
declare var shifts: number;
// What the recorder of the picture keeps in its page.
declare var lastPicture: Uint32Array | undefined;
