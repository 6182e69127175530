import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import { decodeFrame } from "../../shared/frames/decode.ts";
import type { RowsFrame } from "../../shared/frames/frame.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { count } from "../../shared/operators/aggregates.ts";
import type { CombineSpec } from "../../shared/operators/combine/spec.ts";
import type { FeedRow } from "../../shared/operators/outputs.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { START_OF_TIME, type TimeState } from "../../shared/operators/time-state.ts";
import type { Tumbling } from "../../shared/operators/window.ts";
import type { Channel } from "../../shared/protocol/channel.ts";
import { decodeEntry, type Entry, encodeEntry } from "../../shared/protocol/entry.ts";
import { Outbox, type Parcel } from "../../shared/protocol/outbox.ts";
import type { OutRecord } from "../../shared/protocol/ports.ts";
import { END_OF_TIME, epochMs } from "../../shared/time/time.ts";

const feed = (
  id: string,
  stage: string,
  partitions: number,
  reach: "key" | "own" | "all",
): Stage["nodes"][number] => ({
  id,
  spec: { kind: "feed", stage, partitions, edge: 0, reach },
  inputs: [{ edge: 0 }],
  onError: "dead-letter",
});
const stage = {
  id: "p.source",
  nodes: [feed("to-window", "p.window", 3, "key"), feed("to-files", "p.files", 2, "own")],
} as unknown as Stage;
const outboxOf = (partition = 5): Outbox => new Outbox(stage, { partition, epoch: 0 }, zstd);

const at = (watermark: number, processingTime: number): TimeState => ({
  ...START_OF_TIME,
  watermark: epochMs(watermark),
  processingTime: epochMs(processingTime),
});
const row = (key: string | number, value: unknown = null): FeedRow => [0, key, epochMs(1), value];
const none = (): never => {
  throw new Error("no row is too large here");
};
const pack = (
  rows: Record<string, readonly FeedRow[]>,
  before: readonly Channel[],
  time: TimeState,
): Parcel => outboxOf().pack(1, new Map(Object.entries(rows)), before, time, none);
const framesOf = (parcel: Pick<Parcel, "records">, target: string): RowsFrame[] =>
  (parcel.records.get(target) ?? []).map(({ data }) => decodeFrame(data, zstd) as RowsFrame);

const anyKey = fc.oneof(fc.string(), fc.integer());
const anyCommit = fc.record({
  window: fc.array(
    anyKey.map((key) => row(key)),
    { maxLength: 6 },
  ),
  files: fc.array(
    anyKey.map((key) => row(key)),
    { maxLength: 3 },
  ),
  on: fc.nat({ max: 1_500 }),
  later: fc.nat({ max: 1_500 }),
});

