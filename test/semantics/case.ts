import type { Idleness } from "../../shared/events/stream.ts";
import type { DurationMs, WindowSpec } from "../../shared/index.ts";
import type { DifferenceId } from "./differences.ts";
import type { SourceId } from "./sources.ts";

export type System = "beam" | "flink" | "kafka";
export const SYSTEMS: readonly System[] = ["beam", "flink", "kafka"];

/** What another system gives for a case, where that is not what Millrace gives. */
type Differs = {
  readonly by: DifferenceId;
  /** The windows' final contents, as the system's definition has them; compared with what its formulas give. */
  readonly contents?: string;
  /** What differs besides: when, how often, with which bounds. */
  readonly says?: string;
};

/**
 * A rule of the field as a row: an input and what it gives.
 *
 * Input, by its places: `a@12` an event of key `a` at 12 (with `*7` of value 7), named after its place; `end` the end
 * of the input; `tick@70` a tick; `x:a@12` a row of upstream `x`, `x=10` its watermark.
 *
 * What it gives: `3> a[0,10)=1+2` after the third a pane with the first and the second, on time and the window's first
 * unless it says `early`, `late` or `retracted` and `#1`; `4> late 4`; `2> pass 2` where there is no window; `then` is
 * said of the second of two windows.
 */
export type Case = {
  readonly name: string;
  readonly from: readonly SourceId[];
  readonly in: string;
  readonly gives: string;
  /** @default a tumbling window of 10 */
  readonly window?: WindowSpec;
  readonly behind?: WindowSpec;
  readonly dedupe?: number;
  readonly outOfOrder?: number;
  readonly lateness?: number;
  readonly early?: number | { readonly events: number } | { readonly processingTime: DurationMs };
  readonly discarding?: boolean;
  readonly idle?: Idleness;
  readonly differs?: Readonly<Partial<Record<System, Differs>>>;
};
