import { useMizan } from "@mizan/react";
import { useEffect, useRef } from "react";
import type { Island as Mount } from "./islands.js";
import type { PaneProps } from "./words.js";

/** A view of another framework. It is made again where its properties change. */
export function Island({ mount, stallId, isKeeper, say }: PaneProps & { mount: Mount }) {
  const client = useMizan();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // One that React has no children in.
    const own = document.createElement("div");
    element.current?.append(own);
    const unmount = mount(own, client, { stallId, isKeeper, say });
    return () => {
      unmount();
      own.remove();
    };
  }, [mount, client, stallId, isKeeper, say]);
  return <div ref={element} />;
}
