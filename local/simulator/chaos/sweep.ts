import { type AwaitPoint, type ChaosScenario, type Trial, trial } from "../chaos.ts";
import type { CallFault } from "./fault.ts";
import { FAULTS } from "./faults.ts";

/** What a number of runs came to. */
export type Tally = {
  readonly seeds: number;
  readonly runs: number;
  /** By fault: how often it had its effect. */
  readonly injected: Readonly<Record<string, number>>;
  readonly failed: readonly Trial[];
};

/** A sweep of one fault over the await points of runs in which nothing else goes wrong. */
export type PointTally = Tally & {
  readonly fault: string;
  /** Await points that the fault struck, in all runs together. */
  readonly points: number;
  /** Await points where it could have struck and did not: the sweep is not complete. */
  readonly missed: number;
  /** Of each kind of call. */
  readonly operations: Readonly<Record<string, number>>;
};

/** Whole numbers from `first` on. */
export type Seeds = { readonly first: number; readonly last: number };

const each = ({ first, last }: Seeds): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Runs each seed under the same faults. @param faults - by default some, chosen by the seed */
export async function runSeeds(
  scenario: ChaosScenario,
  seeds: Seeds,
  faults?: readonly string[],
): Promise<Tally> {
  const tally = new Tallying();
  for (const seed of each(seeds))
    tally.add(await trial(seed, scenario, faults === undefined ? {} : { faults }));
  return { seeds: seeds.last - seeds.first + 1, ...tally.result };
}

/** Faults that strike at one call, and so at each await point of a run in turn. */
export const POINT_FAULTS: readonly string[] = [...FAULTS.values()]
  .filter(({ at }) => at !== "step")
  .map(({ name }) => name);

/**
 * Runs each seed without any fault, notes each place where a call is done or answered, and then runs the seed again
 * for each of them, with one fault that strikes exactly there.
 * @param fault - one of `POINT_FAULTS`
 */
export async function sweepPoints(scenario: ChaosScenario, seeds: Seeds, fault: string): Promise<PointTally> {
  const tally = new Tallying();
  const operations: Record<string, number> = {};
  let points = 0;
  let missed = 0;
  for (const seed of each(seeds)) {
    const calm = await trial(seed, scenario, { schedule: [] });
    tally.add(calm);
    for (const { step, operation } of calm.points.filter((point) => canStrike(fault, point))) {
      const run = await trial(seed, scenario, { schedule: [{ step, fault }] });
      tally.add(run);
      if (run.struck.length === 0) {
        missed += 1;
        continue;
      }
      points += 1;
      operations[operation] = (operations[operation] ?? 0) + 1;
    }
  }
  return { seeds: seeds.last - seeds.first + 1, ...tally.result, fault, points, missed, operations };
}

function canStrike(name: string, { operation, at, entries }: AwaitPoint): boolean {
  const fault = FAULTS.get(name);
  if (fault === undefined || fault.at === "step" || fault.at !== at) return false;
  return (fault as CallFault).can({ operation, entries });
}

class Tallying {
  readonly #injected: Record<string, number> = {};
  readonly #failed: Trial[] = [];
  #runs = 0;

  add(run: Trial): void {
    this.#runs += 1;
    for (const [fault, n] of Object.entries(run.injected))
      this.#injected[fault] = (this.#injected[fault] ?? 0) + n;
    if (run.broken.length > 0) this.#failed.push(run);
  }

  get result(): Pick<Tally, "runs" | "injected" | "failed"> {
    return { runs: this.#runs, injected: this.#injected, failed: this.#failed };
  }
}

/** Every pair of names, each once. */
export const pairsOf = (names: readonly string[]): (readonly [string, string])[] =>
  names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
