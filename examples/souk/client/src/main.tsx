import "@fontsource/young-serif/400.css";
import "@fontsource-variable/hanken-grotesk/wght.css";
import "./styles/index.css";
import { createMizan } from "@mizan/base";
import { mountPage } from "@mizan/ssr/page/react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { MizanContext } from "./mizan/react.js";
import { announce } from "./parts/announce.js";
import { wordsOfCall } from "./parts/words.js";

const mizan = createMizan({ onError: (error) => announce(wordsOfCall(error)) });
const root = document.getElementById("root");

// index.html has an element to fill. A page of the server has the application in it, and what it reads.
if (root) {
  createRoot(root).render(
    <MizanContext client={mizan}>
      <App />
    </MizanContext>,
  );
} else {
  await mountPage({ App }, { mizan });
}