describe("the outbox", () => {
  test.prop([fc.array(anyCommit, { maxLength: 12 })])(
    "counts each channel's frames densely, sends each row to its key's partition, and tells all of the watermark in time",
    (commits) => {
      let channels: readonly Channel[] = [];
      let watermark = 0;
      let now = 0;
      const seen = new Map<string, RowsFrame[]>();
      const toldAt = new Map<string, number>();
      for (const { window, files, on, later } of commits) {
        watermark += on;
        now += later;
        const parcel = pack({ "p.window": window, "p.files": files }, channels, at(watermark, now));
        channels = parcel.channels;
        const rows: unknown[] = [];
        for (const target of ["p.window", "p.files"])
          for (const frame of framesOf(parcel, target)) {
            const name = `${target}/${frame.to}`;
            seen.set(name, [...(seen.get(name) ?? []), frame]);
            toldAt.set(name, now);
            expect(frame).toMatchObject({ stage: "p.source", from: 5, sentAt: now, watermark });
            if (target === "p.window")
              for (const [, key] of frame.rows) expect(partitionOf(key, 3)).toBe(frame.to);
            else expect(frame.to).toBe(5 % 2);
            rows.push(...frame.rows);
          }
        expect(rows).toHaveLength(window.length + files.length);
        const told = (name: string): number => seen.get(name)?.at(-1)?.watermark ?? -Infinity;
        const reached = ["p.window/0", "p.window/1", "p.window/2", "p.files/1"];
        for (const name of reached)
          if (told(name) < watermark) expect(now - (toldAt.get(name) ?? -Infinity)).toBeLessThan(2_000);
        expect(parcel.owes).toBe(reached.some((name) => told(name) < watermark));
      }
      for (const frames of seen.values())
        expect(frames.map(({ counter }) => counter)).toEqual(frames.map((_, i) => i + 1));
    },
  );

  test("tells a channel that had nothing for two seconds of the watermark, by an empty frame", () => {
    const first = pack({ "p.window": [row("a")] }, [], at(10, 1_000));
    expect(framesOf(first, "p.window")).toHaveLength(3);
    expect(pack({}, first.channels, at(20, 2_999))).toMatchObject({ frames: [], owes: true });
    const later = pack({}, first.channels, at(20, 3_000));
    expect(framesOf(later, "p.window")).toMatchObject(
      [0, 1, 2].map((to) => ({ to, counter: 2, watermark: 20, rows: [] })),
    );
    expect(later.owes).toBe(false);
    expect(pack({}, later.channels, at(20, 99_000))).toMatchObject({ frames: [], owes: false });
  });

  test("tells all channels of the end at once", () => {
    const first = pack({}, [], at(10, 1_000));
    const end = pack({}, first.channels, { ...at(0, 1_001), watermark: END_OF_TIME });
    expect(framesOf(end, "p.window").map(({ watermark }) => watermark)).toEqual([
      END_OF_TIME,
      END_OF_TIME,
      END_OF_TIME,
    ]);
  });

  const large = (seed: number): string => {
    let text = "";
    for (let x = seed; text.length < 700_000; x = (Math.imul(x, 1_103_515_245) + 12_345) | 0)
      text += (x >>> 8).toString(36);
    return text;
  };

  describe("without compression", () => {
    const flat: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };
    const to = partitionOf("k", 3);
    const told: Channel[] = [["p.window", to, 7, epochMs(5), epochMs(1_000)]];
    const packed = (rows: readonly FeedRow[], refused: (readonly [FeedRow, unknown])[] = []): Parcel =>
      new Outbox(stage, { partition: 5, epoch: 0 }, flat).pack(
        1,
        new Map([["p.window", rows]]),
        told,
        at(50, 1_500),
        (...why) => refused.push(why),
      );
    const sized = (length: number): FeedRow => row("k", "x".repeat(length));
    const sentTo = ({ frames }: Parcel) => frames.filter((one) => one[0] === "p.window" && one[1] === to);

    test("counts the parts of what does not fit a record", () => {
      const parcel = packed([1, 2, 3].map(() => sized(400_000)));
      expect(
        sentTo(parcel).map(([, , counter, watermark, rows]) => [counter, watermark, rows.length]),
      ).toEqual([
        [8, 5, 1],
        [9, 50, 2],
      ]);
      const frames = (parcel.records.get("p.window") ?? []).map(({ data }) => decodeFrame(data, flat));
      expect(
        frames.flatMap((frame) => (frame?.kind === "rows" && frame.to === to ? [frame.counter] : [])),
      ).toEqual([8, 9]);
    });

    test("gives back beside a row that fits no record those that barely would", () => {
      const refused: (readonly [FeedRow, unknown])[] = [];
      const [most, huge, less] = [sized(999_600), sized(1_000_600), sized(998_000)];
      const sent = (...rows: readonly FeedRow[]): number[] =>
        sentTo(packed(rows, refused)).flatMap((frame) => frame[4].map(([, , , text]) => `${text}`.length));
      expect(sent(most)).toEqual([999_600]);
      expect(refused).toEqual([]);
      expect(sent(most, huge, less)).toEqual([998_000]);
      expect(refused.map(([one]) => `${one[3]}`.length)).toEqual([999_600, 1_000_600]);
      expect(refused.map(([, thrown]) => thrown)).toMatchObject([
        {
          code: "FRAME_TOO_LARGE",
          next: "dead-lettered",
          message: expect.stringMatching(/^a row of 9\d{5} bytes does not fit a record$/),
        },
        { code: "FRAME_TOO_LARGE" },
      ]);
    });
  });

  test("leaves it to others what is wrong with a row but its size", () => {
    const strange = row("k", () => 1);
    expect(() => pack({ "p.window": [row("k"), strange] }, [], at(50, 1_500))).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED" }),
    );
    const broken = new RangeError("out of memory");
    const compression: Compression = {
      ...zstd,
      compress: () => {
        throw broken;
      },
    };
    const outbox = new Outbox(stage, { partition: 5, epoch: 0 }, compression);
    const rows = new Map([["p.window", [row("k", "x".repeat(2_000))]]]);
    expect(() => outbox.pack(1, rows, [], at(50, 1_500), none)).toThrow(broken);
  });

  test("says of each record how many partitions its stage has, and to which its own rows go", () => {
    const parcel = pack(
      { "p.window": [row("k")], "p.files": ["a", "b", "c"].map((key) => row(key)) },
      [],
      at(3, 4),
    );
    const reached = (records: ReadonlyMap<string, readonly OutRecord[]>) =>
      [...records].map(([target, list]) => [
        target,
        list.map(({ partition, partitions }) => [partition, partitions]),
      ]);
    const places = [
      ["p.window", [0, 1, 2].map((to) => [to, 3])],
      ["p.files", [[1, 2]]],
    ];
    expect(reached(parcel.records)).toEqual(places);
    expect(reached(outboxOf().unpack(parcel.frames, epochMs(4)))).toEqual(places);
  });

  test("cuts what does not fit a record into several, of which only the last carries the watermark", () => {
    const told: Channel[] = [["p.window", partitionOf("k", 3), 7, epochMs(5), epochMs(1_000)]];
    const parcel = pack({ "p.window": [1, 2, 3].map((n) => row("k", large(n))) }, told, at(50, 1_500));
    const frames = framesOf(parcel, "p.window").filter(({ to }) => to === partitionOf("k", 3));
    expect(frames.map(({ counter, watermark }) => [counter, watermark])).toEqual([
      [8, 5],
      [9, 5],
      [10, 50],
    ]);
    expect(parcel.channels.find(([, to]) => to === partitionOf("k", 3))).toEqual([
      "p.window",
      partitionOf("k", 3),
      10,
      50,
      1_500,
    ]);
  });

  test("combines the rows of each channel, but those that may be late by the watermark that it was told", () => {
    const [one] = stage.nodes as [Stage["nodes"][number]];
    const window = { kind: "tumbling", size: 10 } as Tumbling;
    const combine = { window, aggregates: { events: count() } } as unknown as CombineSpec;
    const of = { ...stage, nodes: [{ ...one, spec: { ...one.spec, combine } }] } as unknown as Stage;
    const to = partitionOf("k", 3);
    const rows = [1, 2, 11, 12].map((t): FeedRow => [0, "k", epochMs(t), { note: "x".repeat(99) }]);
    const sentAfter = (told: number): unknown[] => {
      const before: Channel[] = [["p.window", to, 7, epochMs(told), epochMs(1_000)]];
      const outbox = new Outbox(of, { partition: 5, epoch: 0 }, zstd);
      const parcel = outbox.pack(1, new Map([["p.window", rows]]), before, at(50, 1_500), none);
      const [frame] = framesOf(parcel, "p.window").filter((each) => each.to === to);
      return frame?.rows.map(([edge, , time]) => [edge, time]) ?? [];
    };
    expect(sentAfter(9)).toEqual([
      [1, 2],
      [1, 12],
    ]);
    expect(sentAfter(10)).toEqual([
      [0, 1],
      [0, 2],
      [1, 12],
    ]);
  });

  test("spreads a key over partitions that are as far apart as they can be, commits and senders taking turns", () => {
    const of = (partitions: number, salts: number): Stage => {
      const node = feed("spread", "p.w.spread", partitions, "key");
      return { ...stage, nodes: [{ ...node, spec: { ...node.spec, salts } }] } as Stage;
    };
    const receiver = (partitions: number, salts: number, sender: number, v: number): number => {
      const outbox = new Outbox(of(partitions, salts), { partition: sender, epoch: 0 }, zstd);
      const rows = new Map([["p.w.spread", [row("k", 1), row("k", 2)]]]);
      const [sent, ...others] = outbox
        .pack(v, rows, [], at(0, 0), none)
        .frames.filter((frame) => frame[4].length > 0);
      expect([sent?.[4].length, others]).toEqual([2, []]);
      return ((sent?.[1] ?? 0) - partitionOf("k", partitions) + partitions) % partitions;
    };
    expect([0, 1, 2, 3, 4].map((v) => receiver(8, 4, 0, v))).toEqual([0, 2, 4, 6, 0]);
    expect([0, 1, 2].map((sender) => receiver(8, 3, sender, 1))).toEqual([2, 5, 0]);
  });

  describe("of a control flow", () => {
    const heard = { ...stage, nodes: [feed("to-all", "p.window", 3, "all")] } as Stage;
    const both = {
      ...stage,
      nodes: [
        feed("by-key", "p.window", 3, "key"),
        {
          ...feed("to-all", "p.window", 3, "all"),
          spec: { ...feed("", "p.window", 3, "all").spec, edge: 1 },
        },
      ],
    } as Stage;
    const packed = (of: Stage, rows: FeedRow[], refused: unknown[] = []): Parcel =>
      new Outbox(of, { epoch: 0, partition: 5 }, zstd).pack(
        1,
        new Map([["p.window", rows]]),
        [],
        at(10, 9_000),
        (...why) => refused.push(why),
      );

    test("sends each row to every partition, in the order in which rows were given", () => {
      const mixed: FeedRow[] = [row("k", 1), [1, "x", epochMs(1), "all"], row("k", 2)];
      const frames = framesOf(packed(both, mixed), "p.window");
      expect(frames.map(({ rows }) => rows.map(([, , , value]) => value))).toEqual(
        [0, 1, 2].map((to) => (to === partitionOf("k", 3) ? [1, "all", 2] : ["all"])),
      );
    });

    test("tells no channel of the watermark that brings nothing else, and owes it none", () => {
      expect(packed(heard, [])).toMatchObject({ frames: [], owes: false });
      expect(packed(both, [])).toMatchObject({ owes: false, frames: [{}, {}, {}] });
    });

    test("gives back a row that fits no record once", () => {
      const refused: unknown[] = [];
      const huge = row("x", `${large(1)}${large(2)}${large(3)}`);
      expect(packed(heard, [huge, row("x", 1)], refused).frames).toHaveLength(3);
      expect(refused).toEqual([[huge, expect.objectContaining({ code: "FRAME_TOO_LARGE" })]]);
    });
  });

  test("gives back a row that fits no record, and sends the others", () => {
    const huge = row("k", `${large(1)}${large(2)}${large(3)}`);
    const refused: unknown[] = [];
    const parcel = outboxOf().pack(
      1,
      new Map([["p.window", [row("k", 1), huge, row("k", 2)]]]),
      [],
      at(50, 1_500),
      (...why) => refused.push(why),
    );
    expect(refused).toEqual([[huge, expect.objectContaining({ code: "FRAME_TOO_LARGE" })]]);
    expect(framesOf(parcel, "p.window").flatMap(({ rows }) => rows.map(([, , , value]) => value))).toEqual([
      1, 2,
    ]);
  });

  test.prop(
    [
      fc.array(
        fc.tuple(
          anyKey,
          fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constant(undefined), fc.constant(large(9))),
        ),
        { maxLength: 8 },
      ),
      fc.nat(),
    ],
    { numRuns: 12 },
  )("makes of the frames in an entry, read back, byte for byte the records that it sent", (values, now) => {
    const rows = values.map(([key, value]) => row(key, value));
    const parcel = pack({ "p.window": rows, "p.files": rows.slice(0, 2) }, [], at(3, now));
    const entry = {
      positions: [],
      time: at(3, now),
      counts: {},
      changes: [],
      views: [],
      lake: [],
      failed: [],
      ...parcel,
    } as unknown as Entry;
    const { frames, time } = decodeEntry(encodeEntry(entry, zstd), zstd);
    expect(outboxOf().unpack(frames, time.processingTime)).toEqual(parcel.records);
  });
});
