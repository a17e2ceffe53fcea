import { useSetStock, useStallContext } from "../mizan/react.js";
import { shown } from "../parts/shown.js";
import { type PaneProps, shownGoods } from "./words.js";

/** The stall, as React shows it. */
export function ReactPane({ stallId, isKeeper, say }: PaneProps) {
  const { data, error } = useStallContext({ stall_id: stallId });
  const { mutate, error: refusal } = useSetStock();
  const set = (good_id: number, in_stock: number) => {
    say("React calls set_stock");
    mutate({ stall_id: stallId, good_id, in_stock }).catch(shown);
  };
  if (!data) return <p>{error ? error.message : "Loading…"}</p>;
  return (
    <>
      <p className="kept">
        {data.stall_info.name}, kept by <strong>{data.stall_info.keeper}</strong>
      </p>
      <ul>
        {shownGoods(data.stall_stock).map(({ id, name, in_stock }) => (
          <li key={id}>
            <span>{name}</span>
            {isKeeper && (
              <button type="button" aria-label={`One less: ${name}`} onClick={() => set(id, in_stock - 1)}>
                −
              </button>
            )}
            <output>{in_stock}</output>
            {isKeeper && (
              <button type="button" aria-label={`One more: ${name}`} onClick={() => set(id, in_stock + 1)}>
                +
              </button>
            )}
          </li>
        ))}
      </ul>
      {refusal && <p role="alert">{refusal.message}</p>}
    </>
  );
}
