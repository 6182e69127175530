import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { decodeEntry, quietEntry } from "../../shared/protocol/entry.ts";
import { fenceLog } from "../../shared/protocol/fence.ts";
import { Inbox } from "../../shared/protocol/inbox.ts";
import { Replica } from "../../shared/protocol/replica.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { stampOf } from "../../shared/state/stamp.ts";
import { epochMs } from "../../shared/time/time.ts";
import { readingsFrom } from "../operators/inputs.ts";
import { eventOf } from "../operators/runner.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";
import { busyStage, commit, filled, folded, id, name, opened, reading, stage, stateOf } from "./replicas.ts";

const anySizes = fc.record({
  pageChars: fc.constantFrom(1, 60, 1_000),
  eagerBytes: fc.constantFrom(0, 1_000_000),
});

test.prop(
  [
    readingsFrom({ minLength: 1, maxLength: 16 }),
    fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
    anySizes,
    fc.integer({ min: 2, max: 9 }),
  ],
  { numRuns: 25 },
)(
  "a replica that reads a log, in any steps or from a snapshot, is the fold of it",
  async (readings, steps, state, snapshotEntries) => {
    const env = recording({ state, snapshotEntries });
    const loop = new StageLoop(busyStage, env);
    const keys = ["a", "b", "c", ...readings.map((one) => one.id)];
    const warm = new Replica(busyStage, id, env);
    const records = recordsOf(busyStage, readings.map(eventOf));
    for (let from = 0, nth = 0; from < records.length; nth += 1) {
      const to = from + (steps[nth % steps.length] ?? 1);
      for (const record of records.slice(from, to)) expect((await loop.run([record])).causes).toEqual([]);
      from = to;
      const is = folded(
        env.entries.map(({ body }) => decodeEntry(body, none)),
        busyStage,
      );
      for (const replica of [warm, new Replica(busyStage, id, env)]) {
        await replica.refresh();
        expect(await stateOf(replica, keys)).toEqual(is.state);
        expect(replica.fold.sealed).toEqual(is.sealed);
        expect([replica.v, replica.inbox.positions]).toEqual([env.entries.length, is.positions]);
        expect(replica.channels).toEqual(is.channels);
      }
    }
  },
);

describe("a replica", () => {
  test("of which there is no entry yet is empty", async () => {
    const replica = await opened(recording({}));
    expect(await stateOf(replica)).toEqual([]);
    expect(replica).toMatchObject({
      v: 0,
      channels: [],
      unpublished: undefined,
      sinceSnapshot: { entries: 0, bytes: 0 },
      snapshotKey: undefined,
      snapshotBytes: 0,
      crowded: false,
    });
    expect(replica.inbox.positions).toEqual([]);
    expect(replica.objects).toEqual(new Map());
  });

  test("knows the snapshot that it stands on, and what came since", async () => {
    const env = await filled(
      [..."abcde"].map((k, n) => reading(n, k)),
      { snapshotEntries: 3 },
    );
    const replica = await opened(env);
    const ref = env.refs.get(name);
    expect(ref?.v).toBe(3);
    const size = env.objects.get(ref?.key ?? "")?.length;
    expect(replica).toMatchObject({ v: 5, snapshotKey: ref?.key, snapshotBytes: size });
    expect(replica.sinceSnapshot).toEqual({
      entries: 2,
      bytes: env.entries.slice(3).reduce((n, { body }) => n + body.length, 0),
    });
    expect([...replica.objects.keys()]).toEqual([ref?.key]);
  });

  test("holds the last entry, whose outputs may not have arrived; one without outputs owes nothing", async () => {
    const env = await filled([reading(0, "a")]);
    const entries = env.entries.map(({ body }) => decodeEntry(body, none));
    expect(entries.at(-1)?.frames).not.toEqual([]);
    expect((await opened(env)).unpublished).toEqual(entries.at(-1));
    const replica = await opened(env);
    replica.committed(2, quietEntry(entries.at(-1)), 10);
    expect(replica.unpublished).toBeUndefined();
    const { entries: n } = replica.sinceSnapshot;
    expect([replica.v, n]).toEqual([2, 2]);
  });

  test("that meets a log beyond its own end goes on from the snapshot, and forgets what it stood on", async () => {
    const env = await filled([reading(0, "a")], { snapshotEntries: 2 });
    const replica = await opened(env);
    await commit(env, [reading(0, "a"), reading(1, "b"), reading(2, "c"), reading(3, "d")]);
    const { v } = env.refs.get(name) ?? { v: 0 };
    await env.log.truncate(id, v, epochMs(0));
    await replica.refresh();
    expect(replica).toMatchObject({ v: 4, sinceSnapshot: { entries: 4 - v }, crowded: false });
    expect(await stateOf(replica, "abcd")).toEqual(await stateOf(await opened(env), "abcd"));
  });

  test("of a restored epoch does not begin where no savepoint was restored", async () => {
    const replica = new Replica(stage, { ...id, epoch: 2 }, recording({}));
    await expect(replica.refresh()).rejects.toMatchObject({
      code: "EPOCH_EMPTY",
      next: "retried",
      message: `stage "${stage.id}", partition 0: no savepoint was restored into epoch 2`,
    });
  });
});

