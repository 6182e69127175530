import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { concat } from "../../shared/protocol/concat.ts";
import { decodeEntry, quietEntry } from "../../shared/protocol/entry.ts";
import { fenceLog } from "../../shared/protocol/fence.ts";
import { Inbox } from "../../shared/protocol/inbox.ts";
import { Replica } from "../../shared/protocol/replica.ts";
import { encodeSnapshot, snapshotKey, THIS_OBJECT } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { stampOf } from "../../shared/state/stamp.ts";
import { epochMs } from "../../shared/time/time.ts";
import { readingsFrom } from "../operators/inputs.ts";
import { eventOf } from "../operators/runner.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";
import { busyStage, commit, filled, folded, id, name, opened, reading, stage, stateOf } from "./replicas.ts";

const residents = ({ fold }: Replica): unknown[] =>
  [...fold.paged].flatMap(({ pages }) =>
    pages.list.filter(({ resident }) => resident).map(({ first }) => first?.[1]),
  );

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

describe("pages in memory", () => {
  const keys = [..."abcdef"];
  const readings = keys.map((k, n) => reading(n, k));
  /** A page for each key; all of one size. */
  const paged = (state: { eagerBytes?: number; residentChars?: number }) =>
    filled(readings, { snapshotEntries: 6, state: { pageChars: 1, ...state } });
  const charsOf = ({ fold }: Replica): number[] =>
    [...fold.paged].flatMap(({ pages }) =>
      pages.list.flatMap(({ chain }) => chain.map(({ chars }) => chars)),
    );
  const bytesOf = ({ fold }: Replica): number =>
    [...fold.paged]
      .flatMap(({ pages }) => pages.list.flatMap(({ chain }) => chain))
      .reduce((n, { length }) => n + length, 0);

  test("are all of them where the state is small, else those that were asked for", async () => {
    const env = await paged({ eagerBytes: 0 });
    const lazy = await opened(env);
    expect(residents(lazy)).toEqual([]);
    const bytes = bytesOf(lazy);
    expect(residents(await opened({ ...env, state: { eagerBytes: bytes - 1 } }))).toEqual([]);
    expect(residents(await opened({ ...env, state: { eagerBytes: bytes } }))).toEqual([
      undefined,
      ..."bcdef",
    ]);
    expect(residents(await opened({ ...env, state: {} }))).toHaveLength(6);
    lazy.fold.need("p", "f");
    await lazy.fetchMissing();
    expect(residents(lazy)).toEqual(["f"]);
  });

  test("are too many above a number of characters, and not at it", async () => {
    const env = await paged({});
    const chars = charsOf(await opened(env)).reduce((n, one) => n + one, 0);
    const crowd = async (residentChars: number) =>
      (await opened({ ...env, state: { residentChars } })).crowded;
    expect([await crowd(chars), await crowd(chars - 1)]).toEqual([false, true]);
  });

  test("are forgotten where they are too many, longest unused first, until half as many may be there", async () => {
    const env = await paged({ eagerBytes: 0 });
    const [one = 0] = charsOf(await opened(env));
    const replica = await opened({ ...env, state: { eagerBytes: 0, residentChars: 4 * one } });
    const use = async (key: string): Promise<void> => {
      replica.fold.need("p", key);
      await replica.fetchMissing();
      // others go on meanwhile
      replica.committed(replica.v + 1, quietEntry(), 0);
    };
    for (const key of "fdba") await use(key);
    expect(replica.crowded).toBe(false);
    replica.relieve();
    expect(residents(replica)).toEqual([undefined, "b", "d", "f"]);
    await use("c");
    expect(replica.crowded).toBe(true);
    replica.relieve();
    expect(replica.crowded).toBe(false);
    expect(residents(replica)).toEqual([undefined, "c"]);
    await use("b");
    expect(await stateOf(replica, keys)).toEqual(await stateOf(await opened(env), keys));
  });

  test("that went with their snapshot make a replica begin anew from the newest", async () => {
    const env = await paged({ eagerBytes: 0 });
    const replica = await opened(env);
    env.objects.clear();
    replica.fold.need("p", "c");
    expect(await replica.fetchMissing()).toBe("out of date");
    await expect(replica.refresh()).rejects.toMatchObject({ code: "SNAPSHOT_UNKNOWN" });
  });
});

