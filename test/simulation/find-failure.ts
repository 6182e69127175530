import { type ChaosScenario, chaos } from "../../local/simulator/chaos.ts";

/** Runs seeds until one fails, and says what it says. */
export async function findFailure(scenario: ChaosScenario, seeds: number): Promise<string | undefined> {
  for (let seed = 0; seed < seeds; seed += 1)
    try {
      await chaos(seed, scenario);
    } catch (error) {
      return String(error);
    }
  return undefined;
}
