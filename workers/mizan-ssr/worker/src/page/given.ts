/** Data of a page, which names its contexts. Their definitions arrive with the components that read them. */
import { type ContextDefinition, hydrate, type Mizan } from "@mizan/base";
import type { Given } from "@mizan/base/server";

/** How long, in milliseconds, data waits for the first component that reads its context. */
const WAIT = 1_000;

/**
 * Puts data into the entries of a context when a component first asks for one of them. Data that is not asked for within a
 * second, or before the first call or invalidation, is dropped: it may be stale by then.
 */
export function putIn(mizan: Mizan, data: readonly Given[]): void {
  const own = { ...mizan };
  let waiting = data;
  const drop = () => {
    waiting = [];
    Object.assign(mizan, own);
  };

  const instance: Partial<Mizan> = {
    entry(context, params) {
      const found = waiting.filter((one) => one.context === context.name);
      if (found.length) {
        waiting = waiting.filter((one) => !found.includes(one));
        const entries = found.map((one) => ({
          context: context as ContextDefinition<any, any>,
          ...rest(one),
        }));
        hydrate(mizan, entries);
      }
      return own.entry(context, params);
    },
    call(definition, args, options) {
      // Listeners of events and inspectors come in by calls without a name, which change nothing.
      if (definition.name) drop();
      return own.call(definition, args, options);
    },
    invalidate(targets) {
      drop();
      own.invalidate(targets);
    },
  };
  Object.assign(mizan, instance);
  setTimeout(drop, WAIT);
}

const rest = ({ params, data }: Given): { params: any; data: any } => ({ params, data });
