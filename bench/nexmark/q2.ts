import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

/** Bids on every 123rd auction. */
export const q2: Pipeline = pipeline("q2", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.auction", "bid.price")
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid)
    .filter(({ auction }) => auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }))
    .to(lake("q2"));
});
