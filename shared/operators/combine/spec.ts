import type { EventInfo, Key } from "../../events/event.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import type { WindowOptions } from "../spec.ts";
import type { AnyWindow, Cumulating, Global, Hopping, Session, Tumbling } from "../window.ts";

/** Windows whose slices are in the same windows as all of their events are. */
export type SlicedWindow = Tumbling | Hopping | Cumulating;

/** Windows for which events can be combined: by slices, all of a key, or those of a key that are in one session. */
export type CombinedWindow = SlicedWindow | Global | Session;

/** A window operator behind a shuffle, for which events are combined before it. */
export type CombineSpec = Pick<WindowOptions, "aggregates"> & {
  readonly window: CombinedWindow;
  /** An event for which it is true shows its windows, and goes as it is. */
  readonly when?: (value: unknown, info: EventInfo) => boolean;
  /**
   * Something in the window's stage shows early panes at multiples of these, by stream time: what comes before such a
   * moment stays apart from what comes after it.
   */
  readonly intervals?: readonly DurationMs[];
};

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
export function whyNotCombined(spec: Spec): string | undefined {
  const { window, aggregates, trigger } = spec;
  if (window.kind === "hopping" && !isCombined(window)) return "its slides do not divide its size";
  if (!isCombined(window))
    return `what ${window.kind} windows an event is in, its time and key alone do not tell`;
  if (typeof trigger.early === "object" && "events" in trigger.early)
    return "it shows early panes by count, each with the events so far";
  // an accumulator of another version may be on its way
  const other = Object.entries(aggregates).find(
    ([, { combines, version }]) => combines === undefined || version !== undefined,
  );
  if (other !== undefined) return `"${other[0]}" (${other[1].name}) wants the events themselves`;
  return window.kind === "session" ? whyNotSessions(spec) : undefined;
}

/**
 * Which sessions there are where events come, and which of them were shown, the sender does not know. So nothing may
 * show it in which order events join them: neither what is aggregated, nor a retraction for each change of bounds.
 */
function whyNotSessions({ aggregates, allowedLateness, trigger }: Spec): string | undefined {
  const ordered = orderedOf(aggregates);
  if (ordered !== undefined)
    return `${ordered}, and in which order sessions take them shows only where they come together`;
  if (trigger.accumulation === "discarding") return undefined;
  if (allowedLateness > 0)
    return "a session that was shown may take late events, and each that changes its bounds retracts it";
  return trigger.early === undefined
    ? undefined
    : "a session that was shown early is retracted with each event that changes its bounds";
}

/** An aggregate that depends on the order of events, in a few words; undefined where none does. */
export function orderedOf(aggregates: Spec["aggregates"]): string | undefined {
  const ordered = Object.entries(aggregates).find(([, { combines }]) => combines !== "accumulator");
  return ordered && `"${ordered[0]}" (${ordered[1].name}) depends on the order of events`;
}

/** Whether rows of such windows may be combined. */
export const isCombined = (window: AnyWindow<unknown>): window is CombinedWindow =>
  window.kind !== "custom" && (window.kind !== "hopping" || window.size % window.slide === 0);
