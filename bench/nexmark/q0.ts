import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { bids } from "./nexmark.ts";

/** Every bid, unchanged: what the way through the engine costs. */
export const q0: Pipeline = pipeline("q0", (p) => {
  bids(p).to(lake("q0"));
});
