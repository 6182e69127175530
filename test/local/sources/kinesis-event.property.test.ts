import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { StoredRecord } from "../../../local/models/kinesis/kinesis-api.ts";
import { kinesisEventFormat } from "../../../local/sources/kinesis-event.ts";
import { epochMs } from "../../../shared/time/time.ts";

const LIMIT = 6 * 1024 * 1024;
const format = kinesisEventFormat({
  shardId: "shardId-000000000000",
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/flights",
  region: "us-east-1",
  invokeIdentityArn: "arn:aws:iam::000000000000:role/stage",
});

const anyRecord: fc.Arbitrary<StoredRecord> = fc.record({
  PartitionKey: fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.string({ minLength: 1 })),
  SequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 186n }).map(String),
  Data: fc.integer({ min: 0, max: 900_000 }).map((size) => new Uint8Array(size)),
  ApproximateArrivalTimestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }).map(epochMs),
});

test.prop([fc.array(anyRecord, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 12 })], {
  numRuns: 30,
})("an event holds as many records as its JSON has room for in 6 MB, and at least one", (records, most) => {
  const fits = (count: number) => format.encode(records.slice(0, count)).byteLength <= LIMIT;
  const count = format.fittingCount(records, most);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(Math.min(most, records.length));
  expect(count === 1 || fits(count)).toBe(true);
  if (count < Math.min(most, records.length)) expect(fits(count + 1)).toBe(false);
});
