import { useEffect, useRef, useState } from "react";

/**
 * Sends numbers one after the other, and of those that come while one is under way only the last:
 * calls that overlap may arrive in another order than they were made.
 */
export function useInTurn(
  current: number,
  isPending: boolean,
  send: (value: number) => void,
): (value: number) => void {
  const [wanted, setWanted] = useState<number>();
  const sent = useRef(current);
  useEffect(() => {
    if (isPending || wanted === undefined) return;
    setWanted(undefined);
    if (wanted === sent.current) return;
    sent.current = wanted;
    send(wanted);
  }, [isPending, wanted, send]);
  useEffect(() => {
    sent.current = current;
  }, [current]);
  return setWanted;
}
