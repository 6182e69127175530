import type { EpochMs } from "../../../shared/time/time.ts";
import type { StoredRecord } from "./kinesis-api.ts";

/** Records of one shard that follow each other, by columns: their sequence numbers follow from their place. */
export type SavedRecords = {
  readonly keys: readonly string[];
  readonly arrivals: Float64Array;
  readonly lengths: Uint32Array;
  readonly data: Uint8Array;
};

export const saveRecords = (records: readonly StoredRecord[]): SavedRecords => ({
  keys: records.map(({ PartitionKey }) => PartitionKey),
  arrivals: Float64Array.from(records, ({ ApproximateArrivalTimestamp: at }) => at),
  lengths: Uint32Array.from(records, ({ Data }) => Data.byteLength),
  data: Buffer.concat(records.map(({ Data }) => Data)),
});

/** The records of a block, in order. */
export function* savedRecords({
  keys,
  arrivals,
  lengths,
  data,
}: SavedRecords): Generator<Pick<StoredRecord, "Data" | "PartitionKey" | "ApproximateArrivalTimestamp">> {
  let at = 0;
  for (const [index, key] of keys.entries()) {
    const end = at + (lengths[index] ?? 0);
    const arrivedAt = (arrivals[index] ?? 0) as EpochMs;
    yield { Data: data.subarray(at, end), PartitionKey: key, ApproximateArrivalTimestamp: arrivedAt };
    at = end;
  }
}
