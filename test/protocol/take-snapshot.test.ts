import { describe, expect, test } from "vitest";
import type { Replica } from "../../shared/protocol/replica.ts";
import { decodeSnapshot, type Snapshot } from "../../shared/protocol/snapshot.ts";
import { takeSnapshot } from "../../shared/protocol/take-snapshot.ts";
import { decodeValue, encodeValue } from "../../shared/state/codec.ts";
import type { BlockRef } from "../../shared/state/page.ts";
import { stampOf } from "../../shared/state/stamp.ts";
import { none, type Recording, recording } from "./records.ts";
import { commit, filled, id, name, opened, reading, stage, stateOf } from "./replicas.ts";

const IDS = [..."abcdefgh"];
const readings = IDS.map((one, n) => reading(n, one));
const state = { pageChars: 1 };

/** A replica of eight ids, a page for each, of which no snapshot was taken yet. */
async function unwritten(said: Recording["state"] = state) {
  const env = await filled(readings, { state: said });
  return { env, replica: await opened(env) };
}
const take = (env: Recording, replica: Replica) => takeSnapshot(stage, id, env, replica, []);

/** The newest snapshot, as it stands. */
function newest({ refs, objects }: Recording): Snapshot & { readonly key: string; readonly size: number } {
  const { key = "" } = refs.get(name) ?? {};
  const bytes = objects.get(key) ?? new Uint8Array();
  return { ...decodeSnapshot(key, bytes, none), key, size: bytes.length };
}
const textOf = ({ objects }: Recording, { object, offset, length }: BlockRef): string =>
  new TextDecoder().decode(objects.get(object)?.subarray(offset, offset + length));
const firsts = ({ pages }: Snapshot, of: (object: string) => boolean): unknown[] =>
  (pages.get("p") ?? [])
    .filter(({ chain }) => chain.some(({ object }) => of(object)))
    .map(({ first }) => first?.[1]);

