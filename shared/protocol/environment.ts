import type { Compression } from "../frames/compression.ts";
import type { Clock } from "../time/clock.ts";
import type { Blobs, CommitLog, FailedEvents, Lake, Streams, Views } from "./ports.ts";

/** All that a stage reaches of the world. */
export type Environment = {
  readonly log: CommitLog;
  readonly blobs: Blobs;
  readonly streams: Streams;
  readonly views: Views;
  readonly lake: Lake;
  readonly failedEvents: FailedEvents;
  readonly compression: Compression;
  /** For the truncation of old entries only; never for events. */
  readonly clock: Clock;
  /** A new random text for each attempt to commit. */
  readonly nonce: () => string;
  /** Which build wrote an entry. */
  readonly codeVersion: string;
  /** Entries after which a snapshot is taken in any case. @default 1000 */
  readonly snapshotEntries?: number;
};
