import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  type DurationMs,
  type Flow,
  type PipelineBuilder,
  type Stream,
  seconds,
  stream,
} from "../../shared/index.ts";

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

/** The generator is trusted: only the shape that the queries rely on is looked at. */
const schema: StandardSchemaV1<unknown, NexmarkEvent> = {
  "~standard": {
    version: 1,
    vendor: "millrace-bench",
    validate: (value) => {
      const event = value as NexmarkEvent;
      return timeOf(event) === undefined ? { issues: [{ message: "no Nexmark event" }] } : { value: event };
    },
  },
};

export const timeOf = (event: NexmarkEvent): number =>
  (event.event_type === 2 ? event.bid : event.event_type === 1 ? event.auction : event.person)?.dateTime;

/** Out of order by at most 3 s, as the generator is run with `--max-delay 3000`. */
const DISORDER: DurationMs = seconds(3);

/** One partition: a bounded run is one process, and every query has keys of its own. */
export const nexmark: Stream<NexmarkEvent> = stream("nexmark", {
  schema,
  time: timeOf,
  outOfOrder: DISORDER,
  key: (event) => event.event_type,
  partitions: 1,
});

/** All bids. */
export const bids = (p: PipelineBuilder): Flow<Bid> =>
  p
    .from(nexmark)
    .filter((event) => event.event_type === 2)
    .map((event) => event.bid);

/** All persons. */
export const persons = (p: PipelineBuilder): Flow<Person> =>
  p
    .from(nexmark)
    .filter((event) => event.event_type === 0)
    .map((event) => event.person);

/** All auctions. */
export const auctions = (p: PipelineBuilder): Flow<Auction> =>
  p
    .from(nexmark)
    .filter((event) => event.event_type === 1)
    .map((event) => event.auction);
