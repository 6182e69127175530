import { lake, type Pipeline, pipeline, seconds, tumbling } from "../../shared/index.ts";
import { bids } from "./nexmark.ts";
import { top } from "./top.ts";

/** The highest bids of every 10 s; all of them where several tie. */
export const q7: Pipeline = pipeline("q7", (p) => {
  bids(p)
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
