import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { StartingPosition } from "./kinesis-mapping.ts";

/** By shard id, the sequence number behind which reading goes on; undefined stands for the oldest record. */
export type KinesisCheckpoint = ReadonlyMap<string, string | undefined>;

const READ_RECORDS = 10_000;
const READ_BYTES = 10_000_000;

/**
 * Where a new mapping starts in each shard that there is now. Shards that come later are read from their start, so
 * that a reshard loses nothing (https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html).
 */
export function startingCheckpoint(
  kinesis: Pick<KinesisModel, "read">,
  streamName: string,
  shardIds: readonly string[],
  from: StartingPosition,
): KinesisCheckpoint {
  const skipped = (record: StoredRecord): boolean =>
    from.at === "LATEST" ||
    (from.at === "AT_TIMESTAMP" && record.ApproximateArrivalTimestamp < from.timestamp);
  const after = (shardId: string): string | undefined => {
    let last: string | undefined;
    for (;;) {
      const { records } = kinesis.read(streamName, shardId, last, READ_RECORDS, READ_BYTES);
      for (const record of records) {
        if (!skipped(record)) return last;
        last = record.SequenceNumber;
      }
      if (records.length === 0) return last;
    }
  };
  return new Map(shardIds.map((shardId) => [shardId, after(shardId)]));
}

/** Just before the lowest of some sequence numbers of one shard; undefined for none. */
export function justBefore(sequenceNumbers: readonly string[]): string | undefined {
  const [lowest] = sequenceNumbers.map(BigInt).toSorted((a, b) => (a < b ? -1 : 1));
  return lowest === undefined ? undefined : String(lowest - 1n);
}
