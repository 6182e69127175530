import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

/** Prices in euros, to three places: cents times 908, so that no double rounds. */
export const q1: Pipeline = pipeline("q1", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.auction", "bid.bidder", "bid.price", "bid.dateTime", "bid.extra")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .map(({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      price: (price * 908) / 1000,
      dateTime,
      extra,
    }))
    .to(lake("q1"));
});
