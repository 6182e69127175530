import { parseArgs } from "node:util";
import { type Campaign, campaign } from "../../local/simulator/chaos/campaign.ts";
import { FAULTS } from "../../local/simulator/chaos/faults.ts";
import { INVARIANTS, NOTHING_LEAKS } from "../../local/simulator/chaos/judge/judge.ts";
import { scheduleText } from "../../local/simulator/chaos/minimal.ts";
import { POINT_FAULTS, type Seeds } from "../../local/simulator/chaos/sweep.ts";
import { paymentsScenario } from "./payments-scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { tillsScenario } from "./tills-scenario.ts";

/**
 * Sweeps failures over simulated runs: `node test/simulation/sweep.ts [--json]` with the seeds of each part,
 * - `--crashes 1..200`: an environment ends at every await point of every seed, before the call is done and after it
 * - `--points 1..8`: every other fault of a call strikes at every await point where it can; a zombie among them
 * - `--others 1..1`: an environment ends at every await point of two other applications: rows of views that nearly every
 *   commit writes anew or deletes, and look-ups
 * - `--alone 1..20`, `--pairs 1..2`: each fault by itself, and every two together
 * - `--any 1..100`: any faults, over two larger applications
 * - `--payments 1..100`: the same over orders and payments that are joined
 *
 * `--only crashes,any` runs these parts alone. `--json` prints one object: for each part and each fault or pair in it seeds, runs, injections and failures; the
 * invariants that were judged; the first failures, shrunk. It ends with 1 where a run failed, where a fault never had an
 * effect in the part that is about it, or where an await point was not struck.
 */
const { values } = parseArgs({
  options: {
    crashes: { type: "string", default: "1..200" },
    points: { type: "string", default: "1..8" },
    others: { type: "string", default: "1..1" },
    alone: { type: "string", default: "1..20" },
    pairs: { type: "string", default: "1..2" },
    any: { type: "string", default: "1..100" },
    payments: { type: "string", default: "1..100" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const { shop, meters, board, desk } = SCENARIOS;
const CRASHES: readonly string[] = ["crash-before", "crash-after"];
const ALL: readonly string[] = [...FAULTS.keys()];
const OTHERS = POINT_FAULTS.filter((name) => !CRASHES.includes(name));
/** Of a scenario's name, where it is not that of its part. */
const PART_OF: Readonly<Record<string, string>> = {
  board: "others",
  desk: "others",
  shop: "any",
  meters: "any",
};
const only = values.only?.split(",");
const started = process.hrtime.bigint();

const parts: Record<string, Campaign> = {};
const crashes = seedsOf(values.crashes);
await run("crashes", () => campaign(tillsScenario, { seeds: crashes, mode: "points", faults: CRASHES }));
await run("points", () =>
  campaign(tillsScenario, { seeds: seedsOf(values.points), mode: "points", faults: OTHERS }),
);
for (const [name, scenario] of Object.entries({ board, desk }))
  await run(name, () =>
    campaign(scenario, { seeds: seedsOf(values.others), mode: "points", faults: CRASHES }),
  );
await run("alone", () =>
  campaign(tillsScenario, { seeds: seedsOf(values.alone), mode: "alone", faults: ALL }),
);
await run("pairs", () =>
  campaign(tillsScenario, { seeds: seedsOf(values.pairs), mode: "pairs", faults: ALL }),
);
for (const [name, scenario] of Object.entries({ shop, meters }))
  await run(name, () => campaign(scenario, { seeds: seedsOf(values.any), mode: "any", faults: [] }));
const payments = seedsOf(values.payments);
await run("payments", () => campaign(paymentsScenario, { seeds: payments, mode: "any", faults: [] }));

const wrong = Object.entries(parts).flatMap(([name, { failures, never, minimal, parts: each }]) => [
  ...each.flatMap(({ faults, missed = 0 }) =>
    missed > 0 ? [`${name}: ${faults.join()} missed ${missed} await points`] : [],
  ),
  ...(failures > 0
    ? [
        `${name}: ${failures} runs failed; seed ${minimal?.seed} with ${scheduleText(minimal?.schedule ?? [])}: ${minimal?.broken[0]}`,
      ]
    : []),
  ...(never.length > 0 ? [`${name}: ${never.join(", ")} never had an effect`] : []),
]);
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const { user, system } = process.cpuUsage();
const cpuSeconds = (user + system) / 1e6;
const runs = Object.values(parts).reduce((n, part) => n + part.runs, 0);
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ runs, seconds, cpuSeconds, invariants: [...Object.keys(INVARIANTS), NOTHING_LEAKS], parts, wrong })}\n`,
  );
else {
  say(`${runs} runs in ${seconds.toFixed(0)} s, ${(runs / cpuSeconds).toFixed(0)} a CPU second`);
  for (const sentence of wrong) say(`✗ ${sentence}`);
}
if (wrong.length > 0) process.exitCode = 1;

async function run(name: string, part: () => Promise<Campaign>): Promise<void> {
  const option = PART_OF[name] ?? name;
  if (only?.includes(option) === false) return;
  const result = await part();
  parts[name] = result;
  const points = result.parts.reduce((n, { points: struck = 0 }) => n + struck, 0);
  const injected = Object.values(result.injected).reduce((n, one) => n + one, 0);
  if (!values.json)
    say(
      `${name.padEnd(8)} ${result.runs} runs, ${injected} injections${points > 0 ? `, ${points} await points struck` : ""}, ${result.failures} failed`,
    );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function seedsOf(text: string): Seeds {
  const [first = "1", last = first] = text.split("..");
  return { first: Number(first), last: Number(last) };
}
