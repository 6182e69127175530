import { readdirSync, readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import { decodeFrame } from "../../shared/frames/decode.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { isFrame, MAX_FRAME_BYTES } from "../../shared/frames/format.ts";
import type { Frame, RowsFrame, WireRow } from "../../shared/frames/frame.ts";
import { encodeFrames } from "../../shared/frames/split.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, epochMs } from "../../shared/time/time.ts";
import { goldenFrames } from "./golden-frames.ts";

const anyTime = fc.maxSafeInteger().map(epochMs);
const anyWatermark = fc.oneof(anyTime, fc.constantFrom(BEGINNING_OF_TIME, END_OF_TIME));
const anyKey = fc.oneof(fc.string(), fc.double());
const anyValue = fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constant(undefined), fc.uint8Array());
const anyName = fc.string({ minLength: 1 });
const control = { stream: anyName, partition: fc.nat(), sentAt: anyTime };
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constantFrom("tick" as const, "end" as const), ...control }),
  fc.record({
    kind: fc.constant("events" as const),
    ...control,
    events: fc.array(fc.tuple(fc.string(), anyTime, anyValue)),
  }),
  fc.record({
    kind: fc.constant("rows" as const),
    stage: anyName,
    from: fc.nat(),
    to: fc.nat(),
    counter: fc.integer({ min: 1 }),
    watermark: anyWatermark,
    sentAt: anyTime,
    rows: fc.array(fc.tuple(fc.nat(), anyKey, anyTime, anyValue)),
  }),
  fc.record({
    kind: fc.constant("rows" as const),
    stage: anyName,
    from: fc.nat(),
    to: fc.nat(),
    epoch: fc.integer({ min: 1 }),
    counter: fc.integer({ min: 1 }),
    watermark: anyWatermark,
    sentAt: anyTime,
    rows: fc.array(fc.tuple(fc.nat(), anyKey, anyTime, anyValue)),
  }),
);

