import {
  avg,
  count,
  customWindows,
  epochMs,
  first,
  global,
  lake,
  max,
  milliseconds,
  type Pipeline,
  pipeline,
  sum,
} from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

const AUCTION = ["auction.id", "auction.category", "auction.dateTime", "auction.expires"] as const;

type Offer = {
  readonly category: number;
  readonly from: number;
  readonly to: number;
  readonly price: number;
};

/** An auction's own window: until a millisecond after it expires, which still takes bids. */
const untilExpiry = customWindows<Offer>("auction", {
  assign: ({ from, to }) => [{ start: epochMs(from), end: epochMs(to) }],
});

/** The average winning price of each category: of what was bid for an auction while it was open, the highest. */
export const q4: Pipeline = pipeline("q4", (p) => {
  const events = p.from(nexmark).select("event_type", "bid.auction", "bid.price", ...AUCTION);
  const offers = events
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .keyBy("auction");
  events
    .filter((event) => event.event_type === 1)
    .map((event) => event.auction)
    .map(({ id, category, dateTime, expires }) => ({ id, category, from: dateTime, to: expires + 1 }))
    .keyBy("id")
    .join(offers, {
      id: "bids-on",
      within: { from: milliseconds(0), to: ({ from, to }) => milliseconds(to - from) },
    })
    .map(({ left: { category, from, to }, right: { price } }): Offer => ({ category, from, to, price }))
    .window(untilExpiry, { id: "until-expiry" })
    .aggregate({ category: first("category"), price: max("price") })
    .keyBy("category")
    .window(global(), { id: "per-category" })
    .aggregate({ avg: avg("price"), sum: sum("price"), cnt: count() })
    .map(({ key, avg, sum, cnt }) => ({ category: key, avg, sum, cnt }))
    .to(lake("q4"));
});
