import { setTimeout as sleep } from "node:timers/promises";
import type { DurationMs } from "../../shared/time/time.ts";

/** How often and how patiently a request is repeated. */
export type Backoff = {
  /** Requests per batch before giving up, the first included. @default 12 */
  readonly attempts?: number;
  /** Upper bound of the first wait; it doubles with each attempt. @default 50 ms */
  readonly base?: DurationMs;
  /** Upper bound of any wait. @default 5 s */
  readonly cap?: DurationMs;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** Rejects when the signal fires. @default a timer */
  readonly wait?: (time: DurationMs, signal: AbortSignal | undefined) => Promise<void>;
};

/** Every field given. */
export type FullBackoff = Required<Backoff>;

export const fullBackoff = (backoff: Backoff = {}): FullBackoff => ({
  attempts: 12,
  base: 50 as DurationMs,
  cap: 5_000 as DurationMs,
  random: Math.random,
  wait: async (time, signal) => {
    await sleep(time, undefined, signal === undefined ? {} : { signal });
  },
  ...backoff,
});

/**
 * The wait before attempt `attempt` (1 for the first repetition): "full jitter", anything between nothing
 * and the bound, so that lanes that failed together do not come back together.
 */
export const waitBefore = (attempt: number, { base, cap, random }: FullBackoff): DurationMs =>
  Math.floor(random() * Math.min(cap, base * 2 ** (attempt - 1))) as DurationMs;
