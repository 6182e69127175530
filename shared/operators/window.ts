import type { DurationMs, EpochMs, Span } from "../time/time.ts";

/** Windows of one size, one after another: each time is in exactly one. */
export type Tumbling = { readonly kind: "tumbling"; readonly size: DurationMs };

/** Windows of one size that start every `slide`: each time is in `ceil(size / slide)` or one fewer. */
export type Hopping = { readonly kind: "hopping"; readonly size: DurationMs; readonly slide: DurationMs };

/** Per key: events no more than `gap` apart share a window, which ends `gap` after the last of them. */
export type Session = { readonly kind: "session"; readonly gap: DurationMs };

export type WindowSpec = Tumbling | Hopping | Session;

/** `tumbling(hours(1))`: [0:00, 1:00), [1:00, 2:00) … aligned to the epoch. */
export const tumbling = (size: DurationMs): Tumbling => ({ kind: "tumbling", size });

/** `hopping(seconds(10), seconds(2))`: [0 s, 10 s), [2 s, 12 s) … aligned to the epoch. Also called sliding. */
export const hopping = (size: DurationMs, slide: DurationMs): Hopping => ({ kind: "hopping", size, slide });

/** `session(minutes(5))`: two events exactly five minutes apart still share a session, as in Flink and Kafka Streams. */
export const session = (gap: DurationMs): Session => ({ kind: "session", gap });

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
