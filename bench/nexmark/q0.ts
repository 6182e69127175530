import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

/** Every bid, unchanged: what the way through the engine costs. */
export const q0: Pipeline = pipeline("q0", (p) => {
  p.from(nexmark)
    .select("event_type", "bid")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .to(lake("q0"));
});
