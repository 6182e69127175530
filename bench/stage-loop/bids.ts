import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  type Application,
  application,
  count,
  max,
  pipeline,
  seconds,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";
import type { Bid } from "../nexmark/nexmark.ts";

/** Ingest has validated what is in a record. */
const schema: StandardSchemaV1<unknown, Bid> = {
  "~standard": { version: 1, vendor: "millrace-bench", validate: (value) => ({ value: value as Bid }) },
};

const bids = stream("bids", {
  schema,
  time: "dateTime",
  key: "bidder",
  partitions: 4,
});

/** Bids per bidder in every 10 s, by the stream's own key: one stage, state for each bidder, a view. */
const perBidder = pipeline("per-bidder", (p) => {
  p.from(bids)
    .keyBy("bidder")
    .window(tumbling(seconds(10)), { id: "per-10-s" })
    .aggregate({ num: count(), highest: max("price") })
    .to(view("bids_per_bidder", { key: (r) => r.key, sort: (r) => r.window.start }));
});

export const bidsApplication: Application = application("bids", { streams: [bids], pipelines: [perBidder] });

/** Prices by auction: every bid is a row to another stage. */
const perAuction = pipeline("per-auction", (p) => {
  p.from(bids)
    .map(({ auction, bidder, price, dateTime }) => ({ auction, bidder, price, dateTime }))
    .keyBy("auction")
    .window(tumbling(seconds(10)), { id: "per-10-s", combine: false })
    .aggregate({ num: count(), highest: max("price") })
    .to(view("bids_per_auction", { key: (r) => r.key, sort: (r) => r.window.start }));
});

export const shuffledApplication: Application = application("shuffled", {
  streams: [bids],
  pipelines: [perAuction],
});
