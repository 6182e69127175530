import { describe, expect, test } from "vitest";
import { put, STREAM, streamOf, TAKEN, THROWN } from "./kinesis-fixture.ts";
import { recorder, sourceOf } from "./kinesis-recorder.ts";

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
