import { describe, expect, test } from "vitest";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { collect, milliseconds as ms, session, valueState } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import { StateReader } from "../../shared/protocol/read-state.ts";
import { copyOfSnapshot } from "../../shared/protocol/savepoint/copy-snapshot.ts";
import { decodeSnapshot, encodeSnapshot, indexEnd, THIS_OBJECT } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import type { BlockRef } from "../../shared/state/page.ts";
import { type Reading, sourceStage } from "../operators/one-stage.ts";
import { eventOf } from "../operators/runner.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";
import { filled as filledWithIds, firstFormat, stage as ids, name, reading } from "./replicas.ts";

/** Counts the events of each key. */
const counting: Stage = sourceStage((all) => ({
  out: all.keyBy("k").process({
    id: "p",
    state: { n: valueState<number>() },
    onEvent: (_reading, { state }) => {
      state.n.set((state.n.get() ?? 0) + 1);
      return [];
    },
  }),
}));
const sessions: Stage = sourceStage((all) => ({
  out: all
    .keyBy("k")
    .window(session(ms(100)), { id: "s" })
    .aggregate({ ids: collect(99, "id") }),
}));

/** Of three, one of key "b" and two of key "a". */
const readings = (n: number): Reading[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${i}`, k: i % 3 === 0 ? "b" : "a", t: i, n: 0 }));
async function filled(n: number, options: Partial<Environment> = {}): Promise<Recording> {
  const env = recording(options);
  const loop = new StageLoop(counting, env);
  for (const record of recordsOf(counting, readings(n).map(eventOf))) await loop.run([record]);
  return env;
}

describe("a reader of state looks again", () => {
  const gap = (n: number) => {
    let left = n;
    return async (env: Recording) => {
      let tries = 0;
      const log: typeof env.log = {
        ...env.log,
        readAfter: async (...asked) => {
          tries += 1;
          left -= 1;
          const items = await env.log.readAfter(...asked);
          if (left >= 0) throw new MillraceError("BODY_DAMAGED", "for now", { next: "retried" });
          return items;
        },
      };
      const read = new StateReader({ ...env, log }).read(counting, "p", "a");
      return { read, tries: () => tries };
    };
  };

  test("at what passes, three times in all", async () => {
    const env = await filled(3);
    const twice = await gap(2)(env);
    expect((await twice.read).state).toEqual({ n: 2 });
    const thrice = await gap(3)(env);
    await expect(thrice.read).rejects.toMatchObject({ code: "BODY_DAMAGED" });
    expect([twice.tries(), thrice.tries()]).toEqual([3, 3]);
  });

  test("but not at what stays, though it has read before", async () => {
    const env = await filled(3);
    const tries = [0, 0];
    const failing = (nth: number, thrown: Error): typeof env.log => ({
      ...env.log,
      readAfter: (...asked) => {
        if (asked[1] === 0) return env.log.readAfter(...asked);
        tries[nth] = (tries[nth] ?? 0) + 1;
        return Promise.reject(thrown);
      },
    });
    const errors = [new Error("denied"), new MillraceError("EPOCH_ENDED", "over", { next: "halted" })];
    for (const [nth, thrown] of errors.entries()) {
      const warm = new StateReader({ ...env, log: failing(nth, thrown) });
      await warm.read(counting, "p", "a");
      await expect(warm.read(counting, "p", "a")).rejects.toBe(thrown);
    }
    expect(tries).toEqual([1, 1]);
  });

  test("where the snapshot is not there yet", async () => {
    const env = await filled(4, { snapshotEntries: 4 });
    let left = 2;
    const getRange: typeof env.blobs.getRange = async (...range) => {
      left -= 1;
      return left >= 0 ? undefined : await env.blobs.getRange(...range);
    };
    const reader = new StateReader({ ...env, blobs: { ...env.blobs, getRange } });
    expect((await reader.read(counting, "p", "a")).v).toBe(4);
  });

  test("where the page that it needs went with its snapshot", async () => {
    const env = recording({ snapshotEntries: 4, state: { pageChars: 1 } });
    const loop = new StageLoop(sessions, env);
    const events = [..."abcd"].map((k, n) => eventOf({ id: k, k, t: n, n: 0 }));
    for (const record of recordsOf(sessions, events)) await loop.run([record]);
    const reader = new StateReader(env);
    expect((await reader.read(sessions, "s", "a")).state).toMatchObject([{ ids: ["a"] }]);
    const { key = "" } = env.refs.get(name) ?? {};
    const copy = await copyOfSnapshot(env.blobs, key, none);
    env.objects.clear();
    env.objects.set("snapshots/copy", copy ?? new Uint8Array());
    env.refs.set(name, { v: 4, key: "snapshots/copy" });
    expect((await reader.read(sessions, "s", "c")).state).toMatchObject([{ ids: ["c"] }]);
  });

  test("where a newer snapshot was taken, and all behind it that it would read is deleted", async () => {
    const env = await filled(2);
    const reader = new StateReader(env, { entries: 2 });
    await reader.read(counting, "p", "a");
    const later = new StageLoop(counting, { ...env, snapshotEntries: 7 });
    for (const record of recordsOf(counting, readings(7).map(eventOf))) await later.run([record]);
    expect([...env.items.values()].flatMap((log) => log.map(({ v }) => v))).toEqual([7]);
    expect(await reader.read(counting, "p", "a")).toMatchObject({ state: { n: 4 }, v: 7 });
    const never: typeof env.log = {
      ...env.log,
      readAfter: async () => [],
      snapshot: async () => refs.shift(),
    };
    const refs = [1, 2, 3, 4, 5, 6].flatMap((v) => [undefined, { v, key: "k" }]);
    await expect(new StateReader({ ...env, log: never }).read(counting, "p", "a")).rejects.toMatchObject({
      code: "LOG_GAP",
      next: "retried",
      message: 'stage "p.readings", partition 0: a newer snapshot was taken meanwhile',
    });
  });
});

describe("a reader of state has limits, each time anew:", () => {
  test("bytes of entries", async () => {
    const env = await filled(4);
    const bytes = env.entries.reduce((n, { body }) => n + body.length, 0);
    const enough = new StateReader(env, { bytes });
    expect((await enough.read(counting, "p", "a")).v).toBe(4);
    const loop = new StageLoop(counting, env);
    for (const record of recordsOf(counting, readings(6).map(eventOf))) await loop.run([record]);
    expect((await enough.read(counting, "p", "a")).v).toBe(6);
    await expect(new StateReader(env, { bytes: bytes - 1 }).read(counting, "p", "a")).rejects.toMatchObject({
      code: "STATE_LIMIT",
      next: "refused",
      message:
        `stage "p.readings", partition 0: to read the state would take more than ${bytes - 1} bytes; ` +
        "ask again after its next snapshot",
    });
  });

  test("bytes of a snapshot of the first format, whose beginning is read twice", async () => {
    const { entries } = await filledWithIds([reading(0, "a")]);
    const env = recording({});
    const bytes = firstFormat(entries);
    env.objects.set("snapshots/first", bytes);
    env.refs.set(name, { v: 3, key: "snapshots/first" });
    const most = 2 * bytes.length;
    expect((await new StateReader(env, { bytes: most }).read(ids, "p", "a")).v).toBe(3);
    await expect(new StateReader(env, { bytes: most - 1 }).read(ids, "p", "a")).rejects.toMatchObject({
      code: "STATE_LIMIT",
    });
    const blobs = { ...env.blobs, get: async () => undefined };
    await expect(new StateReader({ ...env, blobs }).read(ids, "p", "a")).rejects.toMatchObject({
      code: "SNAPSHOT_UNKNOWN",
    });
  });

  test("bytes of the one page that it needs, of a state that is larger", async () => {
    const env = recording({ snapshotEntries: 40, state: { pageChars: 1 } });
    const loop = new StageLoop(sessions, env);
    const keys = Array.from({ length: 40 }, (_, n) => `${n}`);
    const events = keys.map((k, t) => eventOf({ id: k.padEnd(10_000, "x"), k, t, n: 0 }));
    for (const record of recordsOf(sessions, events)) await loop.run([record]);
    expect(env.refs.get(name)?.v).toBe(40);
    const reader = new StateReader(env, { bytes: 300_000 });
    expect((await reader.read(sessions, "s", "7")).state).toHaveLength(1);
  });

  test("bytes of a snapshot, and of a page that is read out of it", async () => {
    const env = await filled(4, { snapshotEntries: 4 });
    const [[key = "", bytes = new Uint8Array()] = []] = env.objects;
    const { pages } = decodeSnapshot(key, bytes, none);
    const most = bytes.length + (pages.get("p")?.[0]?.chain[0]?.length ?? 0);
    expect((await new StateReader(env, { bytes: most }).read(counting, "p", "a")).v).toBe(4);
    await expect(new StateReader(env, { bytes: most - 1 }).read(counting, "p", "a")).rejects.toMatchObject({
      code: "STATE_LIMIT",
    });
  });

  test("entries: who is too far behind begins anew from a snapshot, once", async () => {
    const env = await filled(8, { snapshotEntries: 3 });
    let reads = 0;
    let upTo = 2;
    // none of the old entries is deleted
    const log: typeof env.log = {
      ...env.log,
      snapshot: async (of) => (upTo === 2 ? undefined : await env.log.snapshot(of)),
      readAfter: async (_, v) => {
        reads += 1;
        return env.entries.filter((one) => one.v > v && one.v <= upTo);
      },
    };
    const reader = new StateReader({ ...env, log }, { entries: 3 });
    expect((await reader.read(counting, "p", "a")).v).toBe(2);
    upTo = 8;
    expect(await reader.read(counting, "p", "a")).toMatchObject({ v: 8, state: { n: 5 } });
    expect(reads).toBe(3);
    reads = 0;
    await expect(
      new StateReader({ ...env, log }, { entries: 1 }).read(counting, "p", "a"),
    ).rejects.toMatchObject({
      code: "STATE_LIMIT",
    });
    expect(reads).toBe(1);
  });

  test("entries, in words", async () => {
    const env = await filled(4);
    await expect(new StateReader(env, { entries: 3 }).read(counting, "p", "a")).rejects.toMatchObject({
      message:
        'stage "p.readings", partition 0: to read the state would take more than 3 entries behind the snapshot; ' +
        "ask again after its next snapshot",
    });
  });
});

test("a reader of state reads of the epoch that it is told", async () => {
  const env = await filled(3);
  const { stage, partition } = { stage: "p.readings", partition: 0 };
  env.items.set(`${stage}/${partition}/2`, env.entries.slice(0, 1));
  expect((await new StateReader({ ...env, epoch: 2 }).read(counting, "p", "b")).v).toBe(1);
  expect((await new StateReader(env).read(counting, "p", "b")).v).toBe(3);
});

test("a reader of state keeps eight partitions, those that were read last", async () => {
  const stage = { ...counting, partitions: 10 };
  const env = await filled(2);
  const keys = Array.from({ length: 10 }, (_, partition) => {
    let key = 0;
    while (partitionOf(`${key}`, 10) !== partition) key += 1;
    env.items.set(`${stage.id}/${partition}`, env.entries);
    return `${key}`;
  });
  const cold: number[] = [];
  const log: typeof env.log = {
    ...env.log,
    readAfter: (id, v, upTo) => {
      if (v === 0) cold.push(id.partition);
      return env.log.readAfter(id, v, upTo);
    },
  };
  const reader = new StateReader({ ...env, log });
  const coldOf = async (...partitions: number[]): Promise<number[]> => {
    for (const partition of partitions) await reader.read(stage, "p", keys[partition] ?? "");
    return cold.splice(0);
  };
  expect(await coldOf(0, 1, 2, 3, 4, 5, 6, 7)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(await coldOf(0, 7, 1)).toEqual([]);
  expect(await coldOf(8)).toEqual([8]);
  expect(await coldOf(0, 1, 3, 4, 5, 6, 7, 8)).toEqual([]);
  expect(await coldOf(2)).toEqual([2]);
});

test("a reader of state keeps no partition of which more than 8 Mi characters are in memory", async () => {
  /** Reads a key twice, of whose page the index says that it has so many characters; gives how often the index was read. */
  const looks = async (chars: number): Promise<number> => {
    const env = recording({ snapshotEntries: 1, state: { pageChars: 1 } });
    const events = [eventOf({ id: "a", k: "a", t: 0, n: 0 })];
    for (const record of recordsOf(sessions, events)) await new StageLoop(sessions, env).run([record]);
    const { key = "" } = env.refs.get(name) ?? {};
    const bytes = env.objects.get(key) ?? new Uint8Array();
    const { head, unpaged, pages, objects } = decodeSnapshot(key, bytes, none);
    const end = indexEnd(bytes) ?? 0;
    const saying = (ref: BlockRef): BlockRef => ({
      ...ref,
      object: THIS_OBJECT,
      offset: ref.offset - end,
      chars,
    });
    const said = new Map(
      [...pages].map(([of, list]) => [of, list.map((page) => ({ ...page, chain: page.chain.map(saying) }))]),
    );
    const snapshot = { head, unpaged, pages: said, objects: new Map([[THIS_OBJECT, objects.get(key) ?? 0]]) };
    env.objects.set(key, encodeSnapshot(snapshot, [bytes.subarray(end)], none).bytes);
    let indexes = 0;
    const getRange: typeof env.blobs.getRange = (object, from, length) => {
      if (from === 0) indexes += 1;
      return env.blobs.getRange(object, from, length);
    };
    const reader = new StateReader({ ...env, blobs: { ...env.blobs, getRange } });
    for (let n = 0; n < 2; n += 1)
      expect((await reader.read(sessions, "s", "a")).state).toMatchObject([{ ids: ["a"] }]);
    return indexes;
  };
  const most = 8 * 1024 * 1024;
  expect([await looks(most), await looks(most + 1)]).toEqual([1, 2]);
});
