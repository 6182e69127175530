import { count, lake, type Pipeline, pipeline, seconds, tumbling } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

/** Bids per bidder in every 10 s of event time. */
export const q12: Pipeline = pipeline("q12", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.bidder")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .keyBy("bidder")
    .window(tumbling(seconds(10)), { id: "bids" })
    .aggregate({ num: count() })
    .map((r) => ({ bidder: r.key, window_start: r.window.start, num: r.num }))
    .to(lake("q12"));
});
