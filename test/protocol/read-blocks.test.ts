import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { readBlocks } from "../../shared/protocol/read-blocks.ts";
import type { BlockRef } from "../../shared/state/page.ts";
import { inMemory } from "./in-memory.ts";

const KB = 1024;
const MB = 1024 * KB;

/** An object of so many bytes, no two neighbours of which are alike. */
const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) % 251);
const ref = (object: string, offset: number, length: number): BlockRef => ({
  object,
  offset,
  length,
  chars: length,
});

/** Objects in memory, and the ranges of them that were asked for. */
function store(objects: Readonly<Record<string, Uint8Array>>) {
  const { blobs, objects: kept } = inMemory();
  for (const [name, bytes] of Object.entries(objects)) kept.set(name, bytes);
  const asked: [object: string, from: number, length: number][] = [];
  const getRange: typeof blobs.getRange = (...range) => {
    asked.push(range);
    return blobs.getRange(...range);
  };
  return { blobs: { getRange }, asked };
}

describe("blocks", () => {
  const objects = { a: bytesOf(60), b: bytesOf(80) };
  const anyRefs = fc.array(
    fc
      .record({
        object: fc.constantFrom("a", "b"),
        offset: fc.nat({ max: 40 }),
        length: fc.integer({ min: 1, max: 20 }),
      })
      .map(({ object, offset, length }) => ref(object, offset, length)),
    { maxLength: 8 },
  );

  test.prop([anyRefs, fc.constantFrom("a", "b", "none"), fc.nat({ max: 60 })])(
    "are the bytes where they stand, whether they are read or at a start that is there",
    async (refs, object, length) => {
      const { blobs } = store(objects);
      const known = { object, bytes: bytesOf(length) };
      const given = [...refs];
      const found = await readBlocks(blobs, refs, known);
      expect(refs).toEqual(given);
      expect(found).toEqual(
        new Map(
          refs.map((one) => [
            one,
            objects[one.object as "a" | "b"].subarray(one.offset, one.offset + one.length),
          ]),
        ),
      );
    },
  );

  test("that are missing are told, with an object or behind its end", async () => {
    const { blobs } = store(objects);
    expect(await readBlocks(blobs, [ref("a", 0, 5), ref("gone", 0, 5)])).toBeUndefined();
    expect(await readBlocks(blobs, [ref("a", 0, 5), ref("b", 76, 5)])).toBeUndefined();
    expect(await readBlocks(blobs, [ref("b", 75, 5)])).toBeDefined();
  });

  test("of which there are none are not asked for", async () => {
    const { blobs, asked } = store({});
    expect(await readBlocks(blobs, [])).toEqual(new Map());
    expect(asked).toEqual([]);
  });
});

describe("a request", () => {
  const askedFor = async (
    refs: readonly BlockRef[],
    known?: Parameters<typeof readBlocks>[2],
  ): Promise<unknown> => {
    const { blobs, asked } = store({ a: new Uint8Array(5 * MB), b: new Uint8Array(100) });
    expect((await readBlocks(blobs, refs, known))?.size).toBe(refs.length);
    return asked.sort();
  };

  test("is for neighbours of one object, in whatever order they are named", async () => {
    const refs = [ref("a", 30, 10), ref("b", 40, 5), ref("a", 0, 10), ref("b", 0, 5), ref("a", 10, 20)];
    expect(await askedFor(refs)).toEqual([
      ["a", 0, 40],
      ["b", 0, 45],
    ]);
  });

  test("ends with the block that ends last, though another begins after it", async () => {
    expect(await askedFor([ref("a", 0, 100), ref("a", 20, 10)])).toEqual([["a", 0, 100]]);
  });

  test("takes along up to 16 KB that nobody needs", async () => {
    const next = 10 + 16 * KB;
    expect(await askedFor([ref("a", 0, 10), ref("a", next, 5)])).toEqual([["a", 0, next + 5]]);
    expect(await askedFor([ref("a", 0, 10), ref("a", next + 1, 5)])).toEqual([
      ["a", 0, 10],
      ["a", next + 1, 5],
    ]);
  });

  test("is for up to 4 MB, so that many of them share the way", async () => {
    expect(await askedFor([ref("a", 100, 2 * MB), ref("a", 100 + 2 * MB, 2 * MB)])).toEqual([
      ["a", 100, 4 * MB],
    ]);
    expect(await askedFor([ref("a", 100, 2 * MB), ref("a", 100 + 2 * MB, 2 * MB + 1)])).toEqual([
      ["a", 100, 2 * MB],
      ["a", 100 + 2 * MB, 2 * MB + 1],
    ]);
  });

  test("is not made for what is at a start that is there", async () => {
    const known = { object: "a", bytes: new Uint8Array(50) };
    expect(await askedFor([ref("a", 40, 10)], known)).toEqual([]);
    expect(await askedFor([ref("a", 41, 10)], known)).toEqual([["a", 41, 10]]);
    expect(await askedFor([ref("b", 0, 10)], known)).toEqual([["b", 0, 10]]);
  });
});
