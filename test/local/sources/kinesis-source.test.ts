import { describe, expect, test } from "vitest";
import { ServiceError } from "../../../local/models/service-error.ts";
import { type DiscardedBatch, toBucket, toQueue } from "../../../local/sources/discarded-batch.ts";
import type { Invoke } from "../../../local/sources/event-source.ts";
import type { KinesisMapping } from "../../../local/sources/kinesis-mapping.ts";
import { KinesisSource, type KinesisSourceOptions } from "../../../local/sources/kinesis-source.ts";
import { kinesisFilter } from "../../../local/sources/record-filter.ts";
import type { Wait } from "../../../local/sources/wait.ts";
import { hours, milliseconds, seconds } from "../../../shared/time/time.ts";
import {
  failedFrom,
  MAPPING,
  noWait,
  put,
  recordsOf,
  type SeenRecord,
  STREAM,
  standingStill,
  steppingClock,
  streamOf,
  TAKEN,
  THROWN,
} from "./kinesis-fixture.ts";

/** A function that notes its batches and answers by `decide`; `until` resolves when it has seen so many records. */
function recorder(
  decide: (records: readonly SeenRecord[], call: number) => ReturnType<Invoke> = async () => TAKEN,
) {
  const batches: (readonly SeenRecord[])[] = [];
  const waiters: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const texts = () => batches.flat().map(({ text }) => text);
  const invoke: Invoke = async (payload) => {
    const records = recordsOf(payload);
    batches.push(records);
    const outcome = await decide(records, batches.length);
    for (const { holds, resolve } of waiters) if (holds()) resolve();
    return outcome;
  };
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (holds()) resolve();
      else waiters.push({ holds, resolve });
    });
  return { batches, texts, invoke, until };
}

function sourceOf(
  options: Pick<KinesisSourceOptions, "kinesis" | "invoke"> & Partial<KinesisSourceOptions>,
  mapping: Partial<KinesisMapping> = {},
): KinesisSource {
  return new KinesisSource({
    clock: steppingClock(),
    wait: noWait,
    ...options,
    mapping: { ...MAPPING, ...mapping },
  });
}

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

describe("where reading starts", () => {
  test("LATEST skips what the stream already holds", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1", "a-2");
    const seen = recorder();
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { startingPosition: { at: "LATEST" } });
    put(kinesis, "a-3");
    await seen.until(() => seen.texts().length === 1);
    await source.close();
    expect(seen.texts()).toEqual(["a-3"]);
  });

  test("AT_TIMESTAMP starts with the first record of that time", async () => {
    const clock = steppingClock();
    const kinesis = streamOf(1, clock);
    put(kinesis, "a-1");
    clock.advance(1_000);
    put(kinesis, "a-2");
    const seen = recorder();
    const startingPosition = { at: "AT_TIMESTAMP", timestamp: clock.now() } as const;
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { startingPosition });
    await seen.until(() => seen.texts().length === 1);
    await source.close();
    expect(seen.texts()).toEqual(["a-2"]);
  });
});

describe("where reading starts in a stream that was split before", () => {
  const halfway = (2n ** 127n).toString();
  const splitStream = (clock = steppingClock()) => {
    const kinesis = streamOf(1, clock);
    put(kinesis, "a-1", "b-1");
    kinesis.splitShard({
      StreamName: STREAM,
      ShardToSplit: "shardId-000000000000",
      NewStartingHashKey: halfway,
    });
    clock.advance(1_000);
    put(kinesis, "a-2", "b-2");
    return kinesis;
  };

  test("LATEST holds for the children too", async () => {
    const kinesis = splitStream();
    const seen = recorder();
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { startingPosition: { at: "LATEST" } });
    put(kinesis, "a-3", "b-3");
    await seen.until(() => seen.texts().length === 2);
    await source.close();
    expect(seen.texts().toSorted()).toEqual(["a-3", "b-3"]);
  });

  test("AT_TIMESTAMP holds for the children too", async () => {
    const clock = steppingClock();
    const kinesis = splitStream(clock);
    clock.advance(1_000);
    put(kinesis, "a-3", "b-3");
    const seen = recorder();
    const startingPosition = { at: "AT_TIMESTAMP", timestamp: clock.now() } as const;
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { startingPosition });
    await seen.until(() => seen.texts().length === 2);
    await source.close();
    expect(seen.texts().toSorted()).toEqual(["a-3", "b-3"]);
  });
});

