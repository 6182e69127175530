import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { copyFromThinObjects, liveBytes } from "../../shared/protocol/copy-blocks.ts";
import { THIS_OBJECT } from "../../shared/protocol/snapshot.ts";
import { type BlockRef, blankPage, type Page } from "../../shared/state/page.ts";
import { inMemory } from "./in-memory.ts";

const KB = 1024;
const MB = 1024 * KB;

const ref = (object: string, offset: number, length: number): BlockRef => ({
  object,
  offset,
  length,
  chars: 3 * length,
});
const page = (...chain: BlockRef[]): Page => ({ ...blankPage("w"), resident: false, chain });
const pagesOf = (...list: Page[]): ReadonlyMap<string, readonly Page[]> => new Map([["w", list]]);

/** An object's size, and the lengths of the blocks at its start that are in use. */
type Kept = { readonly size: number; readonly used: readonly number[] };

/** Objects in memory, without what nobody needs of them, and a page for each block that is in use. */
function kept(objects: Readonly<Record<string, Kept>>) {
  const env = inMemory();
  const list: Page[] = [];
  for (const [name, { used }] of Object.entries(objects)) {
    let offset = 0;
    for (const length of used) {
      list.push(page(ref(name, offset, length)));
      offset += length;
    }
    env.objects.set(name, new Uint8Array(offset));
  }
  const sizes = new Map(Object.entries(objects).map(([name, { size }]) => [name, size]));
  return { env, sizes, pages: pagesOf(...list) };
}

/** What a snapshot does that writes `written` bytes besides. */
async function copied({ env, sizes, pages }: ReturnType<typeof kept>, written = 0) {
  const blocks: Uint8Array[] = [];
  const append = (bytes: Uint8Array, chars: number): BlockRef => {
    const block = { object: THIS_OBJECT, offset: blocks.length, length: bytes.length, chars };
    blocks.push(bytes);
    return block;
  };
  const after = await copyFromThinObjects(env.blobs, pages, sizes, written, append);
  return { after, blocks };
}

const objectsOf = (pages: ReadonlyMap<string, readonly Page[]> | undefined): string[] =>
  pages === undefined ? ["undefined"] : [...liveBytes(pages).keys()].sort();

test("an object's bytes in use are those of all blocks that any page has in it", () => {
  const pages = new Map([
    ["w", [page(ref("a", 0, 5), ref("b", 0, 7)), page(ref("a", 5, 11))]],
    ["s", [page(), page(ref("b", 90, 13))]],
  ]);
  expect(liveBytes(pages)).toEqual(
    new Map([
      ["a", 16],
      ["b", 20],
    ]),
  );
});

describe("nothing is copied", () => {
  test("while objects hold at most twice what is in use of them, and a megabyte", async () => {
    const at = kept({ a: { size: MB + 2_000, used: [600, 400] } });
    const { after, blocks } = await copied(at);
    expect(after).toBe(at.pages);
    expect(blocks).toEqual([]);
    const beyond = kept({ a: { size: MB + 2_001, used: [600, 400] } });
    expect(objectsOf((await copied(beyond)).after)).toEqual([THIS_OBJECT]);
  });

  test("of what the snapshot itself has written, nor does that count as used", async () => {
    const { env, sizes, pages } = kept({ a: { size: MB + 2_001, used: [600, 400] } });
    const own = page(ref(THIS_OBJECT, 17, 500));
    const after = (await copied({ env, sizes, pages: pagesOf(own, ...(pages.get("w") ?? [])) })).after;
    expect(after?.get("w")?.[0]).toBe(own);
    expect(objectsOf(after)).toEqual([THIS_OBJECT]);
  });

  test("out of an object whose size nobody knows", async () => {
    const { env, pages } = kept({ a: { size: 3 * MB, used: [5] } });
    expect((await copied({ env, sizes: new Map(), pages })).after).toBe(pages);
  });

  test("while blocks stand in at most 200 objects that are full", async () => {
    const full = (n: number) =>
      kept(Object.fromEntries(Array.from({ length: n }, (_, i) => [`o${i}`, { size: 10, used: [10] }])));
    const most = full(200);
    expect((await copied(most)).after).toBe(most.pages);
    expect(objectsOf((await copied(full(201))).after)).toHaveLength(201);
  });
});

