import { readdirSync, readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import {
  decodeFirstSnapshot,
  decodeSnapshot,
  encodeSnapshot,
  indexEnd,
  type Snapshot,
  snapshotKey,
  snapshotVersion,
  THIS_OBJECT,
} from "../../shared/protocol/snapshot.ts";
import { type BlockRef, NO_PLACES, type Page } from "../../shared/state/page.ts";
import { epochMs } from "../../shared/time/time.ts";
import {
  goldenPages,
  goldenPagesByProcessingTime,
  goldenPagesOfProcess,
  goldenSnapshots,
} from "./golden-state.ts";

const none: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };
const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../golden/snapshots/${name}`, import.meta.url));
const { changes: _, ...head } = goldenSnapshots["full.mrs1"] as ReturnType<typeof decodeFirstSnapshot>;

const anyTime = fc.oneof(
  fc.integer(),
  fc.constant(Number.POSITIVE_INFINITY),
  fc.constant(Number.NEGATIVE_INFINITY),
);
const anyRef = fc.record(
  {
    object: fc.constantFrom(THIS_OBJECT, "snapshots/s/0/0/1-a", "snapshots/s/0/0/2-b"),
    offset: fc.nat(),
    length: fc.nat(),
    chars: fc.nat(),
  },
  { noNullPrototype: true },
);
const anyPage = fc
  .record({
    first: fc.option(fc.tuple(fc.integer(), fc.oneof(fc.string(), fc.integer())), { nil: undefined }),
    chain: fc.array(anyRef, { minLength: 1, maxLength: 3 }),
    due: anyTime.map((time) => Math.max(time, -1e9)),
    byClock: fc.array(
      anyTime.map((time) => Math.max(time, -1e9)),
      { maxLength: 2 },
    ),
    until: anyTime.map((time) => Math.max(time, -1e9)),
    count: fc.nat(),
    marks: fc.array(fc.integer()),
  })
  .map(
    ({ first, chain, due, byClock, until, count, marks }): Page => ({
      operator: "w",
      first,
      chain,
      summary: {
        due: epochMs(due),
        streamDue: epochMs(due),
        ...(byClock[0] === undefined ? {} : { processingDue: epochMs(byClock[0]) }),
        ...(byClock[1] === undefined ? {} : { sweepDue: epochMs(byClock[1]) }),
        until: epochMs(until),
        count,
        marks: marks.map(epochMs),
      },
      resident: false,
      places: NO_PLACES,
      pending: [],
      used: 0,
    }),
  );

describe("a snapshot", () => {
  test.prop([fc.array(anyPage, { maxLength: 6 }), fc.array(anyRef, { maxLength: 3 })], { numRuns: 100 })(
    "says what it was given, its own blocks under its own name and behind its index",
    (pages, unpaged) => {
      const objects = new Map([
        [THIS_OBJECT, 3],
        ["snapshots/s/0/0/1-a", 7],
        ["snapshots/s/0/0/2-b", 8],
      ]);
      const given: Snapshot = { head, unpaged, pages: new Map([["w", pages]]), objects };
      const { bytes, blocksAt } = encodeSnapshot(given, [Uint8Array.of(1, 2, 3)], zstd);
      expect([...bytes.subarray(blocksAt)]).toEqual([1, 2, 3]);
      expect(indexEnd(bytes.subarray(0, 8))).toBe(blocksAt);
      const own = (ref: BlockRef): BlockRef =>
        ref.object === THIS_OBJECT ? { ...ref, object: "own", offset: ref.offset + blocksAt } : ref;
      const decoded = decodeSnapshot("own", bytes.subarray(0, blocksAt), zstd);
      expect(decoded.head).toStrictEqual(head);
      expect(decoded.unpaged).toStrictEqual(unpaged.map(own));
      expect(decoded.pages.get("w")).toStrictEqual(
        pages.map((page) => ({ ...page, chain: page.chain.map(own) })),
      );
      expect(decoded.objects.get("own")).toBe(3);
      expect(decoded.objects.get("snapshots/s/0/0/2-b")).toBe(8);
    },
  );

  test.each([
    ["MRS4 and more"],
    ["MRS3"],
    ["{}"],
    [""],
    ["MRS1"],
    ["MRS2"],
    ["MRS2\u0000\u0000\u0001\u0000"],
  ])("of another version or kind is refused: %s", (text) => {
    const bytes = new TextEncoder().encode(text);
    for (const decode of [() => decodeFirstSnapshot(bytes, none), () => decodeSnapshot("k", bytes, none)])
      expect(decode).toThrow(
        expect.objectContaining({
          code: "SNAPSHOT_UNKNOWN",
          next: "retried",
          message: `a snapshot that begins with ${JSON.stringify(text.slice(0, 4))}`,
        }),
      );
  });

  test("has a key that sorts by version and is nobody else's", () => {
    const id = { stage: "p.w", partition: 3, epoch: 0 };
    expect(snapshotKey(id, 12, "n1")).toBe("snapshots/p.w/0/3/000000000012-n1");
  });

  test("is of the version that its key says, whatever names are in it", () => {
    for (const stage of ["p.w", "p-1-w", "7-8"])
      for (const v of [0, 3, 12, 4_711_000])
        expect(snapshotVersion(snapshotKey({ stage, partition: 3, epoch: 2 }, v, "5e0-44-a9"))).toBe(v);
  });

  test("is read out of the middle of other bytes", () => {
    const { bytes, blocksAt } = encodeSnapshot(goldenPages.snapshot, goldenPages.blocks, none);
    const around = new Uint8Array(bytes.length + 20).fill(255);
    around.set(bytes, 9);
    const middle = around.subarray(9, 9 + bytes.length);
    expect(indexEnd(middle)).toBe(blocksAt);
    expect(decodeSnapshot("own", middle, none)).toEqual(decodeSnapshot("own", bytes, none));
    const first = golden("full.mrs1");
    const odd = new Uint8Array(first.length + 5).fill(255);
    odd.set(first, 5);
    expect(decodeFirstSnapshot(odd.subarray(5), none)).toStrictEqual(goldenSnapshots["full.mrs1"]);
  });
});

describe("golden snapshots", () => {
  test.each(Object.keys(goldenSnapshots))("%s is read as ever", (name) => {
    expect(decodeFirstSnapshot(golden(name), none)).toStrictEqual(goldenSnapshots[name]);
  });

  test("full-zstd.mrs1, as zstd packed it, is read as ever", () => {
    expect(decodeFirstSnapshot(golden("full-zstd.mrs1"), zstd)).toStrictEqual(goldenSnapshots["full.mrs1"]);
  });

  test("pages.mrs2 is read and written as ever", () => {
    const { snapshot, blocks } = goldenPages;
    const { bytes, blocksAt } = encodeSnapshot(snapshot, blocks, none);
    expect(Buffer.from(bytes)).toEqual(golden("pages.mrs2"));
    const decoded = decodeSnapshot("own", golden("pages.mrs2"), none);
    expect(decoded.head).toStrictEqual(snapshot.head);
    const [page] = decoded.pages.get("w") ?? [];
    expect(page?.chain).toEqual([
      { object: "snapshots/p.w/0/0/000000000900-n", offset: 77, length: 40, chars: 60 },
      { object: "own", offset: blocksAt, length: 12, chars: 12 },
    ]);
  });

  test.each([
    ["pages-by-processing-time.mrs2", goldenPagesByProcessingTime],
    ["pages-of-a-process.mrs3", goldenPagesOfProcess],
  ])("%s is read and written as ever", (name, snapshotOf) => {
    const snapshot = snapshotOf();
    const { bytes } = encodeSnapshot(snapshot, goldenPages.blocks, none);
    expect(Buffer.from(bytes)).toEqual(golden(name));
    const { pages } = decodeSnapshot("own", bytes, none);
    for (const [id, list] of snapshot.pages)
      expect(pages.get(id)?.map(({ summary }) => summary)).toStrictEqual(list.map(({ summary }) => summary));
  });

  test("every file has its snapshot", () => {
    expect(readdirSync(new URL("../golden/snapshots/", import.meta.url)).sort()).toEqual(
      [
        ...Object.keys(goldenSnapshots),
        "full-zstd.mrs1",
        "pages.mrs2",
        "pages-by-processing-time.mrs2",
        "pages-of-a-process.mrs3",
        // in test/protocol/process-pages.test.ts
        "process-without-pages.mrs2",
      ].sort(),
    );
  });
});
