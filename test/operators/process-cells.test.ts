import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ProcessCells } from "../../shared/operators/process/cells.ts";
import type { Change } from "../../shared/state/change.ts";
import { Journal } from "../../shared/state/journal.ts";
import { compareKeys } from "../../shared/state/key-order.ts";
import { epochMs } from "../../shared/time/time.ts";

/** Names of states, in an order that is not that of their names. */
const STATES = ["z", "a"];
type Key = string | number;
type Known = {
  readonly key: Key;
  readonly state: number;
  readonly name: Key;
  readonly value: number;
  readonly until: number | undefined;
};

/** All cells in a list. */
class ByDefinition {
  cells: readonly Known[] = [];
  atCall: readonly Known[] = [];
  atBatch: readonly Known[] = [];

  at(key: Key, state: number): readonly Known[] {
    return this.cells
      .filter((one) => one.key === key && one.state === state)
      .toSorted((a, b) => compareKeys(a.name, b.name));
  }

  without(key: Key, state: number, name: Key): readonly Known[] {
    return this.cells.filter((one) => one.key !== key || one.state !== state || !Object.is(one.name, name));
  }

  get snapshot(): Change[] {
    return this.cells
      .toSorted(
        (a, b) =>
          compareKeys(a.key, b.key) ||
          compareKeys(STATES[a.state] ?? "", STATES[b.state] ?? "") ||
          compareKeys(a.name, b.name),
      )
      .map(({ key, state, name, value, until }) => [
        "p",
        "put",
        key,
        STATES[state],
        name,
        value,
        until ?? null,
      ]);
  }
}

const anyKey = fc.constantFrom<Key>("a", "b", 0, 7);
const anyState = fc.constantFrom(0, 1);
const anyName = fc.constantFrom<Key>("x", "y", 3, Number.NaN);
const anyStep = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("turn" as const), key: anyKey }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      state: anyState,
      name: anyName,
      value: fc.nat(),
      until: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("delete" as const), state: anyState, name: anyName }),
  },
  fc.record({ kind: fc.constant("sweep" as const), upTo: fc.nat({ max: 9 }) }),
  fc.record({
    kind: fc.constantFrom("commit" as const, "abort" as const, "keep" as const, "rollback" as const),
  }),
);

describe("the state of a process", () => {
  test.prop([fc.array(anyStep, { maxLength: 60, size: "max" })])(
    "is what a list of its cells is, whatever calls and batches were taken back; and the log has it",
    (steps) => {
      const journal = new Journal();
      const cells = new ProcessCells({ id: "p", journal }, STATES);
      const follower = new ProcessCells({ id: "p", journal: new Journal() }, STATES);
      const model = new ByDefinition();
      let key: Key = "a";
      cells.turnTo(key);
      for (const step of steps) {
        if (step.kind === "turn") key = step.key;
        if (step.kind === "set") {
          const { state, name, value, until } = step;
          cells.set(state, name, value, until === undefined ? undefined : epochMs(until), 1);
          model.cells = [...model.without(key, state, name), { key, state, name, value, until }];
        }
        if (step.kind === "delete") {
          cells.delete(step.state, step.name);
          model.cells = model.without(key, step.state, step.name);
        }
        if (step.kind === "sweep") {
          cells.sweep((until) => until <= step.upTo);
          model.cells = model.cells.filter((one) => one.key !== key || (one.until ?? 99) > step.upTo);
        }
        if (step.kind === "commit" || step.kind === "keep") {
          cells.commit();
          model.atCall = model.cells;
        }
        if (step.kind === "abort") {
          cells.abort();
          model.cells = model.atCall;
        }
        if (step.kind === "keep") {
          const changes = cells.changes();
          const places = changes.map(([, , ...content]) =>
            JSON.stringify([content.slice(0, 2), String(content[2])]),
          );
          expect(new Set(places).size).toBe(places.length);
          for (const change of changes) follower.apply(change);
          journal.keep();
          model.atBatch = model.cells;
          expect([...follower.snapshot()]).toEqual(model.snapshot);
          expect(follower.size).toBe(model.cells.length);
        }
        if (step.kind === "rollback") {
          journal.rollback();
          model.cells = model.atCall = model.atBatch;
        }
        if (step.kind === "keep" || step.kind === "rollback") {
          cells.clean();
          expect(cells.changes()).toEqual([]);
        }
        cells.turnTo(key);
        for (const state of [0, 1]) {
          const there = model.at(key, state);
          expect(cells.all(state).map(({ name, value, until }) => [name, value, until])).toEqual(
            there.map(({ name, value, until }) => [name, value, until]),
          );
          for (const { name, value } of there) expect(cells.get(state, name)?.value).toBe(value);
        }
        expect(cells.size).toBe(model.cells.length);
        expect([...cells.snapshot()]).toEqual(model.snapshot);
      }
    },
  );

  test("tells the log nothing of what came and went in a batch, and each cell as it is at its end", () => {
    const journal = new Journal();
    const cells = new ProcessCells({ id: "p", journal }, STATES);
    cells.turnTo("k");
    cells.set(0, 0, "brief", undefined, 1);
    cells.set(1, "x", 1, epochMs(5), 1);
    cells.set(1, "x", 2, undefined, 3);
    cells.delete(0, 0);
    cells.delete(0, 0);
    expect(cells.changes()).toEqual([["p", "put", "k", "a", "x", 2, null, 3]]);
    journal.keep();
    cells.clean();
    cells.turnTo("k");
    cells.delete(1, "x");
    expect(cells.changes()).toEqual([["p", "drop", "k", "a", "x"]]);
    expect([cells.size, cells.only(0), cells.only(1)]).toEqual([0, undefined, undefined]);
  });

  test("has one cell for 0 and -0", () => {
    const cells = new ProcessCells({ id: "p", journal: new Journal() }, STATES);
    for (const zero of [0, -0]) {
      cells.turnTo(zero);
      cells.set(0, zero, zero, undefined, 1);
    }
    expect(cells.size).toBe(1);
    expect([...cells.snapshot()]).toEqual([["p", "put", 0, "z", 0, -0, null]]);
  });

  test("of a key is forgotten as a whole, and a deletion where nothing is held leaves no trace", () => {
    const cells = new ProcessCells({ id: "p", journal: new Journal() }, STATES);
    for (const key of ["k", "l"]) cells.apply(["p", "put", key, "a", "x", 1, null]);
    cells.apply(["p", "put", "k", "z", 0, 2, 5]);
    expect([...cells.of("k")]).toEqual([
      ["p", "put", "k", "a", "x", 1, null],
      ["p", "put", "k", "z", 0, 2, 5],
    ]);
    expect([cells.turnTo("k"), cells.size]).toEqual([true, 3]);
    cells.evict("k");
    expect([cells.get(1, "x"), cells.turnTo("k"), cells.size]).toEqual([undefined, false, 1]);
    expect([[...cells.of("k")], cells.changes()]).toEqual([[], []]);
    for (const key of ["k", "m"]) cells.apply(["p", "drop", key, "a", "x"]);
    cells.evict("m");
    expect([cells.turnTo("k"), cells.turnTo("m"), cells.turnTo("l"), cells.size]).toEqual([
      ...[false, false, true],
      1,
    ]);
  });
});
