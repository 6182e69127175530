import { describe, expect, test } from "vitest";
import { ServiceError } from "../../../local/models/service-error.ts";
import { type DiscardedBatch, toBucket, toQueue } from "../../../local/sources/discarded-batch.ts";
import { hours, seconds } from "../../../shared/time/time.ts";
import {
  failedFrom,
  MAPPING,
  put,
  recordsOf,
  steppingClock,
  streamOf,
  TAKEN,
  THROWN,
} from "./kinesis-fixture.ts";
import { recorder, sourceOf } from "./kinesis-recorder.ts";

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
