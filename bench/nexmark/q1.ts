import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { bids } from "./nexmark.ts";

/** Prices in euros, to three places: cents times 908, so that no double rounds. */
export const q1: Pipeline = pipeline("q1", (p) => {
  bids(p)
    .map(({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      price: (price * 908) / 1000,
      dateTime,
      extra,
    }))
    .to(lake("q1"));
});
