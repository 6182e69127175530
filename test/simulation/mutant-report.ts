import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { kills } from "./hunt.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { MUTANTS } from "./mutants.ts";

/**
 * In how many seeds each mutant is found:
 * `node test/simulation/mutant-report.ts [--seeds 200] [--json] [--only <part of a name>]`.
 * As a table, or a line of JSON a mutant. Fails where one is found in none.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed);

type Row = {
  readonly name: string;
  readonly rule: string;
  readonly scenario: string;
  /** Empty where each seed chooses. */
  readonly faults: readonly string[];
  readonly killed: number;
  readonly seeds: number;
  readonly first: number | undefined;
  readonly sentence: string | undefined;
};

async function rowOf(mutant: Mutant): Promise<Row> {
  const found = [];
  for await (const kill of kills(mutant, seeds)) found.push(kill);
  return {
    name: mutant.name,
    rule: mutant.rule,
    scenario: mutant.scenario ?? "shop",
    faults: mutant.faults ?? [],
    killed: found.length,
    seeds: seeds.length,
    first: found[0]?.seed,
    sentence: found[0]?.sentence,
  };
}

function show(row: Row): void {
  const share = `${row.killed}/${row.seeds}`.padStart(9);
  const first = row.first === undefined ? "SURVIVED" : `first ${row.first}`;
  const faults = row.faults.length === 0 ? "" : ` (${row.faults.join(", ")})`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify(row)}\n`
      : `${share}  ${first.padEnd(10)} ${row.scenario.padEnd(8)} ${row.name}${faults}\n`,
  );
}

const queue = MUTANTS.filter(({ name }) => name.includes(values.only));
let survived = 0;
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const row = await rowOf(mutant);
      if (row.killed === 0) survived += 1;
      show(row);
    }
  }),
);
if (survived > 0) process.exitCode = 1;
