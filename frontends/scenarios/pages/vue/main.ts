import { MizanPlugin } from "@mizan/vue";
import { createApp } from "vue";
import { openMizan } from "../../src/pieces.js";
import Page from "./page.vue";

createApp(Page).use(MizanPlugin, { client: openMizan() }).mount("#page");
