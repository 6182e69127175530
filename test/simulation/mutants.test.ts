import { describe, expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { firstFailure } from "./plant.ts";

const SEEDS = 200;

describe("a planted fault is found", () => {
  test.each(MUTANTS)("$name", { timeout: 180_000 }, async (mutant) => {
    expect(await firstFailure(mutant, SEEDS)).toMatch(/^MillraceError: seed \d+/);
  });
});

test("a mutant whose text is not there is refused", async () => {
  const mutant = { name: "stale", file: "shared/protocol/inbox.ts", from: "no such text", to: "" };
  await expect(firstFailure(mutant, 1)).rejects.toThrow("has its text 0 times");
});
