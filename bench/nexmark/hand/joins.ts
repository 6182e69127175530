import { eachEvent, RowFile } from "./file.ts";

const SIZE = 10_000;
const STATES: readonly string[] = ["OR", "ID", "CA"];

/** Who in three states sells what in category 10. */
export function q3(input: string, output: string): number {
  const sellers = new Map<number, { name: string; city: string; state: string }>();
  const waiting = new Map<number, number[]>();
  const rows = new RowFile(output);
  const events = eachEvent(input, (event) => {
    if (event.event_type === 0) {
      const { id, name, city, state } = event.person;
      if (!STATES.includes(state)) return;
      sellers.set(id, { name, city, state });
      for (const auction of waiting.get(id) ?? []) rows.write({ name, city, state, id: auction });
      waiting.delete(id);
    } else if (event.event_type === 1 && event.auction.category === 10) {
      const { id, seller: by } = event.auction;
      const seller = sellers.get(by);
      if (seller !== undefined) rows.write({ ...seller, id });
      else waiting.set(by, [...(waiting.get(by) ?? []), id]);
    }
  });
  rows.close();
  return events;
}

type Live = { category: number; from: number; to: number; price: number };
type Waiting = { at: number; price: number };

/** The average winning price of each category. Bids may come before their auction. */
export function q4(input: string, output: string): number {
  const auctions = new Map<number, Live>();
  const waiting = new Map<number, Waiting[]>();
  const take = (live: Live, { at, price }: Waiting): void => {
    if (at >= live.from && at <= live.to && price > live.price) live.price = price;
  };
  const events = eachEvent(input, (event) => {
    if (event.event_type === 1) {
      const { id, category, dateTime, expires } = event.auction;
      const live = { category, from: dateTime, to: expires, price: 0 };
      auctions.set(id, live);
      for (const bid of waiting.get(id) ?? []) take(live, bid);
      waiting.delete(id);
    } else if (event.event_type === 2) {
      const { auction, price, dateTime: at } = event.bid;
      const live = auctions.get(auction);
      if (live !== undefined) take(live, { at, price });
      else waiting.set(auction, [...(waiting.get(auction) ?? []), { at, price }]);
    }
  });
  const totals = new Map<number, { sum: number; cnt: number }>();
  for (const { category, price } of auctions.values()) {
    if (price === 0) continue;
    const total = totals.get(category) ?? { sum: 0, cnt: 0 };
    totals.set(category, { sum: total.sum + price, cnt: total.cnt + 1 });
  }
  const rows = new RowFile(output);
  for (const [category, { sum, cnt }] of totals) rows.write({ category, avg: sum / cnt, sum, cnt });
  rows.close();
  return events;
}

/** Persons who opened an auction in the same 10 s in which they registered. */
export function q8(input: string, output: string): number {
  const registered = new Map<number, { name: string; window_start: number }>();
  const selling = new Map<number, Set<number>>();
  const events = eachEvent(input, (event) => {
    if (event.event_type === 0) {
      const { id, name, dateTime } = event.person;
      registered.set(id, { name, window_start: dateTime - (dateTime % SIZE) });
    } else if (event.event_type === 1) {
      const { seller, dateTime } = event.auction;
      const start = dateTime - (dateTime % SIZE);
      const starts = selling.get(seller);
      if (starts === undefined) selling.set(seller, new Set([start]));
      else starts.add(start);
    }
  });
  const rows = new RowFile(output);
  for (const [id, { name, window_start }] of registered)
    if (selling.get(id)?.has(window_start)) rows.write({ id, name, window_start });
  rows.close();
  return events;
}
