import { count, hopping, lake, type Pipeline, pipeline, seconds, tumbling } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";
import { top } from "./top.ts";

/** The auctions with the most bids in windows of 10 s, every 2 s; all of them where several tie. */
export const q5: Pipeline = pipeline("q5", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.auction")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .keyBy("auction")
    .window(hopping(seconds(10), seconds(2)), { id: "bids-per-auction" })
    .aggregate({ num: count() })
    .map((r) => ({ auction: r.key, num: r.num, window_start: r.window.start, window_end: r.window.end }))
    .keyBy(() => "all")
    // a result's time is the last millisecond of its window: each 2 s hold the ends of one window
    .window(tumbling(seconds(2)), { id: "hottest" })
    .aggregate({ hottest: top((r) => r.num) })
    .flatMap((r) => r.hottest)
    .to(lake("q5"));
});
