import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { collect, count, milliseconds as ms } from "../../../shared/index.ts";
import { CompositeAggregate } from "../../../shared/operators/cell.ts";
import { EventContext } from "../../../shared/operators/context.ts";
import { type BlockShape, WindowBlock } from "../../../shared/operators/hopping/window-block.ts";
import { Journal } from "../../../shared/state/journal.ts";

const PLACES = 5;
const shape: BlockShape = {
  size: ms(50),
  slide: ms(10),
  places: PLACES,
  aggregate: new CompositeAggregate({ n: count(), values: collect(100, (value: unknown) => value) }),
};

/** An event of a key in a range of windows, the end of a batch one way or the other, or of a window between batches. */
type Step =
  | { readonly kind: "add"; readonly key: string; readonly from: number; readonly to: number }
  | { readonly kind: "keep" }
  | { readonly kind: "rollback" }
  | { readonly kind: "clear"; readonly i: number };

const anyPlace = fc.nat({ max: PLACES - 1 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      key: fc.constantFrom(..."dacb"),
      from: anyPlace,
      to: anyPlace,
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "keep" }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "rollback" }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const), i: anyPlace }) },
);

/** Windows of keys as lists of events, by key and place. */
type Model = ReadonlyMap<string, readonly number[]>;
const nameOf = (key: string, i: number): string => `${key} ${i}`;

describe("a block of windows", () => {
  test.prop([fc.array(anyStep, { maxLength: 40 })], { numRuns: 500 })(
    "holds of each key and window what was added in batches that were kept, by key",
    (steps) => {
      const journal = new Journal();
      const block = new WindowBlock(-1, shape);
      for (let i = 0; i < PLACES; i += 1) block.setOpen(i, true);
      let kept: Model = new Map();
      let now: Model = kept;
      for (const [nth, step] of steps.entries()) {
        if (step.kind === "add") {
          const [from, to] = [Math.min(step.from, step.to), Math.max(step.from, step.to)];
          addTo(block, journal, step.key, from, to, nth);
          const after = new Map(now);
          for (let i = from; i <= to; i += 1) {
            const name = nameOf(step.key, i);
            after.set(name, [...(now.get(name) ?? []), nth]);
          }
          now = after;
        } else if (step.kind === "rollback") {
          journal.rollback();
          now = kept;
        } else {
          journal.keep();
          if (step.kind === "clear") {
            for (const row of block.rowsIn(step.i)) block.remove(row, step.i);
            now = new Map([...now].filter(([name]) => !name.endsWith(` ${step.i}`)));
          }
          kept = now;
        }
        expect(contentOf(block)).toEqual(contentOfModel(now));
        expect(block.size).toBe(now.size);
        expect([..."abcd"].filter((key) => block.row(key) !== undefined)).toEqual(
          [..."abcd"].filter((key) => [...now.keys()].some((name) => name.startsWith(key))),
        );
      }
    },
  );

  test("has windows one slide apart, before 1970 as after", () => {
    const block = new WindowBlock(-1, shape);
    expect([0, 4].map((i) => [block.startOf(i), block.endOf(i)])).toEqual([
      [-50, 0],
      [-10, 40],
    ]);
  });
});

function addTo(
  block: WindowBlock,
  journal: Journal,
  key: string,
  from: number,
  to: number,
  value: number,
): void {
  let row = block.row(key);
  if (row === undefined) {
    const begun = block.addRow(key);
    begun.begin(journal.batch);
    journal.note(() => block.removeRow(begun));
    row = begun;
  }
  if (!row.isTouched(journal.batch)) row.note(journal);
  row.touch(from, to, journal.batch, (of, i) => of.create(i, journal.batch));
  row.add(from, to, [1, value], new EventContext());
}

const contentOf = (block: WindowBlock): unknown[] =>
  [...Array(PLACES).keys()].flatMap((i) =>
    block.rowsIn(i).map((row) => [row.key, i, row.pendingOf(i), row.accumulatorsOf(i)]),
  );

const contentOfModel = (model: Model): unknown[] =>
  [...Array(PLACES).keys()].flatMap((i) =>
    [..."abcd"].flatMap((key) => {
      const values = model.get(nameOf(key, i));
      return values === undefined ? [] : [[key, i, values.length, [values.length, values]]];
    }),
  );
