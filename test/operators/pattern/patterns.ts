import { fc } from "@fast-check/vitest";
import { milliseconds as ms } from "../../../shared/index.ts";
import type {
  Condition,
  MatchSpec,
  PatternStep,
  SkipStrategy,
} from "../../../shared/operators/pattern/spec.ts";

export type Letter = { readonly n: number };

/** Conditions on the event alone, and such as look at what was taken before. */
const anyWhere: fc.Arbitrary<Condition> = fc.oneof(
  fc.integer({ min: 0, max: 3 }).map(
    (n): Condition =>
      (value) =>
        (value as Letter).n === n,
  ),
  fc.integer({ min: 1, max: 2 }).map(
    (n): Condition =>
      (value) =>
        (value as Letter).n >= n,
  ),
  fc.constant<Condition>((value, captures) => {
    const sum = Object.values(captures)
      .flat()
      .reduce((total: number, one) => total + (one as Letter).n, 0);
    return (sum + (value as Letter).n) % 2 === 0;
  }),
);

const anyContiguity = fc.constantFrom("strict" as const, "relaxed" as const, "any" as const);

const anyTaking = (name: string): fc.Arbitrary<PatternStep> =>
  fc
    .tuple(
      anyContiguity,
      anyWhere,
      fc.constantFrom([1, 1], [1, 1], [0, 1], [2, 2], [1, 3], [0, 2], [1, 9]),
      anyContiguity,
    )
    .map(([contiguity, where, [min = 1, max = 1], inner]) => ({
      kind: "take" as const,
      ...{ name, contiguity, where, min, max, inner },
    }));

const anyForbidding = (name: string): fc.Arbitrary<PatternStep> =>
  fc
    .tuple(fc.constantFrom("next" as const, "between" as const, "between" as const), anyWhere)
    .map(([reach, where]) => ({ kind: "forbid" as const, name, reach, where }));

const anySkip: fc.Arbitrary<SkipStrategy> = fc.constantFrom<SkipStrategy>(
  "noSkip",
  "skipToNext",
  "skipPastLastEvent",
  { first: "b" },
  { last: "a" },
  { last: "c" },
);

/** Patterns of one to three steps that take events, among them some that forbid. */
export const anySpec: fc.Arbitrary<MatchSpec> = fc
  .record({
    a: anyTaking("a"),
    notAB: fc.option(anyForbidding("x"), { nil: undefined, freq: 2 }),
    b: fc.option(anyTaking("b"), { nil: undefined, freq: 4 }),
    notBC: fc.option(anyForbidding("y"), { nil: undefined, freq: 2 }),
    c: fc.option(anyTaking("c"), { nil: undefined, freq: 2 }),
    within: fc.integer({ min: 1, max: 25 }),
    skip: anySkip,
  })
  .map(({ a, notAB, b, notBC, c, within, skip }) => ({
    pattern: { steps: [a, notAB, b, notBC, c].filter((step) => step !== undefined), within: ms(within) },
    skip,
    most: 1_000_000,
  }));

/** Events of one key in order, some at one time. */
export const anyLetters: fc.Arbitrary<{ time: number; value: Letter }[]> = fc
  .array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 3 })), { maxLength: 9 })
  .map((steps) => {
    let time = -10;
    return steps.map(([step, n]) => {
      time += step;
      return { time, value: { n } };
    });
  });
