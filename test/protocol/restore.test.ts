import { describe, expect, test } from "vitest";
import { decodeEntry, quietEntry } from "../../shared/protocol/entry.ts";
import type { Replica } from "../../shared/protocol/replica.ts";
import { encodeSnapshot, snapshotKey, THIS_OBJECT } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { eventOf } from "../operators/runner.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";
import {
  filled,
  firstFormat,
  folded,
  headOf,
  id,
  name,
  opened,
  reading,
  stage,
  stateOf,
} from "./replicas.ts";

const residents = ({ fold }: Replica): unknown[] =>
  [...fold.paged].flatMap(({ pages }) =>
    pages.list.filter(({ resident }) => resident).map(({ first }) => first?.[1]),
  );

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
        head: headOf(entries, "x".repeat(300_000)),
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
      { head: headOf(env.entries), unpaged: [], pages: new Map(), objects: new Map() },
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
