import { describe, expect, test } from "vitest";
import { put, STREAM, steppingClock, streamOf } from "./kinesis-fixture.ts";
import { recorder, sourceOf } from "./kinesis-recorder.ts";

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
