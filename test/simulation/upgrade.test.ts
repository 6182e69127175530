import { expect, test } from "vitest";
import { trial } from "../../local/simulator/chaos.ts";
import { upgradeScenario } from "./upgrade-scenario.ts";

test("a deployment that changes what is kept holds, whoever of both versions runs on", async () => {
  let before = 0;
  let refused = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const { broken, injected } = await trial(seed, upgradeScenario, {
      trace: (line) => {
        if (line.endsWith(" is too old")) refused += 1;
      },
    });
    expect(broken, `seed ${seed}`).toEqual([]);
    before += injected["older-code"] ?? 0;
  }
  expect(before).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(5);
});
