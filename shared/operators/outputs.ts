import type { FailedEvent, Key } from "../events/event.ts";
import type { EpochMs } from "../time/time.ts";

/** A row for another stage: `[edge, key, event time, value]`. */
export type FeedRow = readonly [edge: number, key: Key, time: EpochMs, value: unknown];

/** Takes a row for another stage at once. */
export type TakeRow = (key: Key, time: EpochMs, value: unknown) => void;

/** A row of a view; of several for one key and sort in a batch the last counts. `undefined` deletes. */
export type ViewRow = readonly [key: Key, sort: Key, row: unknown];

/** The folders of a lake file: a value for each partition column, in the order of the path. */
export type Folders = Readonly<Record<string, string>>;

/** Rows of a lake table that share their folders. */
type LakeFile = readonly [sink: string, folders: Folders, rows: unknown[]];

/** What a batch gives. Part of the log entry. */
export type Outputs = {
  /** By the stage that takes them, in the order in which they were given, whichever operator of the stage did. */
  readonly feeds: Map<string, FeedRow[]>;
  readonly views: Map<string, Map<string, ViewRow>>;
  /** By table and folders, as one text. */
  readonly lake: Map<string, LakeFile>;
  readonly failed: FailedEvent[];
};

export const noOutputs = (): Outputs => ({ feeds: new Map(), views: new Map(), lake: new Map(), failed: [] });

/** What a partition counts, from its first event on. */
export type Counts = {
  /** Events and rows folded. */
  input: number;
  /** Events too late for any window. */
  late: number;
  /** Events that became failed events. */
  failed: number;
  /** Events on which an operator with the policy `skip` threw. */
  skipped: number;
  /** Repeats that dedupe dropped. */
  duplicates: number;
  /** Panes emitted at the watermark: windows that came to their end. */
  windows: number;
  /** Events for which a lookup found no row, and which it dropped. In stages with a lookup only. */
  unmatched?: number;
};

export const noCounts = (): Counts => ({
  input: 0,
  late: 0,
  failed: 0,
  skipped: 0,
  duplicates: 0,
  windows: 0,
});