describe("a snapshot", () => {
  test("holds what a partition is, and the log names it once it is there", async () => {
    const { env, replica } = await unwritten();
    const unused = [["old", env.clock.now()]] as const;
    const before = await stateOf(replica);
    expect(await takeSnapshot(stage, id, env, replica, unused)).toBe(true);
    const { key, head, size } = newest(env);
    expect(key).toMatch(/^snapshots\/p.readings\/0\/0\/000000000008-nonce-/);
    expect(env.refs.get(name)).toEqual({ v: 8, key, unused });
    expect(head).toEqual({
      ...replica.fold.sealed,
      positions: replica.inbox.positions,
      channels: replica.channels,
      fingerprint: stampOf(stage),
    });
    expect(replica).toMatchObject({
      snapshotKey: key,
      snapshotBytes: size,
      sinceSnapshot: { entries: 0, bytes: 0 },
    });
    env.items.clear();
    expect(await stateOf(await opened(env))).toEqual(before);
  });

  test("is not named before it is there", async () => {
    const { env, replica } = await unwritten();
    const blobs = { ...env.blobs, put: () => Promise.reject(new Error("full")) };
    await expect(takeSnapshot(stage, id, { ...env, blobs }, replica, [])).rejects.toThrow("full");
    expect(env.refs.get(name)).toBeUndefined();
    expect(replica.snapshotKey).toBeUndefined();
  });

  test("is what its replica stands on: what it forgets is read back from there", async () => {
    const { env, replica } = await unwritten();
    const before = await stateOf(replica);
    await take(env, replica);
    const pages = [...replica.fold.paged].flatMap(({ pages }) => pages.list);
    expect(pages.map(({ chain }) => chain)).toEqual(
      newest(env)
        .pages.get("p")
        ?.map(({ chain }) => chain),
    );
    replica.fold.evict(pages);
    expect(await stateOf(replica)).not.toEqual(before);
    expect(await stateOf(replica, IDS)).toEqual(before);
  });

  test("writes what changed, and refers to the one before for what did not", async () => {
    const { env, replica } = await unwritten({ pageChars: 60 });
    await take(env, replica);
    const first = newest(env);
    expect(first.objects).toEqual(new Map([[first.key, expect.any(Number) as number]]));
    await commit(env, [...readings, reading(8, "zz")]);
    await replica.refresh();
    await take(env, replica);
    const second = newest(env);
    expect(second.objects.get(first.key)).toBe(first.objects.get(first.key));
    expect([...second.objects.keys()].sort()).toEqual([first.key, second.key]);
    expect(firsts(second, (object) => object === first.key).length).toBeGreaterThan(1);
    expect(firsts(second, (object) => object === second.key)).toHaveLength(1);
    expect(replica.objects).toEqual(second.objects);
    const written = [...second.pages.values(), [{ chain: second.unpaged }]]
      .flat()
      .flatMap(({ chain }) => chain)
      .filter(({ object }) => object === second.key);
    expect(second.objects.get(second.key)).toBe(written.reduce((n, { length }) => n + length, 0));
    env.items.clear();
    expect(await stateOf(await opened(env))).toEqual(await stateOf(replica));
  });

  test("adds a block to a page of which little changed, behind the one that it has", async () => {
    const long = IDS.map((one) => one.repeat(40));
    const env = await filled(long.map((one, n) => reading(n, one)));
    const replica = await opened(env);
    await take(env, replica);
    const first = newest(env);
    await commit(
      env,
      [...long, "b"].map((one, n) => reading(n, one)),
    );
    await replica.refresh();
    await take(env, replica);
    const second = newest(env);
    const [page] = second.pages.get("p") ?? [];
    expect(page?.chain.map(({ object }) => object)).toEqual([first.key, second.key]);
    const pages = [...replica.fold.paged].flatMap(({ pages }) => pages.list);
    expect(pages.map(({ chain }) => chain)).toEqual([page?.chain]);
    const before = await stateOf(replica);
    replica.fold.evict(pages);
    expect(await stateOf(replica, ["b"])).toEqual(before);
  });

  test("refers to no object of which nothing is in use any more", async () => {
    const { env, replica } = await unwritten();
    await take(env, replica);
    const first = newest(env);
    // all that came before is forgotten by then
    await commit(env, [...readings, reading(1_000, "later")]);
    await replica.refresh();
    await take(env, replica);
    expect([...newest(env).objects.keys()]).not.toContain(first.key);
    expect([...replica.objects.keys()]).toEqual([newest(env).key]);
  });

  test("copies blocks out of an object of which little is in use; where that is gone it is not taken", async () => {
    const { env, replica } = await unwritten();
    await take(env, replica);
    const first = newest(env);
    const thin = new Map([[first.key, 5 * 1024 * 1024]]);
    replica.standOn(first.key, thin, first.size);
    const bytes = env.objects.get(first.key) ?? new Uint8Array();
    env.objects.delete(first.key);
    await commit({ ...env, snapshotEntries: 1_000 }, []);
    replica.v = 9;
    expect(await take(env, replica)).toBe(false);
    expect(env.refs.get(name)?.key).toBe(first.key);
    env.objects.set(first.key, bytes);
    expect(await take(env, replica)).toBe(true);
    const second = newest(env);
    expect([...second.objects.keys()]).toEqual([second.key]);
    const texts = (of: Snapshot) =>
      of.pages.get("p")?.flatMap(({ chain }) => chain.map((ref) => textOf(env, ref)));
    expect(texts(second)).toEqual(texts(first));
  });
});

describe("what is kept without pages", () => {
  test("is cut into blocks, which hold it in its order", async () => {
    const env = await filled(readings.map((one) => ({ ...one, k: one.id })));
    const replica = await opened(env);
    const changes = [...replica.fold.unpaged()];
    // each change has a comma
    const charsOf = (list: readonly unknown[]): number =>
      list.reduce((n: number, change) => n + encodeValue(change).length + 1, 0);
    const pageChars = charsOf(changes.slice(0, 2));
    await take({ ...env, state: { pageChars } }, replica);
    const blocks = newest(env).unpaged.map((ref) => decodeValue(textOf(env, ref)) as unknown[]);
    expect(blocks.flat()).toEqual(changes);
    expect(blocks.length).toBeGreaterThan(2);
    expect(blocks[0]).toEqual(changes.slice(0, 2));
    // a block ends with the change that makes it long enough
    for (const block of blocks) expect(charsOf(block.slice(0, -1))).toBeLessThan(pageChars);
    for (const block of blocks.slice(0, -1)) expect(charsOf(block)).toBeGreaterThanOrEqual(pageChars);
    expect(blocks.at(-1)).not.toEqual([]);
  });

  test("has no block where it is nothing", async () => {
    const env = recording({});
    const replica = await opened(env);
    replica.v = 1;
    await take(env, replica);
    expect(newest(env)).toMatchObject({ unpaged: [], pages: new Map([["p", []]]) });
  });
});
