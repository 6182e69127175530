import type { Fault } from "../../models/faults.ts";
import type { Random } from "../random.ts";

/** What may go wrong in a run and how often, between 0 and 1 each. Every seed has a weather of its own. */
export type Weather = {
  /** Per call that waits: its environment ends there. */
  readonly crash: number;
  /** Per call: it fails in the way that `faultOf` chooses. */
  readonly fault: number;
  /** Per step, one of the mishaps below. */
  readonly mishap: number;
  readonly mishaps: readonly Mishap[];
  /** Whether a source's child shard is read only after its parents; internal streams never wait. */
  readonly childrenWait: boolean;
  /** Records in a batch, at most. */
  readonly batch: number;
  /** Environments of a stage, at most. */
  readonly environments: number;
  /** Per step: the producer sends something. */
  readonly send: number;
  /** Entries between two snapshots of a partition. */
  readonly snapshotEntries: number;
  /** Larger bodies of entries are objects beside the log. */
  readonly inlineBytes: number;
};

/**
 * `freeze`: an environment stops, its batch is given to another, and later it goes on where it was · `expire`: its
 * batch is given to another while it goes on · `repeat`: records are delivered again · `recreate`: a stage's
 * mapping starts over at the oldest record · `night`: a day passes that no environment outlives, and what the log
 * holds from before it may be deleted.
 */
export type Mishap = "freeze" | "wake" | "expire" | "repeat" | "recreate" | "reshard" | "tick" | "night";

const OFTEN: readonly Mishap[] = ["tick", "reshard", "freeze", "wake", "expire", "repeat"];
const RARE: readonly Mishap[] = ["recreate", "night"];

/** A third of all kinds of trouble is left out of a run: some faults are found only where others do not hide them. */
export function weatherOf(random: Random): Weather {
  const some = (rates: readonly number[]): number => random.pick(rates) ?? 0;
  const often = OFTEN.filter(() => random.chance(0.7));
  return {
    crash: some([0, 0.005, 0.02]),
    fault: some([0, 0.03, 0.12]),
    mishap: some([0.01, 0.04, 0.1]),
    mishaps: [...often, ...often, ...often, ...RARE.filter(() => random.chance(0.7)), "wake"],
    childrenWait: random.chance(0.5),
    batch: some([1, 3, 8, 30]),
    environments: some([1, 2, 3]),
    send: some([0.02, 0.08, 0.3]),
    snapshotEntries: some([2, 7, 1_000]),
    inlineBytes: some([500, 8_192]),
  };
}

export function faultOf(random: Random): Fault {
  const at = random.below(3);
  if (at === 0) return { kind: "throttle" };
  if (at === 1) return { kind: "lost-response" };
  return { kind: "partial", failed: [0, 1, 2].filter(() => random.chance(0.5)) };
}