/** Rows that are alike, and a few that are nearly so. */
const alikeRows = fc
  .tuple(
    fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom("__proto__", "7", "0", "a", "$mr")), {
      maxLength: 4,
    }),
    fc.array(fc.tuple(fc.nat(), anyKey, anyTime, fc.array(anyValue, { minLength: 4, maxLength: 4 })), {
      minLength: 3,
      maxLength: 9,
    }),
    fc.option(fc.tuple(fc.nat(8), fc.constantFrom<unknown>(null, 5, [1], {}, { a: 1, z: 2 }))),
  )
  .map(([names, rows, odd]): WireRow[] =>
    rows.map(([input, key, time, values], i): WireRow => {
      const fields = names.map((name, k) => [name, values[k]] as const);
      return [input, key, time, odd?.[0] === i ? odd[1] : Object.fromEntries(fields)];
    }),
  );

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../golden/frames/${name}`, import.meta.url));

describe("a frame", () => {
  test.prop([anyFrame])("decodes to what was encoded", (frame) => {
    expect(decodeFrame(encodeFrame(frame, zstd), zstd)).toEqual(frame);
  });

  test.prop([alikeRows])("of rows that are alike decodes to what was encoded, field order too", (rows) => {
    const events = rows.map(([input, , time, value]) => [`e${input}`, time, value] as const);
    const frames: Frame[] = [
      {
        kind: "rows",
        stage: "s",
        from: 0,
        to: 1,
        counter: 1,
        watermark: epochMs(1),
        sentAt: epochMs(2),
        rows,
      },
      { kind: "events", stream: "s", partition: 0, sentAt: epochMs(2), events },
    ];
    for (const frame of frames) {
      const decoded = decodeFrame(encodeFrame(frame, zstd), zstd);
      expect(decoded).toEqual(frame);
      expect(encodeValue(decoded)).toBe(encodeValue(frame));
    }
  });

  test("says names once where its rows are alike, and then is of the second version", () => {
    const rows = Array.from(
      { length: 4 },
      (_, i) => [0, `k${i}`, epochMs(i), { n: i, of: { a: [i] } }] as const,
    );
    const frame = { ...goldenFrames["rows.mrf1"], rows } as RowsFrame;
    const text = new TextDecoder().decode(encodeFrame(frame, zstd));
    expect(text.startsWith("MRF2")).toBe(true);
    expect(text.split('"of"')).toHaveLength(2);
    expect(
      new TextDecoder().decode(encodeFrame({ ...frame, rows: rows.slice(1) }, zstd)).startsWith("MRF1"),
    ).toBe(true);
  });

  test.prop([fc.uint8Array()])("is told from a raw record by its magic", (bytes) => {
    fc.pre(bytes[0] !== 0x4d);
    expect(isFrame(bytes)).toBe(false);
    expect(decodeFrame(bytes, zstd)).toBeUndefined();
  });

  test.prop([anyFrame, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    "with a flipped byte decodes to a frame or is refused by code, and nothing else",
    (frame, at, by) => {
      const bytes = Uint8Array.from(encodeFrame(frame, zstd));
      const spot = 3 + (at % (bytes.length - 3));
      bytes[spot] = (bytes[spot] ?? 0) ^ by;
      try {
        expect(decodeFrame(bytes, zstd)).toHaveProperty("kind");
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^FRAME_/) });
      }
    },
  );

  test("is compressed where that makes it smaller", () => {
    const events = Array.from({ length: 200 }, (_, i) => [`e${i}`, epochMs(i), { origin: "EWR" }] as const);
    const frame: Frame = { kind: "events", stream: "s", partition: 0, sentAt: epochMs(1), events };
    const bytes = encodeFrame(frame, zstd);
    expect(bytes[4]).toBe(1);
    expect(bytes.length).toBeLessThan(JSON.stringify(events).length / 3);
    expect(decodeFrame(bytes, zstd)).toEqual(frame);
  });

  test("that unpacks to more than its limit is refused before it is unpacked", () => {
    const bomb = zstd.compress(new Uint8Array(9_000_000));
    const bytes = Uint8Array.from([...bytesOf("MRF1"), 1, ...bomb]);
    expect(() => decodeFrame(bytes, zstd)).toThrow(expect.objectContaining({ code: "FRAME_TOO_LARGE" }));
  });

  test.each([
    ["another version", 'MRF3\0["t","s",0,1]'],
    ["unknown flags", 'MRF1\u0002["t","s",0,1]'],
    ["a body that is no JSON", "MRF1\0["],
    ["a body that does not unpack", "MRF1\u0001["],
    ["a body that is no array", 'MRF1\0{"r":1}'],
    ["an unknown kind", 'MRF1\0["q","s",0,1]'],
    ["a negative partition", 'MRF1\0["t","s",-1,1]'],
    ["a time that is no whole number", 'MRF1\0["t","s",0,1.5]'],
    ["an event without an id", 'MRF1\0["e","s",0,1,[[1,2,3]]]'],
    ["a row without a key", 'MRF1\0["r","s",0,0,1,5,5,[[0,null,1,2]]]'],
    ["columns of two lengths", 'MRF2\0["e","s",0,1,{"fields":["a"],"columns":[["x"],[1],[]]}]'],
    ["a column too few", 'MRF2\0["e","s",0,1,{"fields":["a"],"columns":[["x"],[1]]}]'],
    ["a column of no list", 'MRF2\0["e","s",0,1,{"fields":[],"columns":["x","y"]}]'],
    ["a field of no name", 'MRF2\0["e","s",0,1,{"fields":[1],"columns":[["x"],[1],[2]]}]'],
    ["a field named twice", 'MRF2\0["e","s",0,1,{"fields":["a","a"],"columns":[["x"],[1],[2],[3]]}]'],
    [
      "a field that sets what objects inherit",
      'MRF2\0["e","s",0,1,{"fields":["__proto__"],"columns":[["x"],[1],[2]]}]',
    ],
    ["a row by columns without a key", 'MRF2\0["r","s",0,0,1,5,5,{"fields":[],"columns":[[0],[null],[1]]}]'],
    ["a counter of 0", 'MRF1\0["r","s",0,0,0,5,5,[]]'],
    ["bytes that are no UTF-8", 'MRF1\0["t","\u00ff'],
  ])("with %s is refused", (_, text) => {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    expect(() => decodeFrame(bytes, zstd)).toThrow(expect.objectContaining({ code: "FRAME_UNKNOWN" }));
  });
});

describe("golden frames", () => {
  test.each(Object.keys(goldenFrames))("%s is read as ever", (name) => {
    expect(decodeFrame(golden(name), zstd)).toStrictEqual(goldenFrames[name]);
  });

  test.each(Object.keys(goldenFrames).filter((name) => !name.includes("zstd")))(
    "%s is written as ever",
    (name) => {
      const frame = goldenFrames[name];
      if (frame === undefined) throw new Error(name);
      expect(Buffer.from(encodeFrame(frame, zstd))).toEqual(golden(name));
    },
  );

  test("every file has its frame", () => {
    expect(readdirSync(new URL("../golden/frames/", import.meta.url)).sort()).toEqual(
      Object.keys(goldenFrames).sort(),
    );
  });
});

describe("splitting", () => {
  const frameOf = (rows: readonly WireRow[], index: number, last: boolean): RowsFrame => ({
    kind: "rows",
    stage: "s",
    from: 0,
    to: 1,
    counter: 7 + index,
    watermark: last ? epochMs(100) : epochMs(50),
    sentAt: epochMs(1),
    rows,
  });
  const row = (value: unknown): WireRow => [0, "k", epochMs(1), value];
  /** Random hex barely compresses below half its size. */
  const noise = (length: number, seed: number): string => {
    let text = "";
    for (let x = seed; text.length < length; x = (Math.imul(x, 1_103_515_245) + 12_345) | 0)
      text += (x >>> 8).toString(36);
    return text.slice(0, length);
  };
  const decoded = (records: readonly Uint8Array[]): RowsFrame[] =>
    records.map((record) => decodeFrame(record, zstd) as RowsFrame);

  test.prop([fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 12 })], { numRuns: 20 })(
    "keeps all rows in order, in frames within a record, counted densely",
    (sizes) => {
      const rows = sizes.map((size, i) => row("x".repeat(size) + i));
      const records = encodeFrames(rows, frameOf, zstd);
      const frames = decoded(records);
      expect(frames.flatMap((frame) => frame.rows)).toEqual(rows);
      expect(frames.map((frame) => frame.counter)).toEqual(frames.map((_, i) => 7 + i));
      expect(frames.map((frame) => frame.watermark)).toEqual(
        frames.map((_, i) => (i === frames.length - 1 ? 100 : 50)),
      );
      for (const record of records) expect(record.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    },
  );

  test("makes one frame of no rows, for its watermark", () => {
    expect(decoded(encodeFrames([], frameOf, zstd))).toEqual([frameOf([], 0, true)]);
  });

  test("lets a single large row through where it compresses into a record", () => {
    expect(decoded(encodeFrames([row("x".repeat(3_000_000)), row(1)], frameOf, zstd))).toHaveLength(2);
  });

  test("refuses a single row that fits no record", () => {
    const large = [row(1), row(noise(2_500_000, 7))];
    expect(() => encodeFrames(large, frameOf, zstd)).toThrow(
      expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
    );
    expect(() => encodeFrames([row("x".repeat(8_000_001))], frameOf, zstd)).toThrow(
      expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
    );
  });
});
