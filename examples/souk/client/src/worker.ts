import { serveWorker } from "@mizan/ssr";
import { react } from "@mizan/ssr/react";
import { App } from "./app.js";

await serveWorker({ components: { App: react(App) } });
