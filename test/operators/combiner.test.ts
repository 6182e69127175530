import { describe, expect, test } from "vitest";
import type { EventInfo } from "../../shared/events/event.ts";
import {
  collect,
  count,
  countMin,
  epochMs,
  global,
  hopping,
  max,
  milliseconds as ms,
  session,
  tumbling,
} from "../../shared/index.ts";
import { Combiner } from "../../shared/operators/combine/combiner.ts";
import { COMBINED_EDGE, type CombineSpec, type Row } from "../../shared/operators/combine/spec.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { BEGINNING_OF_TIME, END_OF_TIME } from "../../shared/time/time.ts";
import { HEAVY, reading } from "./combining.ts";
import type { Reading } from "./one-stage.ts";

const counting: CombineSpec = {
  window: tumbling(ms(10)),
  aggregates: { events: count(), most: max("n") } as unknown as CombineSpec["aggregates"],
};
const combine = (rows: readonly Row[], told = BEGINNING_OF_TIME, spec = counting): Row[] =>
  new Combiner(spec).combined(rows, told);

describe("the rows of a commit", () => {
  test("become one for each key and slice, at the newest of their times", () => {
    expect(
      combine([
        reading("a", 1, 4),
        reading("b", 7, 2),
        reading("c", 3),
        reading("d", 12),
        reading("e", 2, 9, "b"),
      ]),
    ).toEqual([
      [COMBINED_EDGE, "a", 7, { n: 3, "=events": 3, "=most": 4 }],
      [COMBINED_EDGE, "a", 12, { n: 1, "=events": 1, "=most": 1 }],
      [COMBINED_EDGE, "b", 2, { n: 1, "=events": 1, "=most": 9 }],
    ]);
  });

  test("stay as they are where the first 500 hardly become fewer, or lighter", () => {
    const of = (keys: number, note = ""): Row[] =>
      combine(
        Array.from({ length: 600 }, (_, i): Row => {
          const k = `k${i % keys}`;
          return [0, k, epochMs(1), { n: i, note }];
        }),
      );
    expect(of(600)).toHaveLength(600);
    expect(of(600).every(([edge]) => edge === 0)).toBe(true);
    expect(of(460)).toHaveLength(600);
    expect(of(410)).toHaveLength(410);
    expect(of(600, "x".repeat(99)).every(([edge]) => edge === COMBINED_EDGE)).toBe(true);
  });

  test("become one for each run of a session, which says from when on it is", () => {
    const spec: CombineSpec = { ...counting, window: session(ms(10)) };
    const times = [30, 1, 11, 200, 20, 210, 221];
    const [one, other, last, ...none] = combine(
      times.map((t) => reading(`e${t}`, t, t)),
      BEGINNING_OF_TIME,
      spec,
    );
    expect(one).toEqual([COMBINED_EDGE, "a", 30, { n: 4, from: 1, "=events": 4, "=most": 30 }]);
    expect(other).toEqual([COMBINED_EDGE, "a", 210, { n: 2, from: 200, "=events": 2, "=most": 210 }]);
    expect([last?.[2], none]).toEqual([221, []]);
  });

  test("that may make nothing of a session but a late event stay as they are, and those after them stay after them", () => {
    const spec: CombineSpec = { ...counting, window: session(ms(10)) };
    const rows = [50, 40, 39, 45].map((t) => reading(`e${t}`, t));
    expect(combine(rows, epochMs(50), spec).map(([edge, , time]) => [edge, time])).toEqual([
      [COMBINED_EDGE, 50],
      [0, 39],
      [COMBINED_EDGE, 45],
    ]);
  });

  test("of one key become one where there is one window for all time", () => {
    const spec: CombineSpec = { ...counting, window: global() };
    const rows = [5e14, -5e14, 7].map((t) => reading(`e${t}`, t));
    expect(combine(rows, epochMs(1e15), spec)).toEqual([
      [COMBINED_EDGE, "a", 5e14, { n: 3, "=events": 3, "=most": 1 }],
    ]);
    expect(combine(rows, END_OF_TIME, spec)).toEqual(rows);
  });

  test("stay apart where one of any key brings their times to a multiple of an interval, and that one by itself", () => {
    const spec: CombineSpec = { ...counting, window: tumbling(ms(100)), intervals: [ms(10), ms(15)] };
    const times = [3, 5, 1, 8, 10, 2, 12, 11, 15, 19, 4];
    const rows = times.map((t, i) => reading(`e${t}`, t, 1, i === 4 ? "b" : "a"));
    expect(
      combine(rows, BEGINNING_OF_TIME, spec).map(([, key, t, value]) => [key, t, (value as { n: number }).n]),
    ).toEqual([
      ["a", 3, 1],
      ["a", 8, 3],
      ["b", 10, 1],
      ["a", 12, 3],
      ["a", 15, 1],
      ["a", 19, 2],
    ]);
  });

  test("stay as they are where they show their windows, and those after them in any of these stay after them", () => {
    const when = (value: unknown): boolean => (value as Reading).n === 9;
    const spec: CombineSpec = { ...counting, window: hopping(ms(20), ms(10)), when };
    const rows = [reading("a", 1), reading("b", 12), reading("c", 11, 9), reading("d", 2), reading("e", 13)];
    expect(combine(rows, BEGINNING_OF_TIME, spec).map(([edge, , time]) => [edge, time])).toEqual([
      ...[1, 12].map((t) => [COMBINED_EDGE, t]),
      [0, 11],
      ...[2, 13].map((t) => [COMBINED_EDGE, t]),
    ]);
  });

  test("stay as they are from the watermark on that the receiver was told", () => {
    const rows = [reading("a", 1), reading("b", 2), reading("c", 10), reading("d", 11)];
    expect(combine(rows, epochMs(10))).toEqual([
      rows[0],
      rows[1],
      [COMBINED_EDGE, "a", 11, expect.anything()],
    ]);
    expect(combine(rows, epochMs(9))).toHaveLength(2);
  });

  test("stay as they are where what they would become is heavier", () => {
    const spec: CombineSpec = {
      window: tumbling(ms(10)),
      aggregates: { often: countMin((value) => (value as Reading).id) } as never,
    };
    const rows = [reading("a", 1), reading("b", 2)];
    expect(combine(rows, BEGINNING_OF_TIME, spec)).toEqual(rows);
    const many = Array.from({ length: 300 }, (_, i) => reading(`e${i}`, 1));
    expect(combine(many, BEGINNING_OF_TIME, spec)).toHaveLength(1);
  });

  test("stay as they are where a selector throws or asks for an id, and those after them stay after them", () => {
    const spec: CombineSpec = {
      window: tumbling(ms(10)),
      aggregates: {
        events: count(),
        odd: count((value, info: EventInfo) => {
          const { id, n } = value as Reading;
          if (n === 3) throw new Error("three");
          return n === 4 ? { ...info }.id === id : true;
        }),
      } as never,
    };
    const rows = [reading("a", 1), reading("b", 2, 3), reading("c", 3), reading("d", 4, 4), reading("e", 5)];
    const one = (t: number): Row => [COMBINED_EDGE, "a", epochMs(t), { n: 1, "=events": 1, "=odd": 1 }];
    expect(combine(rows, BEGINNING_OF_TIME, spec)).toEqual([one(1), rows[1], one(3), rows[3], one(5)]);
  });

  test("stay as they are where no log keeps their value, or no record may", () => {
    class Odd {
      readonly n = 1;
    }
    const values: unknown[] = [
      new Odd(),
      { n: 1, of: () => 1 },
      { n: 1, of: Symbol("s") },
      { n: 1, text: "x".repeat(60_000) },
    ];
    const rows = values.map((value): Row => [0, "a", epochMs(1), value]);
    expect(combine(rows)).toEqual(rows);
  });

  test("stay as they are where an aggregate throws at what was picked of them", () => {
    const rows = [1n, 2n].map((n, i): Row => [0, "a", epochMs(i), { n, ...HEAVY }]);
    expect(combine(rows)).toEqual(rows);
  });

  test("stay as they are where their time is in no window", () => {
    const rows: Row[] = [[0, "a", END_OF_TIME, { n: 1 }]];
    expect(combine(rows)).toEqual(rows);
  });

  test("of a hot key become rows that fit a record each", () => {
    const spec: CombineSpec = {
      window: tumbling(ms(10)),
      aggregates: { ids: collect(100_000, (value) => (value as Reading).id) } as never,
    };
    const rows = Array.from({ length: 40_000 }, (_, i) => reading(`event number ${i}`, 1));
    const sent = combine(rows, BEGINNING_OF_TIME, spec);
    expect(sent.length).toBeLessThan(100);
    for (const row of sent) expect(encodeValue(row).length).toBeLessThan(200_000);
    expect(sent.flatMap(([, , , value]) => (value as Record<string, string[]>)["=ids"])).toHaveLength(40_000);
  });
});
