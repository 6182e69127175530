import { count, lake, type Pipeline, pipeline, seconds, session } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

/** Bids per bidder and session; a session ends 10 s after its last bid. */
export const q11: Pipeline = pipeline("q11", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.bidder")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .keyBy("bidder")
    .window(session(seconds(10)), { id: "sessions" })
    .aggregate({ num: count() })
    .map((r) => ({ bidder: r.key, num: r.num, session_start: r.window.start, session_end: r.window.end }))
    .to(lake("q11"));
});
