/**
 * Units of time as types, so that a duration is never taken for a point in time.
 * Event time and processing time are both milliseconds since the epoch.
 */
declare const unit: unique symbol;

/** A point in time: whole milliseconds since 1970-01-01T00:00:00Z; negative before it. */
export type EpochMs = number & { readonly [unit]: "EpochMs" };

/** A length of time in whole milliseconds. */
export type DurationMs = number & { readonly [unit]: "DurationMs" };

/** A half-open span of event time: `start` belongs to it, `end` does not. */
export type Span = { readonly start: EpochMs; readonly end: EpochMs };

/** The watermark of an input that has ended: later than every event. */
export const END_OF_TIME: EpochMs = Number.POSITIVE_INFINITY as EpochMs;

/** The watermark of an input of which nothing is known yet: earlier than every event. */
export const BEGINNING_OF_TIME: EpochMs = Number.NEGATIVE_INFINITY as EpochMs;

export const epochMs = (ms: number): EpochMs => ms as EpochMs;
export const milliseconds = (n: number): DurationMs => n as DurationMs;
export const seconds = (n: number): DurationMs => (n * 1_000) as DurationMs;
export const minutes = (n: number): DurationMs => (n * 60_000) as DurationMs;
export const hours = (n: number): DurationMs => (n * 3_600_000) as DurationMs;
export const days = (n: number): DurationMs => (n * 86_400_000) as DurationMs;

export const plus = (at: EpochMs, by: DurationMs): EpochMs => (at + by) as EpochMs;
export const minus = (at: EpochMs, by: DurationMs): EpochMs => (at - by) as EpochMs;
