import { chaos } from "../../local/simulator/chaos.ts";
import { shopScenario } from "./scenario.ts";

/** Runs seeds until one fails. Started by itself, on a copy of the code: `node find-failure.ts <seeds>`. */
export async function findFailure(seeds: number): Promise<string | undefined> {
  for (let seed = 0; seed < seeds; seed += 1)
    try {
      await chaos(seed, shopScenario);
    } catch (error) {
      return String(error);
    }
  return undefined;
}

if (import.meta.main) process.stdout.write((await findFailure(Number(process.argv[2]))) ?? "none failed");
