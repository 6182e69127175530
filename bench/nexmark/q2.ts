import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { bids } from "./nexmark.ts";

/** Bids on every 123rd auction. */
export const q2: Pipeline = pipeline("q2", (p) => {
  bids(p)
    .filter(({ auction }) => auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }))
    .to(lake("q2"));
});
