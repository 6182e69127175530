import type { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import type { DurationMs } from "../../../shared/time/time.ts";
import type { Delivery, Mapping } from "./mapping.ts";

/** A Lambda environment of a stage: a loop with caches of its own, until it crashes. */
export type Worker = {
  readonly name: string;
  readonly mapping: Mapping;
  readonly loop: StageLoop;
  readonly code: WorkerCode;
  /** The batch that it has, if any. */
  delivery: Delivery | undefined;
  /** Nothing of it goes on until then. */
  asleep: Sleep | undefined;
  /** How far its clock is ahead. */
  skew: DurationMs;
  /** How many entries its stage had when it last began or ended a batch. */
  seen: number;
};

/** What a worker runs: what the others run, an older build, or a build whose state has another shape. */
export type WorkerCode = "usual" | "older" | "foreign";

/** What ends a sleep: that others have committed so many entries of its stage, or that old ones were deleted. */
export type Sleep = {
  readonly fault: string;
  readonly until: "commit" | "truncation";
  /** How many are to come. */
  left: number;
  /** Whether one has come. */
  overtaken: boolean;
};
