import { useEffect } from "react";
import { useKillWorker, usePageLife } from "../mizan/react.js";
import { announce } from "../parts/announce.js";
import { Button } from "../parts/button.js";
import { Complaint } from "../parts/field.js";
import { shown } from "../parts/shown.js";

/** What has happened to the pages that the server renders. */
export function PageLife() {
  const { data: life, error, mutate: count } = usePageLife();
  const kill = useKillWorker();
  useEffect(() => void count().catch(shown), [count]);
  const killed = () => announce("A worker is killed. Another takes its place.");
  if (!life) return <p>{error?.message ?? (life === null ? "This server renders no pages." : "Loading…")}</p>;
  const counts = [
    ["rendered", life.rendered],
    ["of these before anyone asked", life.ahead],
    ["sent as they were kept", life.kept],
    ["left to the browser", life.by_browser],
    ["known", life.known],
    ["workers ready", life.workers],
    ["workers replaced", life.restarts],
  ] as const;
  return (
    <>
      <dl>
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      <p className="ask">
        <Button look="quiet" onClick={() => count().catch(shown)}>
          Count again
        </Button>
        {life.may_kill && (
          <Button look="quiet" pending={kill.isPending} onClick={() => kill.mutate().then(killed, shown)}>
            Kill a worker
          </Button>
        )}
      </p>
      <Complaint error={kill.error} />
    </>
  );
}
