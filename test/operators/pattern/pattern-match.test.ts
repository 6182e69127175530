import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { milliseconds as ms, type Pattern, pattern } from "../../../shared/index.ts";
import type { MatchSpec } from "../../../shared/operators/pattern/spec.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { byReference, foldedByEngine } from "../../reference/both-ways.ts";
import { anySourceInputs } from "../inputs.ts";
import { type Reading, sourceStage } from "../one-stage.ts";
import { END, eventOf, type Given, Runner, rowsTo } from "../runner.ts";
import { anySpec } from "./patterns.ts";

const rising = pattern<Reading>()
  .begin("low", ({ n }) => n < 4)
  .followedBy("high", ({ n }, { low }) => n > (low[0]?.n ?? 0))
  .times(1, 2)
  .notFollowedBy("zero", ({ n }) => n === 0)
  .within(ms(30));

type Row = { readonly key: string; readonly match: Readonly<Record<string, readonly Reading[]>> };

const matching = <N extends string>(outOfOrder: number, found: Pattern<Reading, N>): Stage =>
  sourceStage(
    (readings) => {
      const out = readings.keyBy("k").match(found, { id: "m", skip: "skipToNext" });
      return { out, late: out.late, cut: out.timeouts, failed: out.failed };
    },
    { outOfOrder },
  );

/** Whatever the planner would say of it. */
const withSpec = (stage: Stage, spec: MatchSpec): Stage => ({
  ...stage,
  nodes: stage.nodes.map((node) =>
    node.spec.kind === "match" ? { ...node, spec: { kind: "match", ...spec, kept: {} } } : node,
  ),
});

const anyMost = fc.oneof(fc.constant(10_000), fc.integer({ min: 1, max: 6 }));

const all = (runner: Runner, readings: readonly Reading[]): Given[] =>
  [...readings.map(eventOf), END].map((input, i) => runner.batch([input], i));

const idsOf = ({ match }: Row): string =>
  Object.values(match)
    .flatMap((taken) => taken.map(({ id }) => id))
    .join(" ");

describe("a pattern", () => {
  test.prop([anySpec, anySourceInputs, fc.integer({ min: 1, max: 12 }), fc.nat({ max: 30 }), anyMost])(
    "is found in each key's events by event time, whatever the order in which they come, as the reference finds it",
    (spec, inputs, size, outOfOrder, most) => {
      const stage = withSpec(matching(outOfOrder, rising), { ...spec, most });
      const all = [...inputs, END];
      const { gave, fold } = foldedByEngine(stage, all, size);
      expect(gave).toEqual(byReference(stage, all));
      expect(fold.size).toBe(0);
    },
  );

  const reading = (id: string, t: number, n: number): Reading => ({ id, k: "a", t, n });

  test("leaves out an event on which a condition throws, as if it had not come", () => {
    const fragile = pattern<Reading>()
      .begin("one", ({ n }) => n === 1)
      .next("two", ({ n }) => {
        if (n === 7) throw new RangeError("seven");
        return n === 2;
      })
      .within(ms(100));
    const given = all(new Runner(matching(0, fragile)), [
      reading("a", 1, 1),
      reading("b", 2, 7),
      reading("c", 3, 7),
      reading("d", 4, 2),
    ]);
    expect(given.flatMap((one) => rowsTo("out", one) as Row[]).map(idsOf)).toEqual(["a d"]);
    const failed = given.flatMap((one) => rowsTo("failed", one)) as { id: string; payload: Reading }[];
    expect(failed.map(({ payload }) => payload.id)).toEqual(["b", "c"]);
    expect(new Set(failed.map(({ id }) => id)).size).toBe(2);
  });

  test("fails the event that would make more matches under way than a key may have", () => {
    const every = pattern<Reading>()
      .begin("first", () => true)
      .followedBy("never", () => false)
      .within(ms(100));
    const stage = sourceStage((readings) => {
      const out = readings.keyBy("k").match(every, { id: "m", maxRuns: 2 });
      return { out, failed: out.failed };
    });
    const given = all(
      new Runner(stage),
      [1, 2, 3, 4].map((t) => reading(`e${t}`, t, 0)),
    );
    expect(given.flatMap((one) => rowsTo("failed", one))).toMatchObject([
      {
        error: {
          code: "PATTERN_RUNS",
          message: expect.stringContaining('key "a" would have 3 matches under way, and 2'),
        },
      },
      { payload: { id: "e4" } },
    ]);
  });

  test("gives a match of what did not happen at the end of its time", () => {
    const silence = pattern<Reading>()
      .begin("up", ({ n }) => n === 1)
      .notFollowedBy("down", ({ n }) => n === 0)
      .within(ms(10));
    const given = all(new Runner(matching(0, silence)), [
      reading("a", 1, 1),
      reading("b", 5, 0),
      reading("c", 20, 1),
      reading("d", 31, 5),
    ]);
    expect(given.map((one) => (rowsTo("out", one) as Row[]).map(idsOf))).toEqual([[], [], [], ["c"], []]);
  });
});
