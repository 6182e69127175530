import type { Wait } from "../../../local/sources/wait.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, epochMs, plus } from "../../../shared/time/time.ts";

type Timer = { readonly at: EpochMs; readonly resolve: () => void };

const START = epochMs(1_700_000_000_000);
/** Turns of the event loop after which nothing moves any more until time passes. */
const SETTLING_TURNS = 4;

/** Time that passes when it is told to, and wakes whoever waits in the order of their times. */
export class VirtualTime implements Clock {
  #now: EpochMs = START;
  readonly #timers = new Set<Timer>();

  now(): EpochMs {
    return this.#now;
  }

  /** Seconds since the beginning. */
  get passed(): number {
    return (this.#now - START) / 1_000;
  }

  readonly wait: Wait = (duration, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = { at: plus(this.#now, duration), resolve };
      this.#timers.add(timer);
      signal.addEventListener(
        "abort",
        () => {
          this.#timers.delete(timer);
          resolve();
        },
        { once: true },
      );
    });

  /** Lets time pass; resolves when all that follows from it has happened. */
  async pass(duration: DurationMs): Promise<void> {
    const end = plus(this.#now, duration);
    for (;;) {
      await settled();
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.resolve();
    }
    this.#now = end;
    await settled();
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.at < first.at) first = timer;
    return first;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await new Promise(setImmediate);
}
