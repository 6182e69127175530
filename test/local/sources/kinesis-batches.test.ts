import { describe, expect, test } from "vitest";
import type { Invoke } from "../../../local/sources/event-source.ts";
import { kinesisFilter } from "../../../local/sources/record-filter.ts";
import type { Wait } from "../../../local/sources/wait.ts";
import { milliseconds, seconds } from "../../../shared/time/time.ts";
import { MAPPING, noWait, put, standingStill, steppingClock, streamOf, TAKEN } from "./kinesis-fixture.ts";
import { recorder, sourceOf } from "./kinesis-recorder.ts";

describe("batches", () => {
  test("records are given in order, never more than the batch size at once", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1", "a-2", "a-3", "a-4", "a-5");
    const seen = recorder();
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { batchSize: 2 });
    await seen.until(() => seen.texts().length === 5);
    await source.close();
    expect(seen.batches.map((batch) => batch.map(({ text }) => text))).toEqual([
      ["a-1", "a-2"],
      ["a-3", "a-4"],
      ["a-5"],
    ]);
  });

  test("an empty stream invokes nothing, and the first record wakes the source", async () => {
    const kinesis = streamOf(1);
    const seen = recorder();
    const source = sourceOf({ kinesis, invoke: seen.invoke, wait: standingStill });
    await new Promise(setImmediate);
    expect(seen.batches).toEqual([]);
    put(kinesis, "a-1");
    await seen.until(() => seen.texts().length === 1);
    await source.close();
  });

  test("what arrives while the function runs makes up the next batch", async () => {
    const kinesis = streamOf(1);
    const seen = recorder(async (_, call) => {
      if (call === 1) put(kinesis, "a-2", "a-3");
      return TAKEN;
    });
    put(kinesis, "a-1");
    const source = sourceOf({ kinesis, invoke: seen.invoke });
    await seen.until(() => seen.texts().length === 3);
    await source.close();
    expect(seen.batches.map((batch) => batch.length)).toEqual([1, 2]);
  });

  test("a batching window gathers until the batch is full", async () => {
    const kinesis = streamOf(1);
    const seen = recorder();
    const window = { batchingWindow: seconds(300), batchSize: 3 };
    const source = sourceOf({ kinesis, invoke: seen.invoke, wait: standingStill }, window);
    put(kinesis, "a-1");
    await new Promise(setImmediate);
    put(kinesis, "a-2");
    await new Promise(setImmediate);
    expect(seen.batches).toEqual([]);
    put(kinesis, "a-3");
    await seen.until(() => seen.texts().length === 3);
    await source.close();
    expect(seen.batches).toHaveLength(1);
  });

  test("a batching window that is over gives what has come", async () => {
    const kinesis = streamOf(1);
    const seen = recorder();
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { batchingWindow: milliseconds(50) });
    put(kinesis, "a-1");
    await seen.until(() => seen.texts().length === 1);
    await source.close();
  });

  test("a batching window begins where the last one ended, not with the first record", async () => {
    const clock = steppingClock();
    const kinesis = streamOf(1, clock);
    const waits: number[] = [];
    const seen = recorder();
    const wait: Wait = (duration, signal) => {
      waits.push(duration);
      return noWait(duration, signal);
    };
    const source = sourceOf({ kinesis, clock, invoke: seen.invoke, wait }, { batchingWindow: seconds(60) });
    clock.advance(145_000);
    put(kinesis, "a-1");
    await seen.until(() => seen.texts().length === 1);
    await source.close();
    expect(waits[0]).toBe(35_000);
  });

  test("records that the filter does not let through are passed over", async () => {
    const kinesis = streamOf(1);
    const seen = recorder();
    const filter = kinesisFilter(['{"partitionKey":["b"]}']);
    put(kinesis, ...Array.from({ length: 250 }, (_, index) => `a-${index}`), "b-1");
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { filter });
    await seen.until(() => seen.texts().length === 1);
    put(kinesis, "a-250");
    while (!source.caughtUp()) await new Promise(setImmediate);
    await source.close();
    expect(seen.texts()).toEqual(["b-1"]);
  });

  test("an event stays under 6 MB of JSON", async () => {
    const kinesis = streamOf(1);
    const megabyte = `a-${"x".repeat(1_000_000)}`;
    put(kinesis, megabyte, megabyte, megabyte, megabyte, megabyte, megabyte);
    const sizes: number[] = [];
    const seen = recorder();
    const invoke: Invoke = (payload) => {
      sizes.push(Buffer.byteLength(payload));
      return seen.invoke(payload);
    };
    const source = sourceOf({ kinesis, invoke });
    await seen.until(() => seen.texts().length === 6);
    await source.close();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(seen.batches.map((batch) => batch.length)).toEqual([4, 2]);
  });

  test("an event has the documented shape", async () => {
    const kinesis = streamOf(1);
    const payloads: string[] = [];
    const seen = recorder();
    put(kinesis, 'k"é-1');
    const invoke: Invoke = (payload) => {
      payloads.push(new TextDecoder().decode(payload as Uint8Array));
      return seen.invoke(payload);
    };
    const source = sourceOf({ kinesis, invoke });
    await seen.until(() => seen.texts().length === 1);
    await source.close();
    const sequenceNumber = seen.batches[0]?.[0]?.sequenceNumber;
    expect(JSON.parse(payloads[0] ?? "")).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: 'k"é',
            sequenceNumber,
            data: Buffer.from('k"é-1').toString("base64"),
            approximateArrivalTimestamp: 1_700_000_000,
          },
          eventSource: "aws:kinesis",
          eventVersion: "1.0",
          eventID: `shardId-000000000000:${sequenceNumber}`,
          eventName: "aws:kinesis:record",
          invokeIdentityArn: "arn:aws:iam::000000000000:role/lambda-role",
          awsRegion: "us-east-1",
          eventSourceARN: MAPPING.streamArn,
        },
      ],
    });
  });
});
