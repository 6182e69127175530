import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { StoredRecord } from "../../../../local/models/kinesis/kinesis-api.ts";
import { RecordMemory } from "../../../../local/models/kinesis/record-memory.ts";
import { SequenceNumbers } from "../../../../local/models/kinesis/sequence-numbers.ts";
import { ShardLog } from "../../../../local/models/kinesis/shard-log.ts";
import { epochMs, hours } from "../../../../shared/time/time.ts";
import { serviceError } from "../service-error.ts";
import { FIRST, kinesisWith, readAll, StreamName } from "./model-under-test.ts";

describe("a model whose memory is full", () => {
  const maxBytes = 100_000;
  const record = { Data: new Uint8Array(10_000), PartitionKey: "k" };

  test("refuses writes with the option that bounds it, and keeps what it has", () => {
    const { kinesis } = kinesisWith(1, { maxBytes });
    const results = kinesis.putRecords({ StreamName, Records: Array.from({ length: 12 }, () => record) });
    const kept = readAll(kinesis, FIRST).records.length;
    expect(kept).toBe(9);
    expect(results.FailedRecordCount).toBe(12 - kept);
    expect(results.Records.at(-1)).toMatchObject({
      ErrorCode: "ProvisionedThroughputExceededException",
      ErrorMessage: expect.stringContaining("maxBytes"),
    });
    expect(() => kinesis.putRecord({ StreamName, ...record })).toThrow(
      serviceError("ProvisionedThroughputExceededException"),
    );
    expect(readAll(kinesis, FIRST).records).toHaveLength(kept);
  });

  test("counts 300 bytes for a record beside its data and key", () => {
    const { kinesis } = kinesisWith(1, { maxBytes: 3_009 });
    const empty = { Data: new Uint8Array(), PartitionKey: "k" };
    const put = () => kinesis.putRecords({ StreamName, Records: [empty, empty, empty] }).FailedRecordCount;
    expect([put(), put(), put(), put()]).toEqual([0, 0, 0, 3]);
  });

  test("makes room by retention and deletion, in whatever stream", () => {
    const { clock, kinesis } = kinesisWith(1, { maxBytes, limits: "off" });
    kinesis.createStream({ StreamName: "other", ShardCount: 1 });
    const fill = (name: string) => {
      let taken = 0;
      while (kinesis.putRecords({ StreamName: name, Records: [record] }).FailedRecordCount === 0) taken += 1;
      return taken;
    };
    expect(fill("other")).toBe(9);
    expect(fill(StreamName)).toBe(0);
    clock.advance(hours(25));
    expect(fill(StreamName)).toBe(9);
    kinesis.createStream({ StreamName: "third", ShardCount: 1 });
    expect(fill("third")).toBe(0);
    kinesis.deleteStream({ StreamName });
    expect(fill("third")).toBe(9);
  });
});

const anyUse = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("append" as const),
      bytes: fc.nat(50),
      wait: fc.nat(5),
      times: fc.nat(900),
    }),
    fc.record({ kind: fc.constant("trim" as const), age: fc.nat(30) }),
    fc.record({
      kind: fc.constant("read" as const),
      from: fc.nat(3_000),
      records: fc.nat(50),
      bytes: fc.nat(900),
    }),
  ),
  { maxLength: 30 },
);
property.prop([anyUse])(
  "a shard reads, trims and weighs its records as a plain list of them would",
  (steps) => {
    const memory = new RecordMemory(1e9);
    const numbers = new SequenceNumbers(epochMs(0), 0, 0);
    const range = { start: 0n, end: 1n };
    const shard = new ShardLog({ id: "s", range, parents: [], numbers, openedAt: epochMs(0) }, memory);
    let now = 0;
    let made = 0;
    let list: { readonly position: number; readonly at: number; readonly size: number }[] = [];
    for (const step of steps) {
      if (step.kind === "append")
        for (let i = 0; i < step.times; i += 1) {
          if (i % 100 === 0) now += step.wait;
          shard.append(new Uint8Array(step.bytes), "key", epochMs(now));
          made += 1;
          list.push({ position: made, at: now, size: step.bytes + 3 });
        }
      if (step.kind === "trim") {
        shard.trim(epochMs(now - step.age));
        list = list.filter(({ at }) => at >= now - step.age);
      }
      if (step.kind === "read") {
        const { records, bytes, next } = shard.read(step.from, step.records, step.bytes);
        const rest = list.filter(({ position }) => position >= step.from);
        let sum = 0;
        const expected = rest.slice(0, step.records).filter(({ size }, i) => {
          sum += size;
          return sum <= step.bytes || i === 0;
        });
        const position = (record: StoredRecord) => numbers.counterOf(record.SequenceNumber);
        expect(records.map(position)).toEqual(expected.map((one) => one.position));
        expect(bytes).toBe(expected.reduce((total, { size }) => total + size, 0));
        const last = expected.at(-1)?.position;
        expect(next).toBe(last === undefined ? Math.max(step.from, list[0]?.position ?? made + 1) : last + 1);
      }
      expect(memory.usedBytes).toBe(list.reduce((total, { size }) => total + size + 300, 0));
      expect(shard.end).toBe(made + 1);
      expect(shard.horizon).toBe(list[0]?.position ?? made + 1);
      expect(shard.positionAt(epochMs(now - 3))).toBe(
        list.find(({ at }) => at >= now - 3)?.position ?? made + 1,
      );
    }
    shard.clear();
    expect(memory.usedBytes).toBe(0);
  },
);
