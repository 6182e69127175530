import type { Query } from "../queries.ts";
import { q3, q4, q8 } from "./joins.ts";
import { q11 } from "./sessions.ts";
import { q0, q1, q2 } from "./stateless.ts";
import { q5, q7, q12 } from "./windows.ts";

/** Reads the events at `input`, writes a query's rows to `output` and says how many events there were. */
type HandWritten = (input: string, output: string) => number;

/**
 * Each query as a loop without an engine: no late events, no watermarks, no failed events, all windows in memory
 * to the end. What an engine costs is measured against it.
 */
export const HAND_WRITTEN: Readonly<Record<Query, HandWritten>> = {
  q0,
  q1,
  q2,
  q3,
  q4,
  q5,
  q7,
  q8,
  q11,
  q12,
};
