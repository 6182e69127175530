import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { zstd } from "../../../functions/aws/zstd.ts";
import type { Blobs } from "../../../shared/protocol/ports.ts";
import { readBlocks } from "../../../shared/protocol/read-blocks.ts";
import { copyOfSnapshot } from "../../../shared/protocol/savepoint/copy-snapshot.ts";
import { decodeSnapshot, type Snapshot } from "../../../shared/protocol/snapshot.ts";
import type { BlockRef } from "../../../shared/state/page.ts";
import { type InMemory, inMemory } from "../in-memory.ts";
import { delivered, event, run } from "./visits.ts";

const KEY = "savepoints/app/one/p.pages/0/snapshot";

/** Its newest snapshot refers to blocks of snapshots before it. */
async function inManyObjects(): Promise<{ env: InMemory; key: string }> {
  const env = inMemory({ snapshotEntries: 1, state: { pageChars: 60 } });
  for (const [i, page] of ["/a", "/b", "/c", "/d", "/e", "/f", "/g"].entries()) {
    await run(env, "p.visits", [event(i + 1, page)]);
    await run(env, "p.pages", delivered(env));
  }
  const ref = await env.log.snapshot({ stage: "p.pages", partition: 0, epoch: 0 });
  return { env, key: ref?.key ?? "" };
}

const refsOf = ({ unpaged, pages }: Snapshot): BlockRef[] => [
  ...unpaged,
  ...[...pages.values()].flatMap((list) => list.flatMap(({ chain }) => chain)),
];

/** A snapshot by what it says, wherever its blocks are. */
async function readWhole(blobs: Blobs, key: string) {
  const snapshot = decodeSnapshot(key, (await blobs.get(key)) ?? new Uint8Array(), zstd);
  const read = await readBlocks(blobs, refsOf(snapshot));
  const text = (ref: BlockRef): string =>
    new TextDecoder().decode(zstd.decompress(read?.get(ref) ?? new Uint8Array(), 1_000_000));
  return {
    head: snapshot.head,
    unpaged: snapshot.unpaged.map(text),
    pages: [...snapshot.pages].map(([id, list]) => [
      id,
      list.map(({ chain, ...page }) => ({ ...page, chain: chain.map(text) })),
    ]),
  };
}

describe("the copy of a snapshot", () => {
  test("says the same, and needs no other object", async () => {
    const { env, key } = await inManyObjects();
    const before = decodeSnapshot(key, (await env.blobs.get(key)) ?? new Uint8Array(), zstd);
    expect(before.objects.size).toBeGreaterThan(2);
    const copy = await copyOfSnapshot(env.blobs, key, zstd);
    const alone = inMemory().blobs;
    await alone.put(KEY, copy ?? new Uint8Array());
    expect(await readWhole(alone, KEY)).toEqual(await readWhole(env.blobs, key));
    const after = decodeSnapshot(KEY, copy ?? new Uint8Array(), zstd);
    const bytes = refsOf(after).reduce((n, { length }) => n + length, 0);
    expect(after.objects).toEqual(new Map([[KEY, bytes]]));
  });

  test("is made without reading the object again that has the index", async () => {
    const { env, key } = await inManyObjects();
    const read: string[] = [];
    const getRange: Blobs["getRange"] = (of, from, length) => {
      read.push(of);
      return env.blobs.getRange(of, from, length);
    };
    await copyOfSnapshot({ ...env.blobs, getRange }, key, zstd);
    expect(read.length).toBeGreaterThan(0);
    expect(read).not.toContain(key);
  });

  test("of the first format is the snapshot as it is", async () => {
    const { blobs } = inMemory();
    const first = readFileSync(new URL("../../golden/snapshots/full-zstd.mrs1", import.meta.url));
    await blobs.put(KEY, first);
    expect(await copyOfSnapshot(blobs, KEY, zstd)).toEqual(first);
  });

  test("cannot be made where it, or an object that it refers to, is gone", async () => {
    const { env, key } = await inManyObjects();
    const { objects } = decodeSnapshot(key, (await env.blobs.get(key)) ?? new Uint8Array(), zstd);
    const other = [...objects.keys()].find((one) => one !== key) ?? "";
    await env.blobs.remove([other]);
    expect(await copyOfSnapshot(env.blobs, key, zstd)).toBeUndefined();
    await env.blobs.remove([key]);
    expect(await copyOfSnapshot(env.blobs, key, zstd)).toBeUndefined();
  });
});
