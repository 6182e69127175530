import type { InRecord } from "../../shared/protocol/record.ts";
import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";

/** A record of a shard as a stage's function hands it to the stage's loop. */
export const delivered = (shard: string, record: StoredRecord): InRecord => ({
  shard,
  sequence: record.SequenceNumber,
  partitionKey: record.PartitionKey,
  arrivedAt: record.ApproximateArrivalTimestamp,
  data: record.Data,
});
