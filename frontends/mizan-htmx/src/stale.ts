/** Which elements a header covers. */
import { fits, readTarget } from "@mizan/base/covering";

/**
 * Whether a target of the header covers one of the contexts that an element shows. Both are lists of targets.
 * A target that cannot be read is taken for its context alone, which is wider: nothing stale stays.
 */
export function covers(header: string, shown: string): boolean {
  const entries = read(shown);
  return read(header).some(([[context], ...target]) =>
    entries.some(([[name], ...params]) => {
      const texts = new Map<string, string | undefined>(params.map(([param, text]) => [param, text]));
      return name === context && fits(target, (param) => texts.get(param));
    }),
  );
}

function read(list: string): ReturnType<typeof readTarget>[] {
  return list.split(",").map((text) => {
    const target = text.trim();
    try {
      return readTarget(target);
    } catch {
      return [[target.replace(/;.*/, "")]];
    }
  });
}
