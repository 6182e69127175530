import type { Bid } from "../nexmark.ts";
import { eachBid, RowFile } from "./file.ts";

const SIZE = 10_000;
const SLIDE = 2_000;

/** A number per window and key. */
type Counts = Map<number, Map<number, number>>;

function increment(counts: Counts, start: number, key: number): void {
  let window = counts.get(start);
  if (window === undefined) {
    window = new Map();
    counts.set(start, window);
  }
  window.set(key, (window.get(key) ?? 0) + 1);
}

/** The auctions with the most bids in windows of 10 s, every 2 s. */
export function q5(input: string, output: string): number {
  const counts: Counts = new Map();
  const events = eachBid(input, ({ auction, dateTime }) => {
    const newest = dateTime - (dateTime % SLIDE);
    for (let start = newest; start > dateTime - SIZE; start -= SLIDE) increment(counts, start, auction);
  });
  const rows = new RowFile(output);
  for (const [start, window] of counts) {
    const num = Math.max(...window.values());
    for (const [auction, bids] of window)
      if (bids === num) rows.write({ auction, num, window_start: start, window_end: start + SIZE });
  }
  rows.close();
  return events;
}

/** The highest bids of every 10 s. */
export function q7(input: string, output: string): number {
  const windows = new Map<number, Bid[]>();
  const events = eachBid(input, (bid) => {
    const start = bid.dateTime - (bid.dateTime % SIZE);
    const best = windows.get(start);
    const price = best?.[0]?.price ?? 0;
    if (bid.price > price) windows.set(start, [bid]);
    else if (bid.price === price) best?.push(bid);
  });
  const rows = new RowFile(output);
  for (const [window_start, best] of windows)
    for (const { auction, bidder, price, dateTime } of best)
      rows.write({ window_start, auction, bidder, price, dateTime });
  rows.close();
  return events;
}

/** Bids per bidder in every 10 s. */
export function q12(input: string, output: string): number {
  const counts: Counts = new Map();
  const events = eachBid(input, ({ bidder, dateTime }) =>
    increment(counts, dateTime - (dateTime % SIZE), bidder),
  );
  const rows = new RowFile(output);
  for (const [window_start, window] of counts)
    for (const [bidder, num] of window) rows.write({ bidder, window_start, num });
  rows.close();
  return events;
}
