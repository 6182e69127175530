import { flushCompileCache } from "node:module";
import { Watchdog } from "../watchdog.ts";
import { MUTANTS } from "./mutants.ts";
import { plant } from "./plant.ts";
import type { ScenarioName } from "./scenarios.ts";

/** Longer sentences tell no more. */
const MOST_CHARS = 500;

/**
 * A process of its own for a mutant: `node run-seeds.ts <mutant> <scenario> <seed>…` writes a line of JSON for each seed as it
 * ends, `[seed, sentence]` where the run failed and `[seed]` where it did not.
 */
const [name, scenario, ...seeds] = process.argv.slice(2);
const mutant = MUTANTS.find((one) => one.name === name);
if (mutant === undefined) throw new RangeError(`no mutant "${name}"`);
await plant(mutant);
// imported late, so that what they import is what was planted
const { chaos } = await import("../../local/simulator/chaos.ts");
const { SCENARIOS } = await import("./scenarios.ts");
const { restoredRun } = await import("./savepoint-run.ts");
// whoever has found what it looks for ends this process, which then keeps nothing for the next one
flushCompileCache();
const { faults } = mutant;
const options = faults === undefined ? {} : { faults };

async function run(seed: number): Promise<void> {
  const [, restored] = /^restored-(.*)$/.exec(scenario ?? "") ?? [];
  if (restored === undefined) {
    await chaos(seed, SCENARIOS[scenario as ScenarioName], options);
    return;
  }
  const { broken } = await restoredRun(seed, SCENARIOS[restored as ScenarioName]);
  if (broken.length > 0) throw new Error(broken.join("; "));
}

/** A run takes a tenth of a second of the processor's time; one that takes this much goes round in circles. */
const MOST_CPU_MS = 10_000;
const dog = new Watchdog();

for (const seed of seeds.map(Number)) {
  dog.watch({ cpuMs: MOST_CPU_MS });
  const failure = await run(seed).then(
    () => [],
    (thrown) => [String(thrown).slice(0, MOST_CHARS)],
  );
  process.stdout.write(`${JSON.stringify([seed, ...failure])}\n`);
}
