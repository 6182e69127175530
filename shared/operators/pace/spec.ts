import type { DurationMs } from "../../time/time.ts";

/** How the events of each key are thinned out or put together, by event time. */
export type PaceSpec =
  /** The first `most` of each span of `per`, aligned to the epoch. */
  | { readonly by: "throttle"; readonly most: number; readonly per: DurationMs }
  /** The last one before no other came for `quiet`. */
  | { readonly by: "debounce"; readonly quiet: DurationMs }
  /** One of each span of `every`, aligned to the epoch. */
  | { readonly by: "sample"; readonly every: DurationMs; readonly take: "first" | "last" }
  /** Lists of `size`, or of what came within `within` of the first. */
  | { readonly by: "batch"; readonly size: number; readonly within: DurationMs };
