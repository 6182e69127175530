import { setTimeout as pause } from "node:timers/promises";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { type DurationMs, minus, minutes } from "../../shared/time/time.ts";
import type { EventSource } from "../sources/event-source.ts";
import type { Progress } from "./progress.ts";

export type DrainOptions = {
  readonly look: () => Progress;
  readonly sources: readonly EventSource[];
  /** What the logs must say once all is done. */
  readonly done: (progress: Progress) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Without a commit for this long the job counts as stuck. @default 2 minutes */
  readonly patience?: DurationMs;
};

const LOOK_EVERY_MS = 50;

/**
 * Waits until nothing is under way: every record was taken, no invocation runs, and the logs say so.
 * @throws MillraceError JOB_STALLED; the signal's reason once it fires
 */
export async function drain(options: DrainOptions): Promise<Progress> {
  const { look, sources, done, clock, signal, patience = minutes(2) } = options;
  let commits = -1;
  let movedAt = clock.now();
  for (;;) {
    const stopped = sources.find((source) => source.stats().failure !== undefined);
    if (stopped !== undefined) throw stalled(`${stopped.name} stopped: ${stopped.stats().failure}`);
    const progress = look();
    if (done(progress) && sources.every((source) => source.caughtUp())) return progress;
    if (progress.commits !== commits) {
      commits = progress.commits;
      movedAt = clock.now();
    }
    if (movedAt < minus(clock.now(), patience))
      throw stalled(`no commit for ${patience / 1_000} s, ${progress.behind} events behind`);
    await pause(LOOK_EVERY_MS);
    signal.throwIfAborted();
  }
}

const stalled = (what: string): MillraceError =>
  new MillraceError("JOB_STALLED", `the job does not get on: ${what}`, { next: "halted" });
