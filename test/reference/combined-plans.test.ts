import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { textOf } from "../../local/reference/differences.ts";
import { Random } from "../../local/simulator/random.ts";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { applicationOf } from "./any-application.ts";
import { Tables } from "./any-lookup.ts";
import { anyRecipe, type Recipe } from "./any-recipe.ts";
import { requestsFor } from "./any-requests.ts";

/** Windows behind shuffles, most of which combine. */
const anyCombining: fc.Arbitrary<Recipe> = anyRecipe.map((recipe) => ({
  ...recipe,
  idle: false,
  steps: recipe.steps.flatMap((step, i): Recipe["steps"] =>
    step.kind === "window"
      ? [
          { kind: "keyBy", by: (["k", "g", "function"] as const)[i % 3] ?? "g" } as const,
          { ...step, spread: undefined },
        ]
      : [step],
  ),
}));

/** All that an application leaves behind, with its events fed some requests at a time. */
async function leftBy(recipe: Recipe, seed: number): Promise<Record<string, unknown>> {
  const app = applicationOf(recipe);
  const driver = await TestDriver.create(app, { lookups: new Tables(new Random(seed)).firstOf(app) });
  const requests = requestsFor(app, new Random(seed));
  for (let at = 0; at < requests.length; at += 4)
    for (const { id } of app.streams) {
      const some = requests.slice(at, at + 4).filter(({ stream }) => stream === id);
      if (some.length > 0)
        await driver.feed(
          id,
          some.flatMap(({ events }) => events),
        );
    }
  await driver.end();
  const sinks = planApplication(app).plan.pipelines.flatMap(({ sinks }) => sinks);
  const rows = sinks.map(({ kind, name }): [string, unknown] => [
    `${kind} ${name}`,
    texts(driver[kind](name)),
  ]);
  // a combined row counts once, and moves those behind it in their frame
  const counts = Object.entries(driver.counts()).map(([stage, { input: _, ...others }]) => [stage, others]);
  const failed = texts(driver.failed());
  return { ...Object.fromEntries(rows), counts: Object.fromEntries(counts), failed };
}

/** Of failed events that went to a table too, not their place, and not which of the stages it was. */
const texts = (rows: readonly unknown[]): string[] => rows.map((row) => textOf(placeless(row))).sort();

function placeless(row: unknown): unknown {
  if (typeof row !== "object" || row === null || !("codeVersion" in row)) return row;
  const { position: _p, id: _i, stage: _s, ...event } = row as Record<string, unknown>;
  return event;
}

/** With nothing in which the order of partitions shows. */
const withSpread = (recipe: Recipe, spread: number | undefined): Recipe => ({
  ...recipe,
  steps: recipe.steps.flatMap((step): Recipe["steps"] =>
    step.kind === "dedupe"
      ? []
      : step.kind === "window"
        ? [{ ...step, of: step.of === "light" ? "light" : "mergeable", early: undefined, spread }]
        : [step],
  ),
});

describe("an application leaves behind the same", () => {
  test.prop([anyCombining, fc.integer({ min: 0, max: 1_000_000 })], { numRuns: 40 })(
    "whether or not its rows are combined before shuffles, late and failed events too",
    async (recipe, seed) => {
      expect(await leftBy(recipe, seed)).toEqual(await leftBy({ ...recipe, combine: false }, seed));
    },
    120_000,
  );

  test.prop([anyCombining, fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 2, max: 5 })], {
    numRuns: 30,
  })(
    "whether or not its keys are spread, where no event is late",
    async (recipe, seed, spread) => {
      const patient = { ...recipe, outOfOrder: 10_000 };
      const { counts: _, ...left } = await leftBy(withSpread(patient, spread), seed);
      expect(await leftBy(withSpread(patient, undefined), seed)).toMatchObject(left);
    },
    120_000,
  );
});
