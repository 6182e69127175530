import { expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { planted } from "./plant.ts";

test.each(MUTANTS)("the code still has the place of a fault: $name", async (mutant) => {
  expect((await planted(mutant)).size).toBeGreaterThan(0);
});
