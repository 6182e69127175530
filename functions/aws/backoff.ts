import { setTimeout } from "node:timers/promises";
import { type DurationMs, milliseconds } from "../../shared/time/time.ts";

const BASE_MS = 20;
const CAP_MS = 2_000;

/** The longest pause before try `attempt` (from 1), doubling up to 2 s. */
const longestPause = (attempt: number): DurationMs =>
  milliseconds(Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 30)));

/**
 * Waits before another try: full jitter, so that callers who were refused together do not come back together.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const backOff = (attempt: number): Promise<void> => setTimeout(Math.random() * longestPause(attempt));
