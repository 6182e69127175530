import { FAULTS } from "../../../local/simulator/chaos/faults.ts";
import { jsonOf } from "../json-output.ts";
import type { Command, Finding, Output, Part } from "../part.ts";

/** What test/simulation/sweep.ts prints. */
type Printed = {
  readonly parts: Readonly<Record<string, Sweep>>;
  /** A sentence for everything that did not hold. */
  readonly wrong: readonly string[];
};

type Sweep = {
  readonly runs: number;
  readonly failures: number;
  readonly injected: Readonly<Record<string, number>>;
  readonly parts: readonly {
    readonly faults: readonly string[];
    readonly seeds: number;
    readonly runs: number;
    readonly failures: number;
    readonly injected: Readonly<Record<string, number>>;
    /** Where the fault struck, of a sweep over await points. */
    readonly points?: number;
  }[];
};

/** @param seeds - of each part that is to be run */
const sweep = (seeds: Readonly<Record<string, number>>): Command => [
  ...(["node", "test/simulation/sweep.ts", "--json"] as const),
  ...["--only", Object.keys(seeds).join()],
  ...Object.entries(seeds).flatMap(([part, n]) => [`--${part}`, `1..${n}`]),
];

const grouped = (value: number): string => value.toLocaleString("en");

/** Whether all held and every fault struck; otherwise what did not. */
function verdictOn(
  { parts, wrong }: Printed,
  output: Output | undefined,
): Pick<Finding, "held" | "sentence"> {
  const sweeps = Object.values(parts);
  const runs = sweeps.reduce((sum, one) => sum + one.runs, 0);
  const failures = sweeps.reduce((sum, one) => sum + one.failures, 0);
  const injected = sweeps.flatMap((one) => Object.values(one.injected)).reduce((sum, n) => sum + n, 0);
  const said = `${grouped(runs)} runs, ${grouped(injected)} faults that took effect, ${grouped(failures)} runs in which anything did not hold.`;
  return {
    held: output?.code === 0 && runs > 0 && failures === 0 && wrong.length === 0,
    sentence: [said, ...wrong.map((sentence) => `${sentence}.`)].join(" "),
  };
}

/** Each fault by itself. */
export const alone: Part = {
  id: "alone",
  commands: (scale, seeds = { quick: 2, full: 10_000 }[scale]) => [sweep({ alone: seeds })],
  read: ([output]) => {
    const printed = jsonOf<Printed>(output);
    const sweeps = Object.values(printed.parts);
    return {
      ...verdictOn(printed, output),
      table: {
        columns: ["fault", "what it does", "runs", "took effect", "did not hold"],
        rows: sweeps
          .flatMap(({ parts }) => parts)
          .map(({ faults: [fault = ""], runs, injected, failures }) => [
            `\`${fault}\``,
            FAULTS.get(fault)?.says ?? "",
            runs,
            injected[fault] ?? 0,
            failures,
          ]),
      },
    };
  },
};

/** Every two faults together: a line for each fault, over all its pairs. */
export const pairs: Part = {
  id: "pairs",
  commands: (scale, seeds = { quick: 1, full: 1_000 }[scale]) => [sweep({ pairs: seeds })],
  read: ([output]) => {
    const printed = jsonOf<Printed>(output);
    const sweeps = Object.values(printed.parts);
    const parts = sweeps.flatMap((one) => one.parts);
    const rows = [...new Set(parts.flatMap(({ faults }) => faults))].map((fault) => {
      const its = parts.filter(({ faults }) => faults.includes(fault));
      const sum = (of: (part: (typeof its)[number]) => number): number =>
        its.reduce((n, part) => n + of(part), 0);
      const both = its.filter(({ faults, injected }) => faults.every((name) => (injected[name] ?? 0) > 0));
      return [
        `\`${fault}\``,
        its.length,
        both.length,
        sum(({ runs }) => runs),
        sum(({ injected }) => injected[fault] ?? 0),
        sum(({ failures }) => failures),
      ];
    });
    return {
      ...verdictOn(printed, output),
      table: {
        columns: ["fault", "pairs", "of these, both took effect", "runs", "took effect", "did not hold"],
        rows,
      },
    };
  },
};

/** Each fault of a call at every call of a run in turn: 100 % of the await points, not a sample of them. */
export const points: Part = {
  id: "points",
  commands: (scale, seeds = { quick: 1, full: 10_000 }[scale]) => [
    sweep({ crashes: seeds, points: seeds, others: seeds }),
  ],
  read: ([output]) => {
    const printed = jsonOf<Printed>(output);
    const sweeps = Object.entries(printed.parts);
    return {
      ...verdictOn(printed, output),
      table: {
        columns: ["scenario", "fault", "seeds", "await points struck", "runs", "did not hold"],
        rows: sweeps.flatMap(([name, { parts }]) =>
          parts.map(({ faults: [fault = ""], seeds, points: struck = 0, runs, failures }) => [
            name === "crashes" || name === "points" ? "tills" : name,
            `\`${fault}\``,
            seeds,
            struck,
            runs,
            failures,
          ]),
        ),
      },
    };
  },
};

/** Faults of all kinds in one run, as each seed has them, in two larger applications. */
export const storms: Part = {
  id: "storms",
  commands: (scale, seeds = { quick: 10, full: 10_000 }[scale]) => [sweep({ any: seeds })],
  read: ([output]) => {
    const printed = jsonOf<Printed>(output);
    return {
      ...verdictOn(printed, output),
      table: {
        columns: ["scenario", "seeds", "faults that took effect", "kinds of them", "did not hold"],
        rows: Object.entries(printed.parts).map(([scenario, { parts, injected, failures }]) => [
          scenario,
          parts.reduce((sum, { seeds }) => sum + seeds, 0),
          Object.values(injected).reduce((sum, n) => sum + n, 0),
          Object.values(injected).filter((n) => n > 0).length,
          failures,
        ]),
      },
    };
  },
};
