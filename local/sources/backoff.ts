import { type DurationMs, milliseconds } from "../../shared/time/time.ts";

const FIRST_MS = 20;
const LONGEST_MS = 1_000;

/**
 * The pause before retry number `attempt`, counted from 1: 20 ms, 40 ms, … 1 s. AWS goes up to minutes;
 * here somebody watches.
 */
export const backoff = (attempt: number): DurationMs =>
  milliseconds(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(16, attempt - 1)));
