import type { Key, WireEvent } from "../../shared/events/event.ts";

/**
 * What the partitions of all stages took, in the order in which it was committed: by stage, by partition, the commits.
 * It says nothing of what came of it, except how rows were put into frames, and what tables outside said.
 */
export type History = ReadonlyMap<string, readonly (readonly Commit[])[]>;

export type Commit = {
  readonly inputs: readonly Input[];
  /** What the commit sent: which rows in which frame. */
  readonly frames: readonly SentFrame[];
  /** The rows of tables outside that it met: others write them, so that nobody can work them out. */
  readonly lookedUp?: readonly LookedUp[];
};

/** What was read of a key: rows that began at a time, or at none, and what is wrong with them. */
export type LookedUp = {
  readonly table: string;
  readonly key: Key;
  readonly rows: readonly { readonly from: number; readonly row: unknown; readonly problem?: string }[];
};

export type SentFrame = {
  readonly stage: string;
  readonly to: number;
  readonly counter: number;
  readonly rows: readonly SentRow[];
};

/**
 * A row, where it is one of those that a commit combines: which it is, or, where it stands for `events` of its key that
 * are in the same windows, that. How they were combined is not said.
 */
export type SentRow =
  | { readonly key: Key; readonly time: number; readonly value: unknown }
  | {
      readonly key: Key;
      /** The newest of their times; of a session, `from` is the oldest. */
      readonly time: number;
      readonly from?: number | undefined;
      readonly events: number;
    };

/** One record, or the part of it that is the partition's. `sentAt`: processing time, as stamped by its producer. */
export type Input = {
  /** Names its place: `<shard>:<sequence number>`; a frame's follows from its channel and counter. */
  readonly position: string;
  readonly sentAt: number;
} & (
  | {
      readonly kind: "events";
      readonly events: readonly WireEvent[];
      /** Of each event its key, where its payload was cut down to what is selected. */
      readonly keys?: readonly Key[] | undefined;
      readonly refused: readonly Refused[];
    }
  | { readonly kind: "frame"; readonly stage: string; readonly from: number; readonly counter: number }
  /** What nobody could read. */
  | ({ readonly kind: "poison" } & Refused)
  | { readonly kind: "tick" }
  | { readonly kind: "end" }
);

/** What was no event, and why. */
type Refused = { readonly payload: unknown; readonly error: unknown };
