import { expect, test } from "vitest";
import { Generation } from "../../../shared/operators/bloom/generation.ts";
import type { Hash64 } from "../../../shared/operators/sketches/hash64.ts";

/** Filters of three ids. */
const SIZE = { bits: 4_096, hashes: 3, capacity: 3 };
const hash = (n: number): Hash64 => ({
  high: Math.imul(n, 0x9e3779b1) >>> 0,
  low: Math.imul(n, 0x85ebca6b) >>> 0,
});

/** All that is kept: each part's ids, and its bits. */
const contentOf = (generation: Generation) =>
  [...generation.content()].map(([part, ids, blocks]) => [
    part,
    ids,
    [...blocks].map(([block, bytes]) => [block, [...bytes]]),
  ]);

/** A generation to which batches added so many ids, each kept. */
function after(...batches: readonly number[]): Generation {
  const generation = new Generation(SIZE);
  let n = 0;
  for (const [batch, count] of batches.entries()) {
    generation.touch(batch + 1);
    for (let i = 0; i < count; i += 1) {
      n += 1;
      generation.add(hash(n));
    }
    generation.clean();
  }
  return generation;
}

test("ids fill one filter after the other", () => {
  const partsOf = (...batches: readonly number[]) =>
    contentOf(after(...batches)).map(([part, ids]) => [part, ids]);
  expect(partsOf()).toEqual([]);
  expect(partsOf(3)).toEqual([[0, 3]]);
  expect(partsOf(4)).toEqual([
    [0, 3],
    [1, 1],
  ]);
  expect(partsOf(2, 2, 3)).toEqual([
    [0, 3],
    [1, 3],
    [2, 1],
  ]);
  const generation = after(2, 2, 3);
  expect(generation.ids).toBe(7);
  expect([1, 4, 7, 8].map((n) => generation.has(hash(n)))).toEqual([true, true, true, false]);
});

test.each([
  [[2], 1],
  [[2], 4],
  [[3], 1],
  [[4, 1], 5],
  [[], 4],
] as const)("a batch is taken back to the bit: after batches of %j, one of %d", (kept, count) => {
  const generation = after(...kept);
  const before = contentOf(generation);
  const back = generation.touch(9);
  for (let n = 0; n < count; n += 1) generation.add(hash(100 + n));
  // an id that is there already sets no bit of its own, and takes none along
  generation.add(hash(1));
  expect(contentOf(generation)).not.toEqual(before);
  back();
  expect(contentOf(generation)).toEqual(before);
  expect(generation.takeAdded()).toBeUndefined();
  expect(generation.batch).toBe(9);
});

test("what a batch added is logged, once, and read again makes the same", () => {
  const generation = new Generation(SIZE);
  const read = new Generation(SIZE);
  expect(generation.takeAdded()).toBeUndefined();
  for (const [batch, ids] of [[1, 2, 3, 4], [5], [6, 7]].entries()) {
    generation.touch(batch);
    for (const n of ids) generation.add(hash(n));
    const added = generation.takeAdded() as Uint8Array;
    expect(added).toHaveLength(8 * ids.length);
    expect(generation.takeAdded()).toBeUndefined();
    generation.clean();
    // behind other bytes, as in an entry
    read.addLogged(new Uint8Array([0, ...added]).subarray(1));
    expect(read.takeAdded()).toBeUndefined();
    expect(contentOf(read)).toEqual(contentOf(generation));
  }
});

test("what was kept is not taken back with a later batch", () => {
  const generation = after(1);
  generation.touch(2);
  generation.add(hash(2));
  generation.clean();
  const kept = contentOf(generation);
  const back = generation.touch(3);
  back();
  expect(contentOf(generation)).toEqual(kept);
});

test("a snapshot's parts and blocks make the same, and are copies", () => {
  const generation = after(4);
  const before = contentOf(generation);
  const read = new Generation(SIZE);
  for (const [part, ids, blocks] of generation.content()) {
    read.begin(part, ids);
    for (const [block, bytes] of blocks) {
      read.load(part, block, bytes);
      bytes.fill(255);
    }
  }
  expect(contentOf(read)).toEqual(before);
  expect(contentOf(generation)).toEqual(before);
  for (const one of [generation, read]) {
    one.touch(2);
    one.add(hash(50));
  }
  expect(contentOf(read)).toEqual(contentOf(generation));
});
