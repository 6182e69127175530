import type { FailedEvent, Key } from "../events/event.ts";
import type { FileContent } from "../operators/lookup/file-format.ts";
import type { TableSpec } from "../operators/lookup/spec.ts";
import type { EpochMs } from "../time/time.ts";

/** Names one partition's commit log. `epoch` grows when state is restored from a savepoint. */
export type PartitionId = { readonly stage: string; readonly partition: number; readonly epoch: number };

/**
 * One item of a partition's commit log. `body` is the encoded entry (positions, state delta, outputs,
 * watermark); what stands beside it is what others must read without decoding a body.
 */
export type LogItem = {
  readonly v: number;
  /** Random per attempt: tells a lost response (mine) from a lost race (another's). */
  readonly nonce: string;
  /** Outputs up to this version were acknowledged by every receiver when this entry was written. */
  readonly published: number;
  /** Whether the entry has outputs, so that a reader knows what an unacknowledged last entry means. */
  readonly outputs: boolean;
  readonly watermark: EpochMs;
  /** Earliest pending timer; absent where none is. The clock function sends ticks only where it matters. */
  readonly nextTimer: EpochMs | undefined;
  /**
   * Earliest timer of processing time; absent where none is, and in items from before there were any. A tick that is sent
   * at or after it makes it fire.
   */
  readonly nextProcessingTimer?: EpochMs | undefined;
  /** Watermark or rows that a downstream channel has not been told yet: a tick makes it send. */
  readonly owes: boolean;
  readonly codeVersion: string;
  /** The stamp of the stage that wrote it: a log is never continued by a stage that would misread its state. */
  readonly fingerprint: string;
  /** Counters since the partition began, for progress and alarms. */
  readonly counts: Readonly<Record<string, number>>;
  readonly body: Uint8Array;
};

export type SnapshotRef = {
  readonly v: number;
  readonly key: string;
  /** Objects that no snapshot in use refers to, each with the time since when that is known. */
  readonly unused?: readonly (readonly [key: string, since: EpochMs])[];
};

export type CommitLog = {
  /**
   * ONE consistent read of the items after `v`, in order (paged inside where they exceed 1 MB).
   * @param upTo - the last version that is wanted. @default all
   */
  readAfter(id: PartitionId, v: number, upTo?: number): Promise<readonly LogItem[]>;
  /** Conditional put of item `v`: it must not exist. On a lost race the nonce that stands there. */
  append(
    id: PartitionId,
    item: LogItem,
  ): Promise<{ readonly won: true } | { readonly won: false; readonly nonce: string }>;
  snapshot(id: PartitionId): Promise<SnapshotRef | undefined>;
  /** Records a snapshot; never replaces a newer one. */
  recordSnapshot(id: PartitionId, ref: SnapshotRef): Promise<void>;
  /**
   * Deletes items up to `v` that were written before `before`, never the last one; and of the bodies up to `v` those
   * that no item refers to: of attempts that lost their race, and of items that are gone.
   */
  truncate(id: PartitionId, v: number, before: EpochMs): Promise<void>;
};

/** Immutable objects under keys that are never reused: bodies, snapshots, Parquet files. */
export type Blobs = {
  /** Writes once: an existing object with the same key is left as it is (its bytes are the same). */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** `length` bytes from `from` on, fewer where the object ends before; undefined where there is no object or it ends before `from`. */
  getRange(key: string, from: number, length: number): Promise<Uint8Array | undefined>;
  /** All keys that begin with a prefix, in any order. */
  list(prefix: string): Promise<readonly string[]>;
  /** Deletes objects; those that are not there count as deleted. */
  remove(keys: readonly string[]): Promise<void>;
};

/** A record on its way into a Kinesis stream. `partition` of `partitions` sets the explicit hash key. */
export type OutRecord = {
  readonly partition: number;
  readonly partitions: number;
  readonly data: Uint8Array;
};

export type Streams = {
  /**
   * Resolves once every record has been accepted, keeping the order of records of one partition;
   * partial failures are retried with jitter inside. Rejects where the deadline passes first.
   */
  publish(stream: string, records: readonly OutRecord[]): Promise<void>;
};

/** A row of a view. `version` orders writers: a write takes effect only over a lower version. */
export type ViewWrite = {
  readonly view: string;
  readonly key: string | number;
  readonly sort: string | number;
  /** `undefined` deletes (a tombstone keeps the version). */
  readonly row: unknown;
  /** The row as `encodeValue` writes it, where that was made for the entry already. */
  readonly text?: string;
  readonly version: ViewVersion;
};
export type ViewVersion = { readonly epoch: number; readonly v: number };

export type Views = { write(writes: readonly ViewWrite[]): Promise<void> };

/** Failed events under ids that come from the entry: writing one again changes nothing. */
export type FailedEvents = {
  write(events: readonly (FailedEvent & { readonly failedId: string })[]): Promise<void>;
};

/** One file's worth of rows of a lake sink. `name` comes from the entry, so writing it again writes the same bytes. */
export type LakeWrite = {
  readonly sink: string;
  readonly partition: Readonly<Record<string, string>>;
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
};
export type Lake = { write(files: readonly LakeWrite[]): Promise<void> };

/** A key that a stage needs rows of. In a table with versions: the one that holds at `since`, and all later ones. */
export type LookupWant = { readonly key: Key; readonly since: EpochMs };

/** Rows as the store has them; or why it takes no such key, in its own words. */
export type StoredRows = { readonly rows: readonly unknown[] } | { readonly refused: string };

/** A file as a whole. */
type StoredFile = FileContent & { readonly etag: string };

/**
 * Tables outside, which others write. Every call rejects with `LOOKUP_UNAVAILABLE` where the table is not there, may not
 * be read or does not answer.
 */
export type Lookups = {
  /** What a DynamoDB table has of each wanted key, in that order. */
  rows(table: TableSpec, wants: readonly LookupWant[]): Promise<readonly StoredRows[]>;
  /** A file in S3; undefined while it is still the one with this ETag. */
  file(table: TableSpec, etag: string | undefined): Promise<StoredFile | undefined>;
};
