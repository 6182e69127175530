import { ServiceError } from "../service-error.ts";
import { hashKeyOf, parseHashKey } from "./hash-space.ts";
import type { PutRecordsEntry } from "./kinesis-api.ts";

const MAX_RECORDS = 500;
const MAX_REQUEST_BYTES = 5 * 1_048_576;
const MAX_KEY_LENGTH = 256;

export type RecordLimits = { readonly maxRecordBytes: number };

/** What a record counts towards every limit: its data and its partition key in UTF-8. */
export const sizeOf = (entry: PutRecordsEntry): number =>
  entry.Data.byteLength + Buffer.byteLength(entry.PartitionKey);

/** Throws ValidationException or InvalidArgumentException for a record that Kinesis refuses. */
export function checkEntry(entry: PutRecordsEntry, limits: RecordLimits): void {
  const { Data: data, PartitionKey: key, ExplicitHashKey: hashKey } = entry;
  if (!(data instanceof Uint8Array)) throw refused("Value null at 'data': Member must not be null");
  if (typeof key !== "string" || key.length < 1 || key.length > MAX_KEY_LENGTH)
    throw refused(`Value at 'partitionKey': Member must have a length of 1 to ${MAX_KEY_LENGTH}`);
  if (sizeOf(entry) > limits.maxRecordBytes)
    throw refused(`Value at 'data': Member must have length less than or equal to ${limits.maxRecordBytes}`);
  if (hashKey !== undefined && parseHashKey(hashKey) === undefined)
    throw new ServiceError("InvalidArgumentException", `Invalid ExplicitHashKey: ${hashKey}`);
}

export function checkRequest(entries: readonly PutRecordsEntry[], limits: RecordLimits): void {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > MAX_RECORDS)
    throw refused(`Value at 'records': Member must have 1 to ${MAX_RECORDS} elements`);
  let bytes = 0;
  for (const entry of entries) {
    checkEntry(entry, limits);
    bytes += sizeOf(entry);
  }
  if (bytes > Math.max(MAX_REQUEST_BYTES, limits.maxRecordBytes))
    throw new ServiceError("InvalidArgumentException", "Records size exceeds 5 MB limit");
}

/** The hash key by which a (checked) record finds its shard. */
export function routeOf({ ExplicitHashKey: explicit, PartitionKey: key }: PutRecordsEntry): bigint {
  const hashKey = explicit === undefined ? undefined : parseHashKey(explicit);
  return hashKey ?? hashKeyOf(key);
}

const refused = (why: string): ServiceError =>
  new ServiceError("ValidationException", `1 validation error detected: ${why}`);
