import type { StandardSchemaV1 } from "@standard-schema/spec";
import { zstd } from "../../functions/aws/zstd.ts";
import type { WireEvent } from "../../shared/events/event.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import {
  type Application,
  application,
  count,
  global,
  lake,
  max,
  pipeline,
  seconds,
  session,
  stream,
  sum,
  type Trigger,
  tumbling,
  type WindowSpec,
} from "../../shared/index.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { epochMs } from "../../shared/time/time.ts";
import { Random } from "../nexmark/random.ts";

type Sale = {
  readonly shop: number;
  readonly product: number;
  readonly amount: number;
  readonly at: number;
};

/** Ingest has validated what is in a record. */
const schema: StandardSchemaV1<unknown, Sale> = {
  "~standard": { version: 1, vendor: "millrace-bench", validate: (value) => ({ value: value as Sale }) },
};

const PARTITIONS = 8;
const EVENTS_PER_RECORD = 1_000;
const RECORDS_PER_BATCH = 10;

const sales = stream("sales", { schema, time: "at", key: "shop", partitions: PARTITIONS });

export type Way = {
  readonly combine: boolean;
  readonly spread?: number;
  readonly sums?: "doubles" | "whole";
  /** @default every 10 s */
  readonly windows?: keyof typeof WINDOWS;
};

type Windows = { readonly window: WindowSpec; readonly trigger?: Trigger<Sale> };
const byClock: Trigger<Sale> = { early: { processingTime: seconds(10) } };

/** Windows of other kinds, or with early panes. */
const WINDOWS: Readonly<Record<"sessions" | "global" | "early" | "early by the clock", Windows>> = {
  sessions: { window: session(seconds(2)) },
  global: { window: global(), trigger: byClock },
  early: { window: tumbling(seconds(60)), trigger: { early: seconds(10) } },
  "early by the clock": { window: tumbling(seconds(60)), trigger: byClock },
};

const sumBy = {
  doubles: sum<Sale>("amount"),
  whole: sum<Sale>(({ amount }) => Math.round(amount * 100), { whole: true }),
};

/** Sales per product in every 10 s, where the stream's own key is the shop: a shuffle. */
export function salesApplication({ combine, spread, sums, windows }: Way): Application {
  const { window, ...options } = windows === undefined ? { window: tumbling(seconds(10)) } : WINDOWS[windows];
  const perProduct = pipeline("per-product", (p) => {
    const keyed = p.from(sales).keyBy("product");
    (spread === undefined ? keyed : keyed.spread(spread))
      .window(window, { id: "per-10-s", combine, ...options })
      .aggregate({
        num: count(),
        highest: max("amount"),
        ...(sums === undefined ? {} : { total: sumBy[sums] }),
      })
      .to(lake("per_product"));
  });
  return application("sales", { streams: [sales], pipelines: [perProduct] });
}

/** Draws products, of which the nth sells `1 / n^skew` as well as the first. */
function productsBy(skew: number, products: number): (random: Random) => number {
  const upTo = new Float64Array(products);
  let total = 0;
  for (let n = 0; n < products; n += 1) {
    total += 1 / (n + 1) ** skew;
    upTo[n] = total;
  }
  return (random) => {
    const at = random.fraction() * total;
    let [low, high] = [0, products - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** A batch for each partition at a time, as event source mappings give them to a busy stage. */
export function saleBatches(events: number, skew: number, products: number): InRecord[][][] {
  const random = new Random();
  random.seed(1, 0);
  const productOf = productsBy(skew, products);
  const rounds: InRecord[][][] = [];
  const perRound = PARTITIONS * EVENTS_PER_RECORD * RECORDS_PER_BATCH;
  for (let n = 0; n < events; n += perRound)
    rounds.push(
      Array.from({ length: PARTITIONS }, (_, partition) =>
        Array.from({ length: RECORDS_PER_BATCH }, (_, nth) =>
          recordOf(
            partition,
            rounds.length * RECORDS_PER_BATCH + nth,
            Array.from({ length: EVENTS_PER_RECORD }, (_, i): WireEvent => {
              // a thousand events per second of event time in each partition
              const at = epochMs(1_700_000_000_000 + rounds.length * 10_000 + nth * 1_000 + i);
              const sale = {
                shop: partition,
                product: productOf(random),
                amount: Math.floor(random.fraction() * 10_000) / 100,
                at,
              };
              return [`${partition}-${rounds.length}-${nth}-${i}`, at, sale];
            }),
          ),
        ),
      ),
    );
  return rounds;
}

function recordOf(partition: number, number: number, events: readonly WireEvent[]): InRecord {
  const sentAt = epochMs(events.at(-1)?.[1] ?? 0);
  const frame = { kind: "events", stream: "sales", partition, sentAt, events } as const;
  return {
    shard: `shard-${partition}`,
    sequence: String(number + 1),
    partitionKey: `sales/${partition}`,
    arrivedAt: sentAt,
    data: encodeFrame(frame, zstd),
  };
}
