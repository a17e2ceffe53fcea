import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Name } from "./name.js";
import { MizanContext } from "./mizan/index.js";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

createRoot(root).render(
  <StrictMode>
    {/* biome-ignore format: one line, as it is counted */}
    <MizanContext><Name userId={5} /><Name userId={6} /></MizanContext>
  </StrictMode>,
);
