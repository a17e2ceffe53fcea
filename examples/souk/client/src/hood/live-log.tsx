import { subscribeToEvents } from "@mizan/base";
import { useMizan } from "@mizan/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { wordsOf } from "./words.js";

interface Line {
  readonly id: number;
  readonly at: string;
  readonly words: string;
}

const MOST = 60;

/** The last lines, the newest first, and what adds one. */
export function useLiveLog(): { lines: readonly Line[]; say: (words: string) => void } {
  const mizan = useMizan();
  const last = useRef(0);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const say = useCallback((words: string) => {
    const line = { id: ++last.current, at: new Date().toLocaleTimeString([], { hour12: false }), words };
    setLines((before) => [line, ...before].slice(0, MOST));
  }, []);
  useEffect(() => subscribeToEvents(mizan, (event) => say(wordsOf(event))), [mizan, say]);
  return { lines, say };
}

/** What the client does, as it happens. */
export function LiveLog({ lines }: { lines: readonly Line[] }) {
  return (
    <section className="log" aria-labelledby="log">
      <h2 id="log">What the client does</h2>
      {lines.length === 0 && <p>Nothing yet.</p>}
      <ol>
        {lines.map(({ id, at, words }) => (
          <li key={id}>
            <time>{at}</time> {words}
          </li>
        ))}
      </ol>
    </section>
  );
}
