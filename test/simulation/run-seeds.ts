import { Worker } from "node:worker_threads";
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
const MOST_CPU_SECONDS = 10;

/** Counts the seeds that are over. A thread looks at it: nothing else is left to end a loop without an await. */
const over = new Int32Array(new SharedArrayBuffer(4));
const watchdog = `
  const { workerData: { over, most } } = require("node:worker_threads");
  const spent = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
  let at = -1;
  let before = 0;
  setInterval(() => {
    const now = Atomics.load(over, 0);
    if (now !== at) [at, before] = [now, spent()];
    else if (spent() - before > most) process.kill(process.pid, "SIGKILL");
  }, 500);
`;
new Worker(watchdog, { eval: true, workerData: { over, most: MOST_CPU_SECONDS } }).unref();

for (const seed of seeds.map(Number)) {
  const failure = await run(seed).then(
    () => [],
    (thrown) => [String(thrown).slice(0, MOST_CHARS)],
  );
  process.stdout.write(`${JSON.stringify([seed, ...failure])}\n`);
  Atomics.add(over, 0, 1);
}
