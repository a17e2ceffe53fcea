import { useMizan } from "@mizan/react";
import { useEffect } from "react";

/** The panel of the client. Shown in development and in the demo only, so a production build contains nothing of it. */
export function Devtools() {
  const mizan = useMizan();
  useEffect(() => {
    const opening = import("@mizan/devtools").then(({ openDevtools }) => openDevtools(mizan));
    return () => void opening.then((close) => close());
  }, [mizan]);
  return null;
}
