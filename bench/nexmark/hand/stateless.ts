import { eachBid, RowFile } from "./file.ts";

/** Every bid. */
export function q0(input: string, output: string): number {
  const rows = new RowFile(output);
  const events = eachBid(input, (bid) => rows.write(bid));
  rows.close();
  return events;
}

/** Prices in euros. */
export function q1(input: string, output: string): number {
  const rows = new RowFile(output);
  const events = eachBid(input, ({ auction, bidder, price, dateTime, extra }) =>
    rows.write({ auction, bidder, price: (price * 908) / 1000, dateTime, extra }),
  );
  rows.close();
  return events;
}

/** Bids on every 123rd auction. */
export function q2(input: string, output: string): number {
  const rows = new RowFile(output);
  const events = eachBid(input, ({ auction, price }) => {
    if (auction % 123 === 0) rows.write({ auction, price });
  });
  rows.close();
  return events;
}