describe("failures", () => {
  test("the lowest reported sequence number becomes the checkpoint", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1", "a-2", "a-3", "a-4");
    const seen = recorder(async (records, call) => {
      const numbers = records.map(({ sequenceNumber }) => sequenceNumber);
      return call === 1 ? failedFrom(numbers[3] ?? "", numbers[1] ?? "") : TAKEN;
    });
    const source = sourceOf({ kinesis, invoke: seen.invoke });
    await seen.until(() => seen.batches.length === 2);
    await source.close();
    expect(seen.batches[1]?.map(({ text }) => text)).toEqual(["a-2", "a-3", "a-4"]);
    expect(source.stats()).toEqual({ invocations: 2, failedInvocations: 1, delivered: 4, discarded: 0 });
  });

  test("bisecting isolates the poison record and spends no retries on its neighbours", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1", "a-2", "a-poison", "a-4");
    const discarded: DiscardedBatch[] = [];
    const taken: string[] = [];
    const seen = recorder(async (records) => {
      if (records.some(({ text }) => text === "a-poison")) return THROWN;
      taken.push(...records.map(({ text }) => text));
      return TAKEN;
    });
    const source = sourceOf(
      { kinesis, invoke: seen.invoke, onFailure: (batch) => discarded.push(batch) },
      { bisectOnError: true, maximumRetryAttempts: 2 },
    );
    await seen.until(() => taken.length === 3);
    await source.close();
    expect(taken).toEqual(["a-1", "a-2", "a-4"]);
    expect(discarded.map(({ batch }) => batch.records.length)).toEqual([1]);
    // alone: the first attempt and two retries
    expect(seen.batches.filter((batch) => batch.length === 1 && batch[0]?.text === "a-poison")).toHaveLength(
      3,
    );
  });

  test("a function that cannot be invoked is tried again without spending a retry", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1");
    const seen = recorder(async (_, call) => {
      if (call <= 5) throw new Error("throttled");
      return TAKEN;
    });
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { maximumRetryAttempts: 0 });
    await seen.until(() => seen.batches.length === 6);
    await source.close();
    expect(source.stats()).toMatchObject({ delivered: 1, discarded: 0 });
  });

  test("records past their age are discarded, younger ones are not", async () => {
    const clock = steppingClock();
    const kinesis = streamOf(1, clock);
    put(kinesis, "a-old", "a-older");
    clock.advance(61_000);
    put(kinesis, "a-young");
    const discarded: DiscardedBatch[] = [];
    const seen = recorder();
    const source = sourceOf(
      { kinesis, clock, invoke: seen.invoke, onFailure: (batch) => discarded.push(batch) },
      { maximumRecordAge: seconds(60) },
    );
    await seen.until(() => seen.texts().length === 1);
    await source.close();
    expect(seen.texts()).toEqual(["a-young"]);
    expect(discarded.map(({ condition, batch }) => [condition, batch.records.length])).toEqual([
      ["RecordAgeExceeded", 2],
    ]);
  });

  test("records that leave the stream while they are retried are discarded", async () => {
    const clock = steppingClock();
    const kinesis = streamOf(1, clock);
    put(kinesis, "a-1", "a-2");
    clock.advance(hours(23));
    put(kinesis, "a-3");
    const discarded: DiscardedBatch[] = [];
    const seen = recorder(async (_, call) => {
      if (call === 3) clock.advance(hours(2));
      return call <= 3 ? THROWN : TAKEN;
    });
    const source = sourceOf({
      kinesis,
      clock,
      invoke: seen.invoke,
      onFailure: (batch) => discarded.push(batch),
    });
    await seen.until(() => seen.batches.length === 4);
    await source.close();
    expect(seen.batches[3]?.map(({ text }) => text)).toEqual(["a-3"]);
    expect(discarded.map(({ condition, batch }) => [condition, batch.records.length])).toEqual([
      ["RecordAgeExceeded", 2],
    ]);
  });

  test("a record that no invocation can hold is discarded", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-large", "a-2");
    const discarded: DiscardedBatch[] = [];
    const seen = recorder(async (records) => {
      if (records[0]?.text === "a-large")
        throw new ServiceError("RequestTooLargeException", "too large", 413);
      return TAKEN;
    });
    const source = sourceOf(
      { kinesis, invoke: seen.invoke, onFailure: (batch) => discarded.push(batch) },
      { batchSize: 1 },
    );
    await seen.until(() => seen.batches.length === 2);
    await source.close();
    expect(discarded).toHaveLength(1);
    expect(source.stats()).toMatchObject({ delivered: 1, discarded: 1 });
  });

  test("a queue gets a discarded batch's metadata, a bucket the whole event", async () => {
    const clock = steppingClock();
    const kinesis = streamOf(1, clock);
    put(kinesis, "a-1", "a-2");
    const bodies: string[] = [];
    const objects: { readonly Key: string; readonly Body: Uint8Array }[] = [];
    const sqs = {
      sendMessage: ({ MessageBody }: { readonly MessageBody: string }) => {
        bodies.push(MessageBody);
        return { MessageId: "1", MD5OfMessageBody: "" };
      },
    };
    const s3 = {
      putObject: (object: { readonly Key: string; readonly Body: Uint8Array }) => {
        objects.push(object);
        return { ETag: "" };
      },
    };
    const [queue, bucket] = [toQueue(sqs, "http://queue", clock), toBucket(s3, "failed", clock)];
    const seen = recorder(async () => THROWN);
    const source = sourceOf(
      {
        kinesis,
        clock,
        invoke: seen.invoke,
        onFailure: (batch) => {
          queue(batch);
          bucket(batch);
        },
      },
      { maximumRetryAttempts: 1 },
    );
    await seen.until(() => seen.batches.length === 2);
    await new Promise(setImmediate);
    await source.close();
    const metadata = JSON.parse(bodies[0] ?? "");
    expect(metadata).toMatchObject({
      requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      KinesisBatchInfo: { shardId: "shardId-000000000000", batchSize: 2, streamArn: MAPPING.streamArn },
    });
    expect(metadata).not.toHaveProperty("payload");
    expect(objects[0]?.Key).toMatch(
      /^aws\/lambda\/11111111-2222-3333-4444-555555555555\/shardId-000000000000\/2023\/11\/14\/2023-11-14T22\.13\.20-/,
    );
    const kept = JSON.parse(new TextDecoder().decode(objects[0]?.Body));
    expect(recordsOf(kept.payload).map(({ text }) => text)).toEqual(["a-1", "a-2"]);
  });
});

