import type { Compression } from "../frames/compression.ts";
import type { Clock } from "../time/clock.ts";
import type { Blobs, CommitLog, FailedEvents, Lake, Lookups, Streams, Views } from "./ports.ts";

/** All that a stage reaches of the world. */
export type Environment = {
  readonly log: CommitLog;
  readonly blobs: Blobs;
  readonly streams: Streams;
  readonly views: Views;
  readonly lake: Lake;
  readonly failedEvents: FailedEvents;
  /** Tables outside. @default none: a stage that looks something up fails */
  readonly lookups?: Lookups;
  readonly compression: Compression;
  /** For the truncation of old entries, and the age of rows that were looked up; never for events. */
  readonly clock: Clock;
  /** A new random text for each attempt to commit. */
  readonly nonce: () => string;
  /** Which build wrote an entry. */
  readonly codeVersion: string;
  /** The timeline that it goes on with: grows when state is restored from a savepoint. @default 0 */
  readonly epoch?: number;
  /** Entries after which a snapshot is taken in any case. @default 1000 */
  readonly snapshotEntries?: number;
  readonly state?: StateSizes;
};

/** How a partition's state is cut and kept in memory. */
export type StateSizes = {
  /** Characters of a page, which is read and written as a whole. @default 32,768 */
  readonly pageChars?: number;
  /** State of at most so many bytes, compressed, is read at once. @default 1 MB */
  readonly eagerBytes?: number;
  /** Characters of state in memory, for one partition; a heap holds them at three to five times that. @default 32 Mi */
  readonly residentChars?: number;
};
