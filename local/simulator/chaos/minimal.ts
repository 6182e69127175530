import { type ChaosScenario, type Strike, type Struck, type Trial, trial } from "../chaos.ts";
import { shrink } from "./shrink.ts";

/** A failure in its smallest form that was found, and what replays it. */
export type Minimal = {
  readonly seed: number;
  /** What does not hold, a sentence each. */
  readonly broken: readonly string[];
  /** All that goes wrong, and when. */
  readonly schedule: readonly Struck[];
  /** The requests that it needs, by their index; undefined where it needs all. */
  readonly requests: readonly number[] | undefined;
  /** What went wrong in the run as it was found, and its requests. */
  readonly found: { readonly strikes: number; readonly requests: number };
};

const MOST_TRIES = 150;

/** Leaves out of a failing run what it does not need to fail: first of what went wrong, then of its input. */
export async function minimal(scenario: ChaosScenario, failed: Trial): Promise<Minimal> {
  const { seed } = failed;
  const run = (schedule: readonly Strike[], requests?: readonly number[]): Promise<Trial> =>
    trial(seed, scenario, { schedule, ...(requests === undefined ? {} : { requests }) });
  const fails = async (schedule: readonly Strike[], requests?: readonly number[]): Promise<boolean> =>
    (await run(schedule, requests)).broken.length > 0;
  const schedule = await shrink(failed.struck, (part) => fails(part), MOST_TRIES);
  const all = Array.from({ length: failed.requests }, (_, i) => i);
  const requests = await shrink(all, (part) => fails(schedule, part), MOST_TRIES);
  const { broken, struck } = await run(schedule, requests);
  return {
    seed,
    broken,
    schedule: struck,
    requests: requests.length === all.length ? undefined : requests,
    found: { strikes: failed.struck.length, requests: all.length },
  };
}

/** As `--schedule` takes it: `412:crash-after,518:zombie`. */
export const scheduleText = (schedule: readonly Strike[]): string =>
  schedule.map(({ step, fault }) => `${step}:${fault}`).join();