describe("shards", () => {
  const halfway = (2n ** 127n).toString();

  test("children are read when their parents are finished", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1", "b-1");
    kinesis.splitShard({
      StreamName: STREAM,
      ShardToSplit: "shardId-000000000000",
      NewStartingHashKey: halfway,
    });
    put(kinesis, "a-2", "b-2");
    kinesis.mergeShards({
      StreamName: STREAM,
      ShardToMerge: "shardId-000000000001",
      AdjacentShardToMerge: "shardId-000000000002",
    });
    put(kinesis, "a-3", "b-3");
    const seen = recorder();
    const source = sourceOf({ kinesis, invoke: seen.invoke });
    await seen.until(() => seen.texts().length === 6);
    await source.close();
    expect(seen.texts().filter((text) => text.startsWith("a"))).toEqual(["a-1", "a-2", "a-3"]);
    expect(seen.texts().filter((text) => text.startsWith("b"))).toEqual(["b-1", "b-2", "b-3"]);
  });

  test("children need not wait, if told so", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1");
    const parentRuns = Promise.withResolvers<void>();
    const seen = recorder(async (records) => {
      if (records[0]?.text === "a-1") await parentRuns.promise;
      return TAKEN;
    });
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { childrenWaitForParents: false });
    kinesis.splitShard({
      StreamName: STREAM,
      ShardToSplit: "shardId-000000000000",
      NewStartingHashKey: halfway,
    });
    put(kinesis, "a-2");
    await seen.until(() => seen.texts().includes("a-2"));
    parentRuns.resolve();
    await source.close();
  });

  test("a shard that fails does not hold up another one", async () => {
    const kinesis = streamOf(2);
    put(kinesis, "a-1", "b-1", "c-1", "d-1", "e-1", "f-1");
    const failing = "shardId-000000000000";
    const seen = recorder(async (records) => (records[0]?.shardId === failing ? THROWN : TAKEN));
    const source = sourceOf({ kinesis, invoke: seen.invoke });
    await seen.until(() => seen.batches.some((batch) => batch[0]?.shardId !== failing));
    await source.close();
    expect(source.stats().delivered).toBeGreaterThan(0);
  });
});

describe("lanes", () => {
  test("with a parallelization factor, another key goes on while one is stuck", async () => {
    const kinesis = streamOf(1);
    put(kinesis, "a-1", "b-1", "a-2", "b-2");
    const stuck = Promise.withResolvers<void>();
    const seen = recorder(async (records) => {
      if (records.some(({ key }) => key === "a")) await stuck.promise;
      return TAKEN;
    });
    const source = sourceOf({ kinesis, invoke: seen.invoke }, { parallelizationFactor: 2, batchSize: 1 });
    await seen.until(() => seen.texts().includes("b-2"));
    expect(seen.texts().filter((text) => text.startsWith("a"))).toEqual(["a-1"]);
    stuck.resolve();
    await seen.until(() => seen.texts().includes("a-2"));
    await source.close();
  });
});

describe("on and off", () => {
  test("a disabled source finishes the running invocation, starts none, and goes on where it was", async () => {
    const kinesis = streamOf(1);
    const running = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const seen = recorder(async (_, call) => {
      running.resolve();
      if (call === 1) await release.promise;
      return TAKEN;
    });
    const source = sourceOf({ kinesis, invoke: seen.invoke });
    put(kinesis, "a-1");
    await running.promise;
    const disabled = source.disable();
    put(kinesis, "a-2");
    release.resolve();
    await disabled;
    await new Promise(setImmediate);
    expect(seen.texts()).toEqual(["a-1"]);
    source.enable();
    await seen.until(() => seen.texts().length === 2);
    await source.close();
    expect(seen.texts()).toEqual(["a-1", "a-2"]);
    expect(source.caughtUp()).toBe(true);
  });

  test("a source whose stream is gone says so, and close reports it", async () => {
    const kinesis = streamOf(1);
    const source = sourceOf({ kinesis, invoke: async () => TAKEN });
    kinesis.deleteStream({ StreamName: STREAM });
    source.enable();
    while (source.stats().failure === undefined) await new Promise(setImmediate);
    expect(source.stats().failure).toContain(STREAM);
    await expect(source.close()).rejects.toThrow(STREAM);
  });
});
