import type { Mizan } from "@mizan/base";
import { useMizan } from "@mizan/react";
import { useEffect, useRef } from "react";

/** Shows something in an element, over the instance of the page. Returns what takes it away again. */
export type Mount = (element: Element, client: Mizan) => () => void;

/** A part of the page in another framework. It is made again where `mount` is another function. */
export function Island({ mount }: { mount: Mount }) {
  const client = useMizan();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // One that React has no children in.
    const own = document.createElement("div");
    element.current?.append(own);
    const unmount = mount(own, client);
    return () => {
      unmount();
      own.remove();
    };
  }, [mount, client]);
  return <div ref={element} />;
}
