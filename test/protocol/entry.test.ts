import { readdirSync, readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import { decodeEntry, type Entry, encodeEntry, hasOutputs, quietEntry } from "../../shared/protocol/entry.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, epochMs } from "../../shared/time/time.ts";
import { goldenEntries } from "./golden-state.ts";

/** Leaves bytes as they are, so that a golden file shows what is in it. */
const none: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };
const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../golden/entries/${name}`, import.meta.url));

const anyTime = fc.oneof(fc.maxSafeInteger().map(epochMs), fc.constantFrom(BEGINNING_OF_TIME, END_OF_TIME));
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.constantFrom(undefined, Number.NaN, -0),
  fc.uint8Array(),
);
const anyKey = fc.oneof(fc.string(), fc.double());
const anyEntry: fc.Arbitrary<Entry> = fc.record({
  positions: fc.array(fc.tuple(fc.string(), fc.oneof(fc.string(), fc.nat()))),
  time: fc.record({
    watermark: anyTime,
    streamTime: anyTime,
    processingTime: anyTime,
    lastEventAt: anyTime,
    firstTickAt: anyTime,
    lastStepAt: anyTime,
    channels: fc.array(fc.tuple(fc.string(), anyTime)),
  }),
  counts: fc.record({
    input: fc.nat(),
    late: fc.nat(),
    failed: fc.nat(),
    skipped: fc.nat(),
    duplicates: fc.nat(),
    windows: fc.nat(),
  }),
  changes: fc.array(fc.tuple(fc.string(), fc.string(), anyKey, anyValue)),
  channels: fc.array(fc.tuple(fc.string(), fc.nat(), fc.nat(), anyTime, anyTime)),
  frames: fc.array(
    fc.tuple(
      fc.string(),
      fc.nat(),
      fc.nat(),
      anyTime,
      fc.array(fc.tuple(fc.nat(), anyKey, anyTime, anyValue)),
    ),
  ),
  views: fc.array(fc.tuple(fc.string(), fc.array(fc.tuple(anyKey, anyKey, anyValue)))),
  lake: fc.array(
    fc.tuple(
      fc.string(),
      fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      fc.array(anyValue),
    ),
  ),
  failed: fc.constant([]),
});

describe("an entry that changes and gives nothing", () => {
  test.each(Object.entries(goldenEntries))("is what stood before it: %s", (_, entry) => {
    const { positions, time, counts, channels } = entry;
    const quiet = quietEntry(entry);
    expect(quiet).toEqual({
      positions,
      time,
      counts,
      channels,
      changes: [],
      frames: [],
      views: [],
      lake: [],
      failed: [],
    });
    expect(hasOutputs(quiet)).toBe(false);
  });

  test("is empty at the beginning of a log", () => {
    expect(quietEntry()).toMatchObject({
      positions: [],
      time: { watermark: BEGINNING_OF_TIME, channels: [] },
      counts: { input: 0, failed: 0 },
      channels: [],
    });
  });
});

describe("an entry", () => {
  test.prop([anyEntry])("reads back as it was written", (entry) => {
    expect(decodeEntry(encodeEntry(entry, zstd), zstd)).toStrictEqual({
      ...entry,
      time: { ...entry.time },
      counts: { ...entry.counts },
    });
  });

  test.each([["[3,[]]"], ["{}"], ["null"], ['["1"]']])("of another version is refused: %s", (text) => {
    expect(() => decodeEntry(new TextEncoder().encode(text), none)).toThrow(
      expect.objectContaining({
        code: "ENTRY_UNKNOWN",
        next: "retried",
        message: "a log entry whose version is neither 1 nor 2",
      }),
    );
  });

  test("that no view would take, or no log, is refused before it is written", () => {
    const entry = goldenEntries["first.json"] as Entry;
    const row = "x".repeat(200_000);
    expect(() => encodeEntry({ ...entry, views: [["v", [["k", 0, row]]]] }, none)).toThrow(
      expect.objectContaining({ code: "VIEW_TOO_LARGE" }),
    );
    expect(() => encodeEntry({ ...entry, lake: [["l", {}, [row]]] }, none)).not.toThrow();
    expect(() => encodeEntry({ ...entry, lake: [["l", {}, [() => 1]]] }, none)).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED" }),
    );
  });

  test("has outputs where anybody waits for one", () => {
    const entry = goldenEntries["first.json"] as Entry;
    const full = goldenEntries["full.json"] as Entry;
    expect(hasOutputs(entry)).toBe(false);
    for (const part of ["frames", "views", "lake", "failed"] as const)
      expect(hasOutputs({ ...entry, [part]: full[part] })).toBe(true);
    expect(hasOutputs({ ...entry, changes: full.changes, channels: full.channels })).toBe(false);
  });
});

describe("golden entries", () => {
  test.each(Object.keys(goldenEntries))("%s is read and written as ever", (name) => {
    const entry = goldenEntries[name] as Entry;
    expect(decodeEntry(golden(name), none)).toStrictEqual(entry);
    expect(new TextDecoder().decode(encodeEntry(entry, none))).toBe(new TextDecoder().decode(golden(name)));
  });

  test("full.zst, as zstd packed it, is read as ever", () => {
    expect(decodeEntry(golden("full.zst"), zstd)).toStrictEqual(goldenEntries["full.json"]);
  });

  test("every file has its entry", () => {
    expect(readdirSync(new URL("../golden/entries/", import.meta.url)).sort()).toEqual(
      [...Object.keys(goldenEntries), "full.zst"].sort(),
    );
  });

  test("hold times in plain JSON: no entry is slower to write because of them", () => {
    expect(new TextDecoder().decode(golden("first.json"))).not.toContain("$mr");
  });
});
