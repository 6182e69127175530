import { type DurationMs, type Stream, seconds, stream, trusted } from "../../shared/index.ts";

export type Bid = {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: number;
  readonly extra: string;
};

export type Person = {
  readonly id: number;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: number;
};

export type Auction = {
  readonly id: number;
  readonly seller: number;
  readonly category: number;
  readonly dateTime: number;
  readonly expires: number;
};

/** An event of Nexmark: a person (0), an auction (1) or a bid (2). */
export type NexmarkEvent =
  | { readonly event_type: 0; readonly person: Person }
  | { readonly event_type: 1; readonly auction: Auction }
  | { readonly event_type: 2; readonly bid: Bid };

export const timeOf = (event: NexmarkEvent): number =>
  (event.event_type === 2 ? event.bid : event.event_type === 1 ? event.auction : event.person)?.dateTime;

/** Out of order by at most 3 s, as the generator is run with `--max-delay 3000`. */
const DISORDER: DurationMs = seconds(3);

/** One partition: a bounded run is one process, and every query has keys of its own. The generator is trusted. */
export const nexmark: Stream<NexmarkEvent> = stream("nexmark", {
  schema: trusted<NexmarkEvent>(),
  time: ["bid.dateTime", "auction.dateTime", "person.dateTime"],
  outOfOrder: DISORDER,
  key: "event_type",
  partitions: 1,
});
