import { lake, type Pipeline, pipeline, seconds, tumbling } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";
import { top } from "./top.ts";

/** The highest bids of every 10 s; all of them where several tie. */
export const q7: Pipeline = pipeline("q7", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.auction", "bid.bidder", "bid.price", "bid.dateTime")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .keyBy(() => "all")
    .window(tumbling(seconds(10)), { id: "highest" })
    .aggregate({ bids: top((bid) => bid.price) })
    .flatMap((r) =>
      r.bids.map(({ auction, bidder, price, dateTime }) => ({
        window_start: r.window.start,
        auction,
        bidder,
        price,
        dateTime,
      })),
    )
    .to(lake("q7"));
});
