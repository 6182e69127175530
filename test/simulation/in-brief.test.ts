import { expect, test } from "vitest";
import { findFailure } from "./find-failure.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";

test.each<[ScenarioName, number]>([
  ["board", 10],
  ["desk", 8],
  ["limits", 8],
  ["live", 4],
  ["meters", 2],
  ["reminders", 6],
  ["shop", 2],
])("a few runs of the %s hold", async (name, seeds) => {
  expect(await findFailure(SCENARIOS[name], seeds)).toBeUndefined();
});
