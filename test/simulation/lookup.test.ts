import { expect, test } from "vitest";
import { deskScenario } from "./desk-scenario.ts";
import { findFailure } from "./find-failure.ts";

test("lookups hold under chaos", async () => {
  expect(await findFailure(deskScenario, 12)).toBeUndefined();
});
