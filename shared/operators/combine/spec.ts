import type { Key } from "../../events/event.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import type { WindowOptions } from "../spec.ts";
import type { AnyWindow, Cumulating, Hopping, Tumbling } from "../window.ts";

/** Windows whose slices are in the same windows as all of their events are. */
export type SlicedWindow = Tumbling | Hopping | Cumulating;

/** A window operator behind a shuffle, for which events are combined before it. */
export type CombineSpec = Pick<WindowOptions, "aggregates"> & { readonly window: SlicedWindow };

/** The edge by which combined rows come to a stage whose events come by edge 0. */
export const COMBINED_EDGE = 1;

/**
 * How long a slice is: all times of one, aligned to the epoch, are in the same windows, the first of which ends where the
 * slice does.
 */
export function sliceOf(window: SlicedWindow): DurationMs {
  switch (window.kind) {
    case "tumbling":
      return window.size;
    case "hopping":
      return window.slide;
    case "cumulating":
      return window.step;
  }
}

/** A row of events or of what was combined of them: `[edge, key, event time, value]`. */
export type Row = readonly [edge: number, key: Key, time: EpochMs, value: unknown];

type Spec = { readonly window: AnyWindow<unknown> } & WindowOptions;

/** What stands in the way of combining events before the window, in a few words; undefined where nothing does. */
export function whyNotCombined({ window, aggregates, trigger }: Spec): string | undefined {
  if (window.kind === "hopping" && !isSliced(window)) return "its slides do not divide its size";
  if (!isSliced(window)) return `what ${window.kind} windows an event is in, its time alone does not tell`;
  if (trigger.early !== undefined) return "it shows early panes";
  // an accumulator of another version may be on its way
  const other = Object.entries(aggregates).find(
    ([, { combines, version }]) => combines === undefined || version !== undefined,
  );
  return other === undefined ? undefined : `"${other[0]}" (${other[1].name}) wants the events themselves`;
}

/** Whether slices make up the windows. */
export const isSliced = (window: AnyWindow<unknown>): window is SlicedWindow =>
  window.kind === "tumbling" ||
  window.kind === "cumulating" ||
  (window.kind === "hopping" && window.size % window.slide === 0);
