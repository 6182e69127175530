import { describe, expect, test } from "vitest";
import { firstKill } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";
import { plant } from "./plant.ts";

const SEEDS = 400;

describe.concurrent("a planted fault is found", () => {
  test.each(MUTANTS)("$name", async (mutant) => {
    expect(await firstKill(mutant, SEEDS)).toBeDefined();
  });
});

test("a mutant whose text is not there is refused", async () => {
  const edits = [{ file: "shared/protocol/inbox.ts", from: "no such text", to: "" }];
  await expect(plant({ name: "stale", rule: "none", edits })).rejects.toThrow("has its text 0 times");
});
