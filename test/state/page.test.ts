import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Change } from "../../shared/state/change.ts";
import { contentOf, noSummary, type PageRecord, type Wakes, widen } from "../../shared/state/page.ts";
import { comparePlaces } from "../../shared/state/place.ts";
import { END_OF_TIME, epochMs } from "../../shared/time/time.ts";

const put = (n: number): Change => ["w", "put", n];
const anyRecord: fc.Arbitrary<PageRecord> = fc
  .tuple(
    fc.integer({ min: -1, max: 1 }),
    fc.constantFrom(-1, 2, "2"),
    fc.constantFrom<0 | 1>(0, 1),
    fc.array(fc.nat({ max: 99 }).map(put), { maxLength: 3 }),
  )
  .map(([group, key, whole, changes]) => [group, key, whole, ...changes]);

/** As a snapshot writes it: in the order of places, each once. */
const anyBlock: fc.Arbitrary<PageRecord[]> = fc
  .uniqueArray(anyRecord, { maxLength: 9, selector: ([group, key]) => JSON.stringify([group, key]) })
  .map((records) => records.sort((a, b) => comparePlaces([a[0], a[1]], [b[0], b[1]])));

/** Of each place that there can be, all that the blocks say of it one after another. */
function byDefinition(blocks: readonly (readonly PageRecord[])[]): PageRecord[] {
  const content: PageRecord[] = [];
  for (const group of [-1, 0, 1])
    for (const key of [-1, 2, "2"]) {
      let said: { whole: 0 | 1; changes: Change[] } | undefined;
      for (const record of blocks.flat()) {
        const [g, k, whole, ...changes] = record;
        if (g !== group || k !== key) continue;
        if (whole === 1) said = { whole, changes };
        else said = { whole: said?.whole ?? 0, changes: [...(said?.changes ?? []), ...changes] };
      }
      if (said !== undefined) content.push([group, key, said.whole, ...said.changes]);
    }
  return content;
}

describe("the content of a page", () => {
  test.prop([fc.array(anyBlock, { maxLength: 4 })])(
    "is what its blocks say one after another, in the order of places",
    (blocks) => {
      expect(contentOf(blocks)).toEqual(byDefinition(blocks));
    },
  );

  test("is that of its one block, not copied", () => {
    const block: PageRecord[] = [[0, "a", 1, put(1)]];
    expect(contentOf([block])).toBe(block);
  });

  test("is that of the later block where that says all of a place, nothing included", () => {
    expect(contentOf([[[0, "a", 1, put(1)]], [[0, "a", 1]]])).toEqual([[0, "a", 1]]);
    expect(contentOf([[[0, "a", 1, put(1)]], [[0, "a", 0, put(2)]], [[0, "a", 1, put(3)]]])).toEqual([
      [0, "a", 1, put(3)],
    ]);
  });
});

const anyTime = fc.oneof(fc.constant(END_OF_TIME), fc.integer({ min: -50, max: 50 }).map(epochMs));
const anyWakes: fc.Arbitrary<Wakes> = fc.record(
  {
    due: anyTime,
    streamDue: anyTime,
    processingDue: anyTime,
    until: anyTime,
    mark: fc.option(fc.integer({ min: -3, max: 3 }).map(epochMs), { nil: undefined }),
  },
  { requiredKeys: ["due", "streamDue", "until", "mark"] },
);
const anyPieces = fc.oneof(
  fc.array(anyWakes, { maxLength: 12 }),
  fc.array(
    fc.tuple(anyWakes, anyTime).map(([wakes, processingDue]): Wakes => ({ ...wakes, processingDue })),
    {
      maxLength: 12,
    },
  ),
);

describe("the summary of a page", () => {
  test.prop([anyPieces])(
    "has the earliest of what its pieces wait for where all say it, the latest of their ends, and each mark once",
    (pieces) => {
      const summary = noSummary();
      for (const wakes of pieces) widen(summary, wakes);
      expect(summary).toEqual({
        due: Math.min(Number.POSITIVE_INFINITY, ...pieces.map(({ due }) => due)),
        streamDue: Math.min(Number.POSITIVE_INFINITY, ...pieces.map(({ streamDue }) => streamDue)),
        until: Math.max(Number.NEGATIVE_INFINITY, ...pieces.map(({ until }) => until)),
        marks: [...new Set(pieces.flatMap(({ mark }) => (mark === undefined ? [] : [mark])))],
        count: pieces.length,
        ...(pieces.length > 0 && pieces.every(({ processingDue }) => processingDue !== undefined)
          ? { processingDue: Math.min(...pieces.map(({ processingDue = END_OF_TIME }) => processingDue)) }
          : {}),
      });
    },
  );
});
