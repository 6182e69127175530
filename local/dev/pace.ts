import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../shared/time/clock.ts";

/** Events in one step: a timer for each would be slower than the rate that people ask for. */
const STEP_MS = 20;

/** Lets events go by at most at a rate, in events per second. */
export async function* paced<T>(
  events: readonly T[],
  rate: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const startedAt = clock.now();
  let due = 0;
  for (const [index, event] of events.entries()) {
    while (index >= due) {
      due = Math.max(1, ((clock.now() - startedAt + STEP_MS) / 1_000) * rate);
      if (index >= due) await pause(STEP_MS);
      signal.throwIfAborted();
    }
    yield event;
  }
}