describe("a replica that stops", () => {
  const committed = () => filled([..."abcd"].map((one, n) => reading(n, one)));
  /** The same log under another epoch's name. */
  const later = { ...id, epoch: 1 };
  const logged = (env: Recording, upTo = env.entries.length): void =>
    void env.items.set(`${name}/1`, env.entries.slice(0, upTo));

  test("does not where a restored epoch goes on", async () => {
    const env = await committed();
    const replica = new Replica(stage, later, env);
    for (const upTo of [1, 2, 4]) {
      logged(env, upTo);
      await replica.refresh();
      expect(replica.v).toBe(upTo);
    }
  });

  test("says that its epoch has ended", async () => {
    const env = await committed();
    logged(env);
    await fenceLog(env, later);
    await expect(new Replica(stage, later, env).refresh()).rejects.toMatchObject({
      code: "EPOCH_ENDED",
      next: "halted",
      message: `stage "${stage.id}", partition 0: epoch 1 has ended: a savepoint was restored`,
    });
  });

  test("says which state a newer version of its code keeps", async () => {
    const env = await committed();
    const newer = { ...stage, versions: [["p", "ids", 3]] as const };
    env.items.set(
      name,
      env.entries.map((item) => (item.v === 2 ? { ...item, fingerprint: stampOf(newer) } : item)),
    );
    await expect(opened(env)).rejects.toMatchObject({
      code: "STATE_VERSION",
      next: "halted",
      message:
        `stage "${stage.id}", partition 0: entry 2 was written by code that keeps "ids" of operator "p" in version 3, ` +
        "which this code does not know; deploy the newer code again",
    });
  });

  test("begins anew the next time, whatever it had taken up", async () => {
    const env = await committed();
    let looks = 0;
    let odd = 0;
    const log: typeof env.log = {
      ...env.log,
      snapshot: async () => {
        looks += 1;
        return undefined;
      },
      readAfter: async (_, v) =>
        env.entries
          .filter((one) => one.v > v)
          .map((one) => (one.v === odd ? { ...one, fingerprint: "odd" } : one)),
    };
    const replica = new Replica(stage, id, { ...env, log });
    await replica.refresh();
    await commit(
      env,
      [..."abcdef"].map((one, n) => reading(n, one)),
    );
    odd = 6;
    await expect(replica.refresh()).rejects.toMatchObject({ code: "STATE_MISMATCH" });
    odd = 0;
    await replica.refresh();
    expect([replica.v, looks]).toEqual([6, 2]);
    expect(await stateOf(replica)).toEqual(await stateOf(await opened(env)));
  });

  test("since its snapshot was not there reads it the next time", async () => {
    const env = await filled(
      [..."abcd"].map((one, n) => reading(n, one)),
      { snapshotEntries: 2 },
    );
    const ref = env.refs.get(name);
    const objects = new Map(env.objects);
    env.objects.clear();
    const readAfter: typeof env.log.readAfter = async (_, v) => env.entries.filter((one) => one.v > v);
    const replica = new Replica(stage, id, { ...env, log: { ...env.log, readAfter } });
    await expect(replica.refresh()).rejects.toMatchObject({ code: "SNAPSHOT_UNKNOWN" });
    for (const [key, bytes] of objects) env.objects.set(key, bytes);
    await replica.refresh();
    expect(replica).toMatchObject({ v: 4, snapshotKey: ref?.key });
  });
});

describe("what a replica says of an entry: the log has it already", () => {
  const said = async () => {
    const env = await filled([reading(0, "a"), reading(1, "b")]);
    const replica = await opened(env);
    const { time, counts } = replica.fold.sealed;
    return { replica, entry: quietEntry({ positions: replica.inbox.positions, time, counts, channels: [] }) };
  };

  test("where it moves nothing, though it read on in a shard", async () => {
    const { replica, entry } = await said();
    expect(replica.says(entry)).toBe(true);
    expect(replica.says({ ...entry, positions: [["shard-0", "99"]] })).toBe(true);
  });

  test("not where it took an event, or time went on", async () => {
    const { replica, entry } = await said();
    const { time, counts } = entry;
    expect(replica.says({ ...entry, counts: { ...counts, input: 3 } })).toBe(false);
    expect(replica.says({ ...entry, time: { ...time, watermark: epochMs(50) } })).toBe(false);
    expect(replica.says({ ...entry, time: { ...time, firstTickAt: epochMs(50) } })).toBe(false);
  });

  test("not where it took another frame of any channel", async () => {
    const { replica, entry } = await said();
    replica.inbox = new Inbox([
      ["up/0", 4],
      ["up/1", 7],
    ]);
    const with1 = (at: number) => ({
      ...entry,
      positions: [
        ["up/0", 4],
        ["up/1", at],
      ] as const,
    });
    expect(replica.says(with1(7))).toBe(true);
    expect(replica.says(with1(8))).toBe(false);
  });
});

describe("entries since a snapshot", () => {
  const counting = async (entries: number, bytes: number) => {
    const replica = await opened(await filled([..."abcd"].map((k, n) => reading(n, k))));
    replica.sinceSnapshot = { entries, bytes };
    return replica;
  };

  test("that somebody else took are those that came after it, and their share of the bytes", async () => {
    const replica = await counting(4, 1_000);
    replica.countFrom(1);
    expect(replica.sinceSnapshot).toEqual({ entries: 3, bytes: 750 });
  });

  test("are no more than there were before", async () => {
    const replica = await counting(2, 1_000);
    replica.countFrom(1);
    expect(replica.sinceSnapshot).toEqual({ entries: 2, bytes: 1_000 });
    replica.countFrom(4);
    expect(replica.sinceSnapshot).toEqual({ entries: 0, bytes: 0 });
    replica.countFrom(4);
    expect(replica.sinceSnapshot).toEqual({ entries: 0, bytes: 0 });
  });

  test("of its own are none", async () => {
    const replica = await counting(4, 1_000);
    const objects = new Map([["key", 70]]);
    replica.standOn("key", objects, 99);
    expect(replica).toMatchObject({ snapshotKey: "key", snapshotBytes: 99 });
    expect(replica.objects).toBe(objects);
    expect(replica.sinceSnapshot).toEqual({ entries: 0, bytes: 0 });
  });
});
