import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { epochMs } from "../../shared/index.ts";
import { firstFrom, JoinRows, LEFT, RIGHT, SIDES, type Side } from "../../shared/operators/join-rows.ts";
import { Journal } from "../../shared/state/journal.ts";
import { END_OF_TIME } from "../../shared/time/time.ts";
import { through } from "./runner.ts";

const KEYS = ["b", "a", 1];

/** What is kept of a row, by definition. */
type Plain = { key: string | number; side: Side; time: number; end: number; value: number; matched: boolean };

const anyRow = fc.record({
  kind: fc.constant("add" as const),
  key: fc.constantFrom(...KEYS),
  side: fc.constantFrom<Side>(LEFT, RIGHT),
  time: fc.integer({ min: 0, max: 3 }),
  end: fc.constantFrom(5, 6, END_OF_TIME as number),
  matched: fc.boolean(),
});
const anyMatch = fc.record({
  kind: fc.constant("match" as const),
  key: fc.constantFrom(...KEYS),
  which: fc.nat({ max: 5 }),
});
const anyDrop = fc.record({
  kind: fc.constant("drop" as const),
  key: fc.constantFrom(...KEYS),
  side: fc.constantFrom<Side>(LEFT, RIGHT),
  upTo: fc.integer({ min: 0, max: 4 }),
});
const anyBatch = fc.record({
  steps: fc.array(fc.oneof({ weight: 4, arbitrary: anyRow }, anyMatch, anyDrop), {
    minLength: 1,
    maxLength: 12,
  }),
  kept: fc.boolean(),
});

/** All that is kept, each key's rows of a side in their order. */
const contentOf = (rows: JoinRows): unknown[] =>
  KEYS.flatMap((key) =>
    SIDES.flatMap((side) =>
      rows.of(key, side).map(({ time, end, value, matched }) => ({ key, side, time, end, value, matched })),
    ),
  );

/** By time, then in the order of arrival. */
const sorted = (plain: readonly Plain[]): Plain[] =>
  KEYS.flatMap((key) =>
    SIDES.flatMap((side) =>
      plain.filter((row) => row.key === key && row.side === side).toSorted((x, y) => x.time - y.time),
    ),
  );

test.prop([fc.array(anyBatch, { minLength: 6, maxLength: 10 })])(
  "rows of a join are what was kept of them, whatever batches were taken back, here and where the log is read",
  (batches) => {
    const journal = new Journal();
    const rows = new JoinRows({ id: "j", journal });
    const read = new JoinRows({ id: "j", journal: new Journal() });
    let plain: Plain[] = [];
    let count = 0;
    for (const { steps, kept } of batches) {
      const before = structuredClone(plain);
      for (const step of steps) {
        if (step.kind === "add") {
          const { kind: _, key, side, time, end, matched } = step;
          count += 1;
          rows.add(key, side, epochMs(time), end as never, count, matched);
          plain.push({ key, side, time, end, value: count, matched });
        } else if (step.kind === "match") {
          const row = rows.of(step.key, LEFT)[step.which];
          if (row === undefined) continue;
          rows.match(row);
          for (const one of plain) if (one.value === row.value) one.matched = true;
        } else {
          const { key, side, upTo } = step;
          const isOver = (row: { readonly time: number }): boolean => row.time < upTo;
          const over = rows.drop(key, side, isOver);
          const gone = sorted(plain).filter((row) => row.key === key && row.side === side && isOver(row));
          expect(over.map(({ value }) => value)).toEqual(gone.map(({ value }) => value));
          plain = plain.filter((row) => !gone.some(({ value }) => value === row.value));
        }
        expect(contentOf(rows)).toEqual(sorted(plain));
        expect(rows.size).toBe(plain.length);
      }
      if (kept) {
        journal.keep();
        for (const change of through(rows.changes())) read.apply(change);
        expect(rows.changes()).toEqual([]);
      } else {
        journal.rollback();
        rows.clean();
        plain = before;
        expect(contentOf(rows)).toEqual(sorted(plain));
        expect(rows.size).toBe(plain.length);
        expect(rows.changes()).toEqual([]);
      }
      expect(contentOf(read)).toEqual(sorted(plain));
      expect(read.size).toBe(plain.length);
      expect([...read.all()]).toHaveLength(plain.length);
      const again = new JoinRows({ id: "j", journal: new Journal() });
      for (const change of through(rows.snapshot())) again.apply(change);
      expect(contentOf(again)).toEqual(sorted(plain));
      expect([...again.snapshot()]).toEqual([...rows.snapshot()]);
    }
  },
);

test("a batch logs what it leaves: no row that came and went, no match of a row that went, and each once", () => {
  const journal = new Journal();
  const rows = new JoinRows({ id: "j", journal });
  const add = (time: number, value: string, side: Side = LEFT): void =>
    rows.add("k", side, epochMs(time), epochMs(9), value, false);
  add(1, "stays");
  add(1, "matched");
  add(2, "went");
  journal.keep();
  expect(rows.changes()).toEqual([
    ["j", "put", "k", 0, 1, 0, 9, "stays", false],
    ["j", "put", "k", 0, 1, 1, 9, "matched", false],
    ["j", "put", "k", 0, 2, 0, 9, "went", false],
  ]);
  const [, matched, went] = rows.of("k", LEFT);
  for (const row of [matched, matched, went]) if (row !== undefined) rows.match(row);
  add(3, "came and went");
  rows.drop("k", LEFT, ({ time }) => time > 1);
  add(3, "came and was matched");
  const last = rows.of("k", LEFT).at(-1);
  if (last !== undefined) rows.match(last);
  expect(rows.changes()).toEqual([
    ["j", "drop", "k", 0, 2, 0],
    ["j", "match", "k", 1, 1],
    ["j", "put", "k", 0, 3, 0, 9, "came and was matched", true],
  ]);
});

test("a snapshot has keys in order, left rows before right ones, and no end where there is none", () => {
  const rows = new JoinRows({ id: "j", journal: new Journal() });
  rows.add("b", RIGHT, epochMs(1), END_OF_TIME, "b", true);
  rows.add("a", RIGHT, epochMs(1), epochMs(4), "right", false);
  rows.add("a", LEFT, epochMs(2), epochMs(4), "left", false);
  expect([...rows.snapshot()]).toEqual([
    ["j", "put", "a", 0, 2, 0, 4, "left", false],
    ["j", "put", "a", 1, 1, 0, 4, "right", false],
    ["j", "put", "b", 1, 1, 0, null, "b", true],
  ]);
});

test("a key without rows is forgotten, and dropping what is not there is nothing", () => {
  const journal = new Journal();
  const rows = new JoinRows({ id: "j", journal });
  const none = (): unknown[] => [[...rows.all()], rows.size, [...rows.snapshot()]];
  expect(rows.drop("k", LEFT, () => true)).toEqual([]);
  rows.apply(["j", "drop", "k", LEFT, 1, 0]);
  rows.apply(["j", "match", "k", 1, 0]);
  expect(none()).toEqual([[], 0, []]);
  rows.add("k", LEFT, epochMs(1), epochMs(9), "one", false);
  journal.rollback();
  expect(none()).toEqual([[], 0, []]);
});

test("the first row that is not before a time is found by halves", () => {
  const rows = new JoinRows({ id: "j", journal: new Journal() });
  for (const time of [1, 3, 3, 7]) rows.add("k", LEFT, epochMs(time), epochMs(9), time, false);
  const list = rows.of("k", LEFT);
  expect([0, 1, 2, 3, 4, 7, 8].map((time) => firstFrom(list, time))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(firstFrom([], 1)).toBe(0);
});
