import { ServiceError } from "../service-error.ts";
import { hashKeyOf, parseHashKey } from "./hash-space.ts";
import type { PutRecordsEntry } from "./kinesis-api.ts";

const MAX_RECORDS = 500;
const MAX_REQUEST_BYTES = 10 * 1_048_576;
const MAX_DATA_BYTES = 10 * 1_048_576;
const MAX_KEY_LENGTH = 256;

/** What a record counts towards every limit: its data and its partition key in UTF-8. */
export const sizeOf = (record: { readonly Data: Uint8Array; readonly PartitionKey: string }): number =>
  record.Data.byteLength + Buffer.byteLength(record.PartitionKey);

/** Throws ValidationException or InvalidArgumentException for a record that Kinesis refuses. */
export function checkEntry(entry: PutRecordsEntry, maxRecordBytes: number): void {
  const { Data: data, PartitionKey: key, ExplicitHashKey: hashKey } = entry;
  if (data === undefined || data === null) throw refused("Value null at 'data'", "must not be null");
  if (!(data instanceof Uint8Array)) throw notOfType("Data", "a blob");
  if (data.byteLength > MAX_DATA_BYTES)
    throw refused("Value at 'data'", `must have length less than or equal to ${MAX_DATA_BYTES}`);
  if (key === undefined || key === null) throw refused("Value null at 'partitionKey'", "must not be null");
  if (typeof key !== "string") throw notOfType("PartitionKey", "a string");
  if (key.length < 1 || key.length > MAX_KEY_LENGTH)
    throw refused(`Value '${key}' at 'partitionKey'`, `must have a length of 1 to ${MAX_KEY_LENGTH}`);
  if (hashKey !== undefined && hashKey !== null) checkHashKey(hashKey);
  if (sizeOf(entry) > maxRecordBytes)
    throw new ServiceError(
      "InvalidArgumentException",
      `A record of ${sizeOf(entry)} bytes is larger than the stream's maximum of ${maxRecordBytes} bytes.`,
    );
}

/** At most 500 records and 10 MiB (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html). */
export function checkRequest(entries: readonly PutRecordsEntry[], maxRecordBytes: number): void {
  if (entries === undefined || entries === null) throw refused("Value null at 'records'", "must not be null");
  if (!Array.isArray(entries)) throw notOfType("Records", "a list");
  if (entries.length < 1 || entries.length > MAX_RECORDS)
    throw refused("Value at 'records'", `must have a length of 1 to ${MAX_RECORDS}`);
  let bytes = 0;
  for (const entry of entries) {
    checkEntry(entry, maxRecordBytes);
    bytes += sizeOf(entry);
  }
  if (bytes > MAX_REQUEST_BYTES)
    throw new ServiceError("InvalidArgumentException", "Records size exceeds 10 MB limit");
}

/** The hash key by which a (checked) record finds its shard. */
export function routeOf({ ExplicitHashKey: explicit, PartitionKey: key }: PutRecordsEntry): bigint {
  const hashKey = explicit === undefined || explicit === null ? undefined : parseHashKey(explicit);
  return hashKey ?? hashKeyOf(key);
}

function checkHashKey(hashKey: string): void {
  if (typeof hashKey !== "string") throw notOfType("ExplicitHashKey", "a string");
  if (!/^(0|[1-9]\d{0,38})$/.test(hashKey))
    throw refused(`Value '${hashKey}' at 'explicitHashKey'`, "must be a decimal number of at most 39 digits");
  if (parseHashKey(hashKey) === undefined)
    throw new ServiceError(
      "InvalidArgumentException",
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${hashKey}`,
    );
}

const refused = (value: string, rule: string): ServiceError =>
  new ServiceError(
    "ValidationException",
    `1 validation error detected: ${value} failed to satisfy constraint: Member ${rule}`,
  );

const notOfType = (name: string, type: string): ServiceError =>
  new ServiceError("SerializationException", `${name} is not ${type}`);
