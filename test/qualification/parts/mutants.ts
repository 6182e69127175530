import { jsonLinesOf } from "../json-output.ts";
import type { Part } from "../part.ts";

type Row = {
  readonly name: string;
  readonly rule: string;
  readonly scenario: string;
  readonly faults: readonly string[];
  readonly killed: number;
  readonly seeds: number;
  readonly first?: number;
};

const SEEDS = { quick: 20, full: 400 } as const;

/** Planted faults of the protocol, and in how many seeds the simulator finds each. */
export const mutants: Part = {
  id: "mutants",
  commands: (scale, seeds = SEEDS[scale]) => [
    ["node", "test/simulation/mutant-report.ts", "--json", "--seeds", String(seeds)],
  ],
  read: ([output]) => {
    const rows = jsonLinesOf<Row>(output);
    const found = rows.filter(({ killed }) => killed > 0);
    const rarest = [...found].sort((a, b) => a.killed / a.seeds - b.killed / b.seeds)[0];
    return {
      held: output?.code === 0 && rows.length > 0 && found.length === rows.length,
      sentence: `${found.length} of ${rows.length} planted faults are found within ${rows[0]?.seeds ?? 0} seeds${
        rarest === undefined ? "" : `; the hardest to find in ${rarest.killed} of them`
      }.`,
      table: {
        columns: ["planted fault", "breaks", "scenario", "what goes wrong", "found in", "of seeds"],
        rows: [...rows]
          .sort((a, b) => a.rule.localeCompare(b.rule) || a.name.localeCompare(b.name))
          .map(({ name, rule, scenario, faults, killed, seeds }) => [
            name,
            rule,
            scenario,
            faults.length === 0 ? "chosen by the seed" : faults.map((fault) => `\`${fault}\``).join(", "),
            killed,
            seeds,
          ]),
      },
    };
  },
};
