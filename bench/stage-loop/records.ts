import { zstd } from "../../functions/aws/zstd.ts";
import type { WireEvent } from "../../shared/events/event.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { eventAt } from "../nexmark/event-at.ts";
import { Random } from "../nexmark/random.ts";

/** Events in a record, as a busy producer packs them, and records in a batch. */
const EVENTS_PER_RECORD = 1_000;
const RECORDS_PER_BATCH = 10;

export type Batch = {
  readonly partition: number;
  readonly records: readonly InRecord[];
  readonly events: number;
};

/** Bids as ingest packs them: by partition, many to a record, in batches as an event source mapping gives them. */
export function bidBatches(events: number, partitions: number): Batch[] {
  const byPartition = Array.from({ length: partitions }, (): WireEvent[] => []);
  const random = new Random();
  for (let n = 0; n < events; n += 1) {
    const event = eventAt(n, { seed: 1, rate: 10_000 }, random);
    if (event.event_type !== 2) continue;
    const { bid } = event;
    byPartition[partitionOf(bid.bidder, partitions)]?.push([`bid-${n}`, bid.dateTime as EpochMs, bid]);
  }
  return byPartition.flatMap((all, partition) =>
    chunks(all, EVENTS_PER_RECORD * RECORDS_PER_BATCH).map((batch, i) => ({
      partition,
      records: chunks(batch, EVENTS_PER_RECORD).map((part, j) =>
        recordOf(partition, i * RECORDS_PER_BATCH + j, part),
      ),
      events: batch.length,
    })),
  );
}

function recordOf(partition: number, number: number, events: readonly WireEvent[]): InRecord {
  const sentAt = (events.at(-1)?.[1] ?? 0) as EpochMs;
  const frame = { kind: "events", stream: "bids", partition, sentAt, events } as const;
  return {
    shard: `shard-${partition}`,
    sequence: String(number + 1),
    partitionKey: `bids/${partition}`,
    arrivedAt: sentAt,
    data: encodeFrame(frame, zstd),
  };
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
