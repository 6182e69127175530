import { existsSync, readFileSync } from "node:fs";
import { Watchdog } from "../watchdog.ts";

/**
 * Ends this process when a test takes far more CPU time than it did without the mutant, or waits for what does not come.
 * Stryker tries the mutant again in a new process, which finds what the one before left; its own limit is that of all the
 * tests of a mutant together, minutes of them.
 */
const MOST_CPU_MS = 5_000;
const TIMES_AS_MUCH = 5;
/** By the clock, for each ms that the processor may take. */
const WAITING = 10;

/** Of the file that is left, with the mutant's number behind it; in the folder that Stryker made for the run. */
const PREFIX = "ended-by-";
const dog = new Watchdog(PREFIX);

/** Says that a test of a mutant starts, which took so much CPU time without it; or that none runs. */
export function watch(mutant: string | undefined, usualMs: number): void {
  if (mutant === undefined) {
    dog.rest();
    return;
  }
  const cpuMs = MOST_CPU_MS + TIMES_AS_MUCH * usualMs;
  dog.watch({ cpuMs, clockMs: WAITING * cpuMs, number: Number(mutant) });
}

/** Why the process that tried this mutant was ended, if one was. */
export function endedBy(mutant: string): string | undefined {
  const file = PREFIX + mutant;
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
