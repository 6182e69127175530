import { expect, test } from "vitest";
import { forkedRun } from "./forked-run.ts";
import { restoredRun } from "./savepoint-run.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";

test.each<[ScenarioName, number]>([
  ["board", 3],
  ["live", 2],
  ["meters", 2],
  ["shop", 2],
])("a %s that is taken back to a savepoint gives what an uninterrupted one gives", async (name, seeds) => {
  let abandoned = 0;
  let frames = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const run = await restoredRun(seed, SCENARIOS[name]);
    expect([seed, run.broken]).toEqual([seed, []]);
    abandoned += run.abandoned;
    frames += run.frames;
  }
  // else there was nothing to take back, and nothing on its way
  expect(abandoned).toBeGreaterThan(0);
  if (name !== "board") expect(frames).toBeGreaterThan(0);
});

test.each<[ScenarioName, number]>([
  ["board", 2],
  ["meters", 2],
])(
  "a fork of the %s goes on where the savepoint was, and its original as if there were none",
  async (name, seeds) => {
    for (let seed = 1; seed <= seeds; seed += 1)
      expect([seed, (await forkedRun(seed, SCENARIOS[name])).broken]).toEqual([seed, []]);
  },
);
