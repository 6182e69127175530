import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { epochMs, listState, mapState, milliseconds as ms, valueState } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { StateReader } from "../../shared/protocol/read-state.ts";
import { Replica } from "../../shared/protocol/replica.ts";
import { copyOfSnapshot } from "../../shared/protocol/savepoint/copy-snapshot.ts";
import { decodeSnapshot, type Snapshot } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { type Reading, sourceStage } from "../operators/one-stage.ts";
import { eventOf } from "../operators/runner.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";

/** By the number of an event: what it keeps, or the timer that it sets. */
const stage: Stage = sourceStage((all) => ({
  out: all.keyBy("k").process({
    id: "p",
    state: {
      last: valueState<string>({ ttl: ms(800) }),
      all: listState<string>(),
      named: mapState<string, string>({ ttl: ms(900), in: "processing-time" }),
    },
    onEvent({ id, n, t }: Reading, { state, timers, processingTime }) {
      if (n === 0) state.last.set(id);
      if (n === 1) state.all.add(id);
      if (n === 2) state.named.set("x", id);
      if (n === 3) timers.at(epochMs(t + 500));
      if (n === 4) timers.atProcessingTime(epochMs(processingTime + 500));
      return [id];
    },
    onTimer: (time, { key }) => [`${key} at ${time}`],
    onProcessingTimer: (time, { key }) => [`${key} by the clock at ${time}`],
  }),
}));
const id = { stage: stage.id, partition: 0, epoch: 0 };
const name = `${stage.id}/0`;

const KEYS = [..."abcdefg"];
/** Each key with each number. */
const readings: readonly Reading[] = KEYS.flatMap((k, i) =>
  [0, 1, 2, 3, 4].map((n): Reading => ({ id: `${k}${n}`, k, t: 10 * i + n, n })),
);
const records = recordsOf(stage, readings.map(eventOf));

/** All state of the newest snapshot and the entries behind it. */
async function stateIn(env: Recording): Promise<unknown> {
  const replica = new Replica(stage, id, env);
  await replica.refresh();
  for (const key of KEYS) replica.fold.need("p", key);
  if (replica.fold.missing.length > 0) expect(await replica.fetchMissing()).toBe("fetched");
  return [...replica.fold.snapshot()];
}

const newest = (env: Recording): Snapshot => {
  const { key = "" } = env.refs.get(name) ?? {};
  return decodeSnapshot(key, env.objects.get(key) ?? new Uint8Array(), none);
};

/** An environment whose only snapshot, of the first ten readings, is this. */
function standingOn(bytes: Uint8Array, options: Parameters<typeof recording>[0] = {}): Recording {
  const env = recording(options);
  env.objects.set("snapshots/earlier", bytes);
  env.refs.set(name, { v: 10, key: "snapshots/earlier" });
  return env;
}

describe("a snapshot of before a process had pages", () => {
  const earlier = new Uint8Array(
    readFileSync(new URL("../golden/snapshots/process-without-pages.mrs2", import.meta.url)),
  );
  const tenth = async (): Promise<Recording> => {
    const env = recording({});
    for (const record of records.slice(0, 10)) await new StageLoop(stage, env).run([record]);
    return env;
  };

  test("is read as ever, has no pages of it, and is copied as it is", async () => {
    const snapshot = decodeSnapshot("own", earlier, none);
    expect([snapshot.unpaged.length, [...snapshot.pages]]).toEqual([2, []]);
    const expected = await stateIn(await tenth());
    expect(await stateIn(standingOn(earlier))).toEqual(expected);
    const copy = await copyOfSnapshot(standingOn(earlier).blobs, "snapshots/earlier", none);
    expect(await stateIn(standingOn(copy ?? new Uint8Array()))).toEqual(expected);
  });

  test("answers for a key, and where it is large only once it is in pages", async () => {
    const read = (env: Recording, bytes?: number) =>
      new StateReader(env, bytes === undefined ? {} : { bytes }).read(stage, "p", "b");
    const state = { last: "b0", all: ["b1"], named: [["x", "b2"]] };
    expect(await read(standingOn(earlier))).toMatchObject({ state, v: 10 });
    await expect(read(standingOn(earlier), earlier.length - 1)).rejects.toMatchObject({
      code: "STATE_LIMIT",
    });
  });

  test("is gone on from, and the next one has its state in pages", async () => {
    const env = standingOn(earlier, { snapshotEntries: 1, state: { pageChars: 1, eagerBytes: 0 } });
    const whole = recording({});
    const warm = new StageLoop(stage, whole);
    for (const record of records) await warm.run([record]);
    for (const record of records.slice(10))
      expect((await new StageLoop(stage, env).run([record])).causes).toEqual([]);
    expect(env.entries.map(({ body }) => body)).toEqual(whole.entries.slice(10).map(({ body }) => body));
    const { unpaged, pages } = newest(env);
    expect([unpaged, pages.get("p")?.map(({ first }) => first?.[1])]).toEqual([[], [undefined, ..."bcdefg"]]);
    expect(await stateIn(env)).toEqual(await stateIn(whole));
  });
});

test("a process whose state is far beyond what a reader fetches answers from the page of the key", async () => {
  const text = "x".repeat(120_000);
  const large: Stage = sourceStage((all) => ({
    out: all.keyBy("k").process({
      id: "p",
      state: { text: valueState<string>() },
      onEvent({ id }: Reading, { state }) {
        state.text.set(id + text);
        return [];
      },
    }),
  }));
  const env = recording({});
  const many = Array.from({ length: 150 }, (_, i) => eventOf({ id: `${i}`, k: `k${i}`, t: i, n: 0 }));
  const loop = new StageLoop(large, env);
  const records = recordsOf(large, many);
  for (const record of records.slice(0, -1)) await loop.run([record]);
  await new StageLoop(large, { ...env, snapshotEntries: 1 }).run(records.slice(-1));
  const { pages } = newest(env);
  const blocks = [...pages.values()].flatMap((list) => list.flatMap(({ chain }) => chain));
  expect(blocks.reduce((n, { length }) => n + length, 0)).toBeGreaterThan(16 * 1024 * 1024);
  const fetched: number[] = [];
  const getRange: typeof env.blobs.getRange = async (object, from, length) => {
    const bytes = await env.blobs.getRange(object, from, length);
    fetched.push(bytes?.length ?? 0);
    return bytes;
  };
  const reader = new StateReader({ ...env, blobs: { ...env.blobs, getRange } });
  for (const key of ["k7", "k149"])
    expect((await reader.read(large, "p", key)).state).toEqual({ text: key.slice(1) + text });
  expect((await reader.read(large, "p", "nobody")).state).toEqual({});
  expect(fetched.reduce((n, one) => n + one, 0)).toBeLessThan(1024 * 1024);
});