describe("a snapshot", () => {
  const head = (entries: Recording["entries"], source = "shard-0") => ({
    ...folded(entries.map(({ body }) => decodeEntry(body, none))).sealed,
    positions: [[source, "3"]] as const,
    channels: [],
    fingerprint: stampOf(stage),
  });
  const taken = async (bytes: Uint8Array): Promise<Recording> => {
    const env = recording({});
    const key = snapshotKey(id, 3, "n");
    env.objects.set(key, bytes);
    env.refs.set(name, { v: 3, key });
    return env;
  };

  test("whose index is longer than what is asked for first is read as far as it goes", async () => {
    const { entries } = await filled([reading(0, "a")]);
    const text = new TextEncoder().encode('[["p","put","a",0,null,5]]');
    const { bytes } = encodeSnapshot(
      {
        head: head(entries, "x".repeat(300_000)),
        unpaged: [],
        pages: new Map(),
        objects: new Map([[THIS_OBJECT, text.length]]),
      },
      [text],
      none,
    );
    const env = await taken(bytes);
    const replica = await opened(env);
    expect(replica.inbox.positions[0]?.[0]).toHaveLength(300_000);
    expect(replica).toMatchObject({ v: 3, snapshotBytes: bytes.length });
  });

  test("that is small is read in one request, and so is one that is nothing but an index", async () => {
    const env = await filled(
      [..."abc"].map((one, n) => reading(n, one)),
      { snapshotEntries: 3 },
    );
    const asked: unknown[] = [];
    const getRange: typeof env.blobs.getRange = (...range) => {
      asked.push(range.slice(1));
      return env.blobs.getRange(...range);
    };
    await opened({ ...env, blobs: { ...env.blobs, getRange } });
    const { bytes } = encodeSnapshot(
      { head: head(env.entries), unpaged: [], pages: new Map(), objects: new Map() },
      [],
      none,
    );
    env.objects.set(env.refs.get(name)?.key ?? "", bytes);
    await opened({ ...env, blobs: { ...env.blobs, getRange } });
    expect(asked).toEqual([
      [0, 256 * 1024],
      [0, 256 * 1024],
    ]);
  });

  test("that misses a part is not read", async () => {
    const env = await filled(
      [..."abc"].map((k, n) => reading(n, k)),
      { snapshotEntries: 3 },
    );
    const { key = "" } = env.refs.get(name) ?? {};
    env.objects.set(key, (env.objects.get(key) ?? new Uint8Array()).slice(0, -1));
    await expect(opened(env)).rejects.toMatchObject({
      code: "SNAPSHOT_UNKNOWN",
      next: "retried",
      message: `stage "${stage.id}", partition 0: a part of snapshot "${key}" is missing`,
    });
  });

  /** As it was written before there were pages. */
  const firstFormat = (entries: Recording["entries"], fingerprint = stampOf(stage)): Uint8Array => {
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
    const { state } = folded(entries.map(({ body }) => decodeEntry(body, none)));
    const magic = utf8("MRS1");
    const blocks = state.map((change) => utf8(encodeValue([change])));
    let offset = magic.length;
    const places = blocks.map(({ length }, i) => {
      offset += length;
      return [state[i], offset - length, length];
    });
    const index = utf8(encodeValue({ head: { ...head(entries), fingerprint }, blocks: places }));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, index.length);
    return concat([magic, ...blocks, index, length]);
  };

  test("of the first format is read as a whole, and is written in pages by the next", async () => {
    const { entries } = await filled([..."abc"].map((k, n) => reading(n, k)));
    const bytes = firstFormat(entries);
    const env = await taken(bytes);
    const replica = await opened(env);
    expect(await stateOf(replica)).toEqual(folded(entries.map(({ body }) => decodeEntry(body, none))).state);
    expect(replica.inbox.positions).toEqual([["shard-0", "3"]]);
    expect(replica.fold.sealed).toEqual(folded(entries.map(({ body }) => decodeEntry(body, none))).sealed);
    expect(replica).toMatchObject({
      v: 3,
      snapshotBytes: bytes.length,
      snapshotKey: snapshotKey(id, 3, "n"),
    });
    const loop = new StageLoop(stage, { ...env, snapshotEntries: 1 });
    const [, , , record] = recordsOf(
      stage,
      [..."abcd"].map((k, n) => eventOf(reading(n, k))),
    );
    expect(await loop.run(record === undefined ? [] : [record])).toMatchObject({ causes: [] });
    expect(env.refs.get(name)?.v).toBe(4);
    env.objects.delete(snapshotKey(id, 3, "n"));
    env.items.clear();
    const all = [...entries, ...env.entries].map(({ body }) => decodeEntry(body, none));
    expect(await stateOf(await opened(env))).toEqual(folded(all).state);
  });

  test("of the first format is refused where another shape of the stage wrote it", async () => {
    const { entries } = await filled([reading(0, "a")]);
    const env = await taken(firstFormat(entries, "another"));
    await expect(opened(env)).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      next: "halted",
      message: expect.stringContaining("the snapshot of 3 was written by another shape") as string,
    });
  });

  test("of the first format that is gone between two looks is missing", async () => {
    const { entries } = await filled([reading(0, "a")]);
    const env = await taken(firstFormat(entries));
    const blobs = { ...env.blobs, get: async () => undefined };
    await expect(opened({ ...env, blobs })).rejects.toMatchObject({
      code: "SNAPSHOT_UNKNOWN",
      message: `stage "${stage.id}", partition 0: snapshot "${snapshotKey(id, 3, "n")}" is missing`,
    });
  });
});
