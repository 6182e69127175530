import type { EventInfo } from "../events/event.ts";
import type { DurationMs, EpochMs, Span } from "../time/time.ts";

/** Windows of one size, one after another: each time is in exactly one. */
export type Tumbling = { readonly kind: "tumbling"; readonly size: DurationMs };

/** Windows of one size that start every `slide`: each time is in `ceil(size / slide)` or one fewer. */
export type Hopping = { readonly kind: "hopping"; readonly size: DurationMs; readonly slide: DurationMs };

/** Per key: events no more than `gap` apart share a window, which ends `gap` after the last of them. */
export type Session = { readonly kind: "session"; readonly gap: DurationMs };

/** Windows of `size` that are told in steps: those of one start end `step`, twice `step` … and `size` after it. */
export type Cumulating = {
  readonly kind: "cumulating";
  readonly size: DurationMs;
  readonly step: DurationMs;
};

/** One window for all time. */
export type Global = { readonly kind: "global" };

/** Windows that the user's function chooses for each event. */
export type CustomWindows<T> = {
  readonly kind: "custom";
  readonly name: string;
  readonly assign: (value: T, info: EventInfo) => readonly Span[];
  readonly merge: boolean;
};

export type WindowSpec = Tumbling | Hopping | Session | Cumulating | Global;
export type AnyWindow<T> = WindowSpec | CustomWindows<T>;

/** `tumbling(hours(1))`: [0:00, 1:00), [1:00, 2:00) … aligned to the epoch. */
export const tumbling = (size: DurationMs): Tumbling => ({ kind: "tumbling", size });

/** `hopping(seconds(10), seconds(2))`: [0 s, 10 s), [2 s, 12 s) … aligned to the epoch. Also called sliding. */
export const hopping = (size: DurationMs, slide: DurationMs): Hopping => ({ kind: "hopping", size, slide });

/** `session(minutes(5))`: two events exactly five minutes apart still share a session, as in Flink and Kafka Streams. */
export const session = (gap: DurationMs): Session => ({ kind: "session", gap });

/**
 * `cumulating(days(1), hours(1))`: [0:00, 1:00), [0:00, 2:00) … [0:00, 24:00), aligned to the epoch. The size must be
 * a multiple of the step. Flink calls such windows CUMULATE.
 */
export const cumulating = (size: DurationMs, step: DurationMs): Cumulating => ({
  kind: "cumulating",
  size,
  step,
});

/** The first and the last time that a date can have: the bounds of the one window of `global()`. */
export const ALL_TIME: Span = { start: -8.64e15 as EpochMs, end: 8.64e15 as EpochMs };

/**
 * `global()`: one window per key for all time. It gives results by its trigger, and on time once the input has ended.
 * Its state is never dropped before that.
 */
export const global = (): Global => ({ kind: "global" });

/**
 * Windows of the user's own.
 * @param name - stands for the function where it is asked whether saved state still fits
 */
export const customWindows = <T>(
  name: string,
  options: {
    /** The windows that an event is in, half-open; at least one. Must give the same for the same event. */
    readonly assign: (value: T, info: EventInfo) => readonly Span[];
    /** Windows of a key that touch or overlap become one, as sessions do; `assign` then gives one each. @default false */
    readonly merge?: boolean;
  },
): CustomWindows<T> => ({ kind: "custom", name, assign: options.assign, merge: options.merge ?? false });

/**
 * Start of the newest window that contains `at`, aligned to the epoch, so that two partitions that
 * never talk agree. Times before 1970 are ordinary times.
 */
export const newestStart = (slide: DurationMs, at: EpochMs): EpochMs =>
  (Math.floor(at / slide) * slide) as EpochMs;

/**
 * Lists the tumbling or hopping windows that contain `at`, newest first: at 12 s,
 * `hopping(seconds(10), seconds(4))` gives [12 s, 22 s), [8 s, 18 s), [4 s, 14 s).
 */
export function windowsOf({ size, slide }: { size: DurationMs; slide: DurationMs }, at: EpochMs): Span[] {
  const windows: Span[] = [];
  for (let start = newestStart(slide, at); start + size > at; start = (start - slide) as EpochMs)
    windows.push({ start, end: (start + size) as EpochMs });
  return windows;
}

/** The cumulating windows that contain `at`, shortest first. */
export function cumulatingWindowsOf({ size, step }: Cumulating, at: EpochMs): Span[] {
  const start = newestStart(size, at);
  const windows: Span[] = [];
  for (let end = newestStart(step, at) + step; end <= start + size; end += step)
    windows.push({ start, end: end as EpochMs });
  return windows;
}
