import { MizanContext } from "./mizan/index.js";
import { Name } from "./name.js";

export const Page = () => (
  <MizanContext>
    <Name id={5} next={6} />
    <Name id={6} next={5} />
  </MizanContext>
);
