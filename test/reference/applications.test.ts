import { fc, test } from "@fast-check/vitest";
import { describe } from "vitest";
import { chaos } from "../../local/simulator/chaos.ts";
import { Random } from "../../local/simulator/random.ts";
import { hopping, milliseconds, session } from "../../shared/index.ts";
import { applicationOf } from "./any-application.ts";
import { Tables } from "./any-lookup.ts";
import { anyRecipe, type Recipe } from "./any-recipe.ts";
import { requestsFor } from "./any-requests.ts";

/** Both sides of a join come from one stage: the order of their rows must not depend on where its batches end. */
const BOTH_SIDES: Recipe = {
  outOfOrder: 0,
  partitions: 1,
  idle: false,
  steps: [
    {
      kind: "join",
      by: "window",
      with: "itself",
      window: hopping(milliseconds(5), milliseconds(4)),
      outer: false,
      from: 0,
      length: 1,
      grace: 0,
    },
  ],
};

/**
 * An event for which a session takes its pane back, and which then fails: only the pass over the batch that is not kept
 * looks the pane up.
 */
const TAKEN_BACK: Recipe = {
  outOfOrder: 15,
  partitions: 1,
  idle: false,
  steps: [
    {
      kind: "window",
      window: session(milliseconds(14)),
      lateness: 34,
      early: { n: 7 },
      discarding: false,
      of: "fragile",
      spread: undefined,
    },
    {
      kind: "lookup",
      table: "places",
      type: "inner",
      keyless: 99,
      odd: 99,
      timeless: 99,
      asOf: "event",
    },
  ],
};

describe("an application of any operators, windows, triggers and lateness", () => {
  test.prop([anyRecipe, fc.integer({ min: 0, max: 1_000_000 })], {
    numRuns: 40,
    examples: [
      [BOTH_SIDES, 0],
      [TAKEN_BACK, 37],
    ],
  })("leaves behind what the reference works out, whatever goes wrong on the way", async (recipe, seed) => {
    const app = applicationOf(recipe);
    const tables = new Tables(Random.at(seed, 0));
    await chaos(seed, {
      app,
      input: (random) => requestsFor(app, random),
      lookups: () => tables.contents(),
      check: (outcome) => tables.check(recipe.steps, outcome),
    });
  });
});
