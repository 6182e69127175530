import { expect, test } from "vitest";
import { chaos } from "../../local/simulator/chaos.ts";
import { findFailure } from "./find-failure.ts";
import { metersScenario } from "./meters-scenario.ts";
import { paymentsScenario } from "./payments-scenario.ts";
import { shopScenario } from "./shop-scenario.ts";

/** The sweep of `npm run chaos:ci` goes on with a hundred seeds of each. */
test.each([
  ["orders of shops", shopScenario, 30],
  ["readings of meters", metersScenario, 20],
  ["orders and payments that are joined", paymentsScenario, 10],
])("whatever goes wrong with %s, results are exact and nothing is lost", async (_, scenario, seeds) => {
  expect(await findFailure(scenario, seeds)).toBeUndefined();
});

test("a seed runs the same way each time, and another one another way", async () => {
  const [one, again, other] = [
    await chaos(7, shopScenario),
    await chaos(7, shopScenario),
    await chaos(8, shopScenario),
  ];
  expect(again).toEqual(one);
  expect(other.trace).not.toBe(one.trace);
});

test("a run that fails says its seed and what does not hold", async () => {
  const impossible = { ...shopScenario, check: () => ["water is not wet"] };
  await expect(chaos(3, impossible)).rejects.toThrow(
    /^seed 3, \d+ steps, trace [0-9a-f]{8}: .*water is not wet/,
  );
});
