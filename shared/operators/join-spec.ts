import type { DurationMs } from "../time/time.ts";
import type { Hopping, Tumbling } from "./window.ts";

/** Which rows a window join gives: pairs, and rows without a partner; `semi` and `anti` give left rows alone. */
export type JoinType = "inner" | "left" | "full" | "semi" | "anti";

/** A join as data: what brings two rows of one key together. */
export type JoinSpec = {
  readonly type: JoinType;
  /** How far behind the watermark a row may be and still take part. */
  readonly grace: DurationMs;
} & (
  | { readonly by: "window"; readonly window: Tumbling | Hopping }
  /** Right times from `left + from` on and before `left + to`. */
  | {
      readonly by: "interval";
      readonly from: DurationMs;
      readonly to: DurationMs | ((left: unknown) => DurationMs);
    }
  /** Every pair, as long as both are remembered; undefined: for ever. */
  | { readonly by: "key"; readonly ttl: DurationMs | undefined }
  /** The newest right row that is not younger than the left one; undefined: however old. */
  | { readonly by: "version"; readonly ttl: DurationMs | undefined }
);
