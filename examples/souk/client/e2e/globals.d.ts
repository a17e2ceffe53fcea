// What the accessibility tests put into the page.
declare var axe: typeof import("axe-core");
declare var shifts: number;
// What a page is watched for: what was taken out of it, and when it had content and was taken over.
declare var removed: string[];
declare var content: number;
declare var hydrated: number;
// What the recorder of the picture keeps in its page.
declare var lastPicture: Uint32Array | undefined;