describe("blocks are copied", () => {
  test("as they are, each into its page's chain at its place, and no others", async () => {
    const env = inMemory();
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i);
    env.objects.set("thin", bytes);
    env.objects.set("full", new Uint8Array(50));
    const pages = new Map([
      ["w", [page(ref("full", 0, 20), ref("thin", 100, 30), ref("full", 20, 30)), page(ref("full", 20, 30))]],
      ["s", [page(ref("thin", 7, 10))]],
    ]);
    const sizes = new Map([
      ["thin", 2 * MB],
      ["full", 50],
    ]);
    const { after, blocks } = await copied({ env, sizes, pages });
    expect(blocks).toEqual([bytes.subarray(100, 130), bytes.subarray(7, 17)]);
    const [first, second] = pages.get("w") ?? [];
    expect(after).toEqual(
      new Map([
        [
          "w",
          [
            {
              ...first,
              chain: [
                ref("full", 0, 20),
                { object: THIS_OBJECT, offset: 0, length: 30, chars: 90 },
                ref("full", 20, 30),
              ],
            },
            second,
          ],
        ],
        ["s", [page({ object: THIS_OBJECT, offset: 1, length: 10, chars: 30 })]],
      ]),
    );
    expect(after?.get("w")?.[1]).toBe(second);
  });

  test("not at all where an object is gone: the replica is out of date", async () => {
    const world = kept({ a: { size: 2 * MB, used: [600] }, b: { size: 2 * MB, used: [600] } });
    world.env.objects.delete("b");
    const { after, blocks } = await copied(world);
    expect(after).toBeUndefined();
    expect(blocks).toEqual([]);
  });

  test("out of the emptiest objects, and no further than it takes", async () => {
    // together 4.3 MB, of which some 1.1 MB are in use: without the emptiest it is still too much
    const world = kept({
      full: { size: 4 * KB, used: [4 * KB] },
      half: { size: MB, used: [600 * KB] },
      emptiest: { size: MB, used: [10 * KB] },
      quarter: { size: MB, used: [256 * KB] },
      emptier: { size: MB / 4, used: [5 * KB] },
      fifth: { size: MB, used: [200 * KB] },
    });
    expect(objectsOf((await copied(world)).after)).toEqual([THIS_OBJECT, "fifth", "full", "half", "quarter"]);
  });

  const full = (n: number) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`o${i}`, { size: 20, used: [20] }]));

  test("out of the emptiest of 200 objects, too", async () => {
    const left = objectsOf((await copied(kept({ ...full(199), thin: { size: 2 * MB, used: [30] } }))).after);
    expect(left).toEqual([THIS_OBJECT, ...Object.keys(full(199))].sort());
  });

  test("out of objects of which the fewest bytes are in use, where there are too many objects", async () => {
    const world = kept({
      ...full(200),
      small: { size: 10, used: [10] },
      emptier: { size: 1_000, used: [30] },
    });
    const left = objectsOf((await copied(world)).after);
    expect(left).toHaveLength(201);
    expect(left).toContain("emptier");
    expect(left).not.toContain("small");
  });

  describe("at a time", () => {
    const three = () =>
      kept({
        a: { size: 20 * MB, used: [2 * MB, MB] },
        b: { size: 19 * MB, used: [3 * MB] },
        c: { size: 18 * MB, used: [3 * MB] },
      });

    test("of 4 MB, or as many as the snapshot writes itself", async () => {
      expect(objectsOf((await copied(three())).after)).toEqual([THIS_OBJECT, "b", "c"]);
      expect(objectsOf((await copied(three(), 6 * MB - 1)).after)).toEqual([THIS_OBJECT, "b", "c"]);
      expect(objectsOf((await copied(three(), 6 * MB)).after)).toEqual([THIS_OBJECT, "c"]);
    });

    test("of one object at least, whatever is in use of it", async () => {
      const world = kept({ a: { size: 16 * MB, used: [5 * MB] } });
      expect(objectsOf((await copied(world)).after)).toEqual([THIS_OBJECT]);
    });
  });
});

const anyObjects = fc.dictionary(
  fc.constantFrom(..."abcdefgh"),
  fc
    .record({
      size: fc.integer({ min: 200, max: MB }),
      used: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 2 }),
    })
    .map(({ size, used }) => ({ size, used: used.map((percent) => Math.ceil((size * percent) / 200)) })),
);

test.prop([anyObjects], { numRuns: 50 })(
  "what is left of earlier objects is at most twice what is in use and a megabyte, and one copy less would leave more",
  async (objects) => {
    const world = kept(objects);
    const { after } = await copied(world, 100 * MB);
    const live = liveBytes(world.pages);
    const share = (name: string): number => (live.get(name) ?? 0) / (world.sizes.get(name) ?? 0);
    const most = 2 * [...live.values()].reduce((n, used) => n + used, 0) + MB;
    const sizeOf = (names: readonly string[]): number =>
      names.reduce((n, name) => n + (world.sizes.get(name) ?? 0), 0);
    const left = objectsOf(after).filter((name) => name !== THIS_OBJECT);
    const gone = [...live.keys()].filter((name) => !left.includes(name)).sort((a, b) => share(a) - share(b));
    expect(sizeOf(left)).toBeLessThanOrEqual(most);
    for (const name of left) for (const thin of gone) expect(share(thin)).toBeLessThanOrEqual(share(name));
    const last = gone.at(-1);
    if (last !== undefined) expect(sizeOf([...left, last])).toBeGreaterThan(most);
  },
);
