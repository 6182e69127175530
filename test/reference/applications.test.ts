import { fc, test } from "@fast-check/vitest";
import { describe } from "vitest";
import { chaos } from "../../local/simulator/chaos.ts";
import { anyRecipe, applicationOf, requestsFor } from "./any-application.ts";

describe("an application of any operators, windows, triggers and lateness", () => {
  test.prop([anyRecipe, fc.integer({ min: 0, max: 1_000_000 })], { numRuns: 40 })(
    "leaves behind what the reference works out, whatever goes wrong on the way",
    async (recipe, seed) => {
      const app = applicationOf(recipe);
      await chaos(seed, { app, input: (random) => requestsFor(app, random), check: () => [] });
    },
  );
});
