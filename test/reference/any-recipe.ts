import { fc } from "@fast-check/vitest";
import { anyJoin, type JoinStep } from "./any-join.ts";
import { anyLookup, type LookupStep } from "./any-lookup.ts";
import { anyMatch, type MatchStep } from "./any-match.ts";
import { anyPace, type PaceStep } from "./any-pace.ts";
import { anyProcess, type ProcessStep } from "./any-process.ts";
import { anyWindowStep, type WindowStep } from "./any-window.ts";
import { anyMs } from "./rows.ts";

type OnError = "dead-letter" | "skip";

/** One operator of a generated pipeline. */
export type Step =
  | LookupStep
  | { readonly kind: "filter"; readonly not: number }
  | { readonly kind: "map"; readonly throwsAt: number; readonly onError: OnError }
  | { readonly kind: "flatMap" }
  | { readonly kind: "select" }
  | { readonly kind: "keyBy"; readonly by: "k" | "g" | "function" }
  | {
      readonly kind: "dedupe";
      readonly by: "id" | "n";
      readonly within: number;
      readonly approximate: { readonly errorRate: number; readonly capacity: number } | undefined;
    }
  | { readonly kind: "broadcast"; readonly with: "itself" | "other"; readonly throwsAt: number }
  | { readonly kind: "union"; readonly with: "itself" | "other" }
  | JoinStep
  | PaceStep
  | ProcessStep
  | MatchStep
  | WindowStep;

/** A generated application, as plain data that shrinks and prints. */
export type Recipe = {
  /** Whether rows are combined before shuffles, as they are by default. */
  readonly combine?: boolean;
  readonly outOfOrder: number;
  readonly partitions: number;
  readonly idle: boolean;
  readonly steps: readonly Step[];
};

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: anyWindowStep },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("keyBy" as const),
      by: fc.constantFrom("k" as const, "g" as const, "function" as const),
    }),
  },
  { weight: 2, arbitrary: anyLookup },
  fc.record({ kind: fc.constant("filter" as const), not: fc.nat({ max: 7 }) }),
  fc.record({
    kind: fc.constant("map" as const),
    throwsAt: fc.nat({ max: 7 }),
    onError: fc.constantFrom<OnError>("dead-letter", "skip"),
  }),
  fc.record({ kind: fc.constantFrom("flatMap" as const, "select" as const) }),
  fc.record({
    kind: fc.constant("dedupe" as const),
    by: fc.constantFrom("id" as const, "n" as const),
    within: anyMs(1, 200),
    approximate: fc.option(
      fc.record({ errorRate: fc.constantFrom(0.01, 0.1, 0.4), capacity: fc.integer({ min: 1, max: 20 }) }),
      { nil: undefined },
    ),
  }),
  fc.record({
    kind: fc.constant("broadcast" as const),
    with: fc.constantFrom("itself" as const, "other" as const),
    throwsAt: fc.nat({ max: 7 }),
  }),
  fc.record({
    kind: fc.constant("union" as const),
    with: fc.constantFrom("itself" as const, "other" as const),
  }),
);

const anyGathering: fc.Arbitrary<Step> = fc.oneof(anyPace, anyProcess, anyMatch);

/** At most one join, near the front: pairs of pairs would be too many. */
const anySteps: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 3, arbitrary: fc.array(anyStep, { minLength: 1, maxLength: 5 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.array(anyStep, { maxLength: 2 }),
        anyGathering,
        fc.array(fc.oneof(anyStep, anyGathering), { maxLength: 2 }),
      )
      .map(([before, gathering, after]) => [...before, gathering, ...after]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(anyStep, { maxLength: 1 }), anyJoin, fc.array(anyStep, { maxLength: 2 }))
      .map(([before, join, after]) => [...before, join, ...after]),
  },
);

export const anyRecipe: fc.Arbitrary<Recipe> = fc.record({
  outOfOrder: anyMs(0, 25),
  partitions: anyMs(1, 3),
  idle: fc.boolean(),
  steps: anySteps,
});
