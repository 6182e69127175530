import { expect, test } from "vitest";
import { cleanUpSnapshots } from "../../shared/protocol/clean-up.ts";
import { snapshotKey } from "../../shared/protocol/snapshot.ts";
import { epochMs } from "../../shared/time/time.ts";
import { settableClock } from "./conformance/settable-clock.ts";
import { inMemory } from "./in-memory.ts";

const HOUR = 3_600_000;
const id = { stage: "s", partition: 0, epoch: 0 };
const key = (v: number): string => snapshotKey(id, v, `n${v}`);

test("an object goes once no snapshot has referred to it for a day, whatever its own age", async () => {
  const clock = settableClock();
  const env = inMemory({ clock });
  for (const v of [1, 2, 3, 5]) await env.blobs.put(key(v), Uint8Array.of(v));
  await env.blobs.put(snapshotKey({ ...id, partition: 1 }, 1, "other"), Uint8Array.of(1));
  const used = new Map([
    [key(3), 1],
    [key(2), 1],
  ]);
  const at = async (hour: number, unused: Awaited<ReturnType<typeof cleanUpSnapshots>>) => {
    clock.set(hour * HOUR);
    return cleanUpSnapshots(env, id, { v: 3, key: key(3), unused }, used);
  };
  const first = await at(100, []);
  expect(first).toEqual([[key(1), epochMs(100 * HOUR)]]);
  expect(await at(123, first)).toEqual(first);
  expect(env.objects.has(key(1))).toBe(true);
  expect(await at(124, first)).toEqual([]);
  // of version 5 the pointer says nothing: it may be on its way
  expect([...env.objects.keys()].sort()).toEqual(
    [key(2), key(3), key(5), snapshotKey({ ...id, partition: 1 }, 1, "other")].sort(),
  );
});

test("what came into use again begins anew", async () => {
  const clock = settableClock();
  const env = inMemory({ clock });
  for (const v of [1, 2]) await env.blobs.put(key(v), Uint8Array.of(v));
  const pointer = { v: 2, key: key(2), unused: [[key(1), epochMs(0)] as const] };
  clock.set(48 * HOUR);
  expect(await cleanUpSnapshots(env, id, pointer, new Map([[key(1), 1]]))).toEqual([]);
  expect(env.objects.has(key(1))).toBe(true);
  expect(await cleanUpSnapshots(env, id, { v: 2, key: key(2) }, new Map())).toEqual([[key(1), 48 * HOUR]]);
});

test("an object of a snapshot that lost its race goes likewise", async () => {
  const env = inMemory();
  const lost = snapshotKey(id, 3, "lost");
  for (const one of [key(3), lost]) await env.blobs.put(one, Uint8Array.of(3));
  expect(await cleanUpSnapshots(env, id, { v: 3, key: key(3) }, new Map())).toEqual([
    [lost, env.clock.now()],
  ]);
});

test("the pointer carries 1,000 objects at most, whose keys an item has room for", async () => {
  const env = inMemory();
  for (let i = 0; i < 1_003; i += 1) await env.blobs.put(snapshotKey(id, 1, `n${i}`), Uint8Array.of(1));
  expect(await cleanUpSnapshots(env, id, { v: 3, key: key(3) }, new Map())).toHaveLength(1_000);
});

test("without a snapshot there is nothing to clean", async () => {
  expect(await cleanUpSnapshots(inMemory(), id, undefined, new Map())).toEqual([]);
});
