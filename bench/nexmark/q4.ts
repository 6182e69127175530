import {
  avg,
  count,
  epochMs,
  global,
  lake,
  listState,
  type Pipeline,
  pipeline,
  sum,
  valueState,
} from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

const AUCTION = ["auction.id", "auction.category", "auction.dateTime", "auction.expires"] as const;

type Bid = { readonly auction: number; readonly at: number; readonly price: number };
type Auction = {
  readonly auction: number;
  readonly category: number;
  readonly from: number;
  readonly to: number;
};

/** The average winning price of each category: of what was bid for an auction while it was open, the highest. */
export const q4: Pipeline = pipeline("q4", (p) => {
  p.from(nexmark)
    .select("event_type", "bid.auction", "bid.price", "bid.dateTime", ...AUCTION)
    .filter((event) => event.event_type !== 0)
    .map((event): Auction | Bid => {
      if (event.event_type === 2)
        return { auction: event.bid.auction, at: event.bid.dateTime, price: event.bid.price };
      const { id, category, dateTime, expires } = event.auction;
      return { auction: id, category, from: dateTime, to: expires };
    })
    .keyBy("auction")
    .process({
      id: "winner",
      state: {
        auction: valueState<Auction>(),
        highest: valueState<number>(),
        /** Bids that came before their auction did. */
        early: listState<Bid>(),
      },
      onEvent(event, { state, timers }) {
        if ("from" in event) {
          const bids = state.early.get().filter(({ at }) => at >= event.from && at <= event.to);
          state.early.clear();
          state.auction.set(event);
          if (bids.length > 0) state.highest.set(Math.max(...bids.map(({ price }) => price)));
          timers.at(epochMs(event.to + 1));
          return;
        }
        const auction = state.auction.get();
        if (auction === undefined) state.early.add(event);
        else if (
          event.at >= auction.from &&
          event.at <= auction.to &&
          event.price > (state.highest.get() ?? 0)
        )
          state.highest.set(event.price);
      },
      onTimer(_time, { state }) {
        const category = state.auction.get()?.category;
        const price = state.highest.get();
        state.auction.clear();
        state.highest.clear();
        return category === undefined || price === undefined ? [] : [{ category, price }];
      },
    })
    .keyBy("category")
    .window(global(), { id: "per-category" })
    .aggregate({ avg: avg("price"), sum: sum("price"), cnt: count() })
    .map(({ key, avg, sum, cnt }) => ({ category: key, avg, sum, cnt }))
    .to(lake("q4"));
});
