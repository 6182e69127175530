import { MillraceError } from "../errors/millrace-error.ts";
import { Fold } from "../operators/fold.ts";
import type { Stage } from "../operators/stage.ts";
import type { Change } from "../state/change.ts";
import { decodeValue } from "../state/codec.ts";
import { type BlockRef, contentOf, type Page, type PageRecord } from "../state/page.ts";
import { unreadable } from "../state/stamp.ts";
import type { Channel } from "./channel.ts";
import { decodeEntry, type Entry, hasOutputs } from "./entry.ts";
import type { Environment } from "./environment.ts";
import { isFence } from "./fence.ts";
import { Inbox } from "./inbox.ts";
import { cachedLookups, type LookupSession } from "./lookup/sessions.ts";
import type { Blobs, CommitLog, LogItem, PartitionId, SnapshotRef } from "./ports.ts";
import { readBlocks } from "./read-blocks.ts";
import { decodeFirstSnapshot, decodeSnapshot, FIRST_BYTES, indexEnd, type SnapshotHead } from "./snapshot.ts";

/** What a replica reaches of the world: it reads. */
export type ReplicaEnvironment = Pick<
  Environment,
  "compression" | "codeVersion" | "state" | "lookups" | "clock"
> & {
  readonly log: Pick<CommitLog, "readAfter" | "snapshot">;
  readonly blobs: Pick<Blobs, "get" | "getRange">;
};

/**
 * A partition as of version `v`: state, positions, channels. A warm environment keeps it between
 * invocations; before each use, one consistent read of the log tells whether somebody else has gone on.
 */
export class Replica {
  readonly #id: PartitionId;
  readonly #stage: Stage;
  readonly #env: ReplicaEnvironment;
  readonly #lookups: LookupSession;
  fold: Fold;
  inbox: Inbox = new Inbox();
  channels: readonly Channel[] = [];
  v = 0;
  /** The last entry, while its outputs are not known to have been acknowledged by all. */
  unpublished: Entry | undefined;
  /** Entries and their bytes since the last snapshot: what a cold start reads. */
  sinceSnapshot = { entries: 0, bytes: 0 };
  /** The snapshot that the state in memory stands on, and what it cost. */
  snapshotKey: string | undefined;
  snapshotBytes = 0;
  /** Objects that hold blocks of it, by size. */
  objects: ReadonlyMap<string, number> = new Map();
  /** More state is in memory than there should be. */
  crowded = false;
  #warm = false;

  constructor(
    stage: Stage,
    id: PartitionId,
    env: ReplicaEnvironment,
    lookups: LookupSession = cachedLookups(env)(),
  ) {
    this.#id = id;
    this.#stage = stage;
    this.#env = env;
    this.#lookups = lookups;
    this.fold = this.#newFold();
  }

  #newFold(): Fold {
    const { codeVersion } = this.#env;
    return new Fold(this.#stage, { codeVersion, lookups: this.#lookups });
  }

  /** Catches up with the log. */
  async refresh(): Promise<void> {
    if (!this.#warm) await this.#restore();
    let items = await this.#env.log.readAfter(this.#id, this.v);
    if (hasGap(items, this.v)) {
      await this.#restore();
      items = await this.#env.log.readAfter(this.#id, this.v);
      if (hasGap(items, this.v)) throw this.#broken("LOG_GAP", `entry ${this.v + 1} is missing`);
    }
    if (this.#id.epoch > 0 && this.v + items.length === 0)
      throw this.#broken("EPOCH_EMPTY", `no savepoint was restored into epoch ${this.#id.epoch}`);
    this.#warm = false;
    this.#apply(items);
    this.#warm = true;
    this.#lookups.begin();
  }

  /** Takes over an entry that this replica committed itself: its fold has it already. */
  committed(v: number, entry: Entry, bytes: number): void {
    this.fold.keep();
    this.#note(v, entry, bytes);
  }

  /** Whether the log says all this already: a tick that moved nothing is not worth a write. */
  says({ positions, time, counts }: Entry): boolean {
    const known = this.fold.sealed;
    return (
      counts.input === known.counts.input &&
      time.watermark === known.time.watermark &&
      time.firstTickAt === known.time.firstTickAt &&
      positions.every(([source, at]) => typeof at === "string" || this.inbox.channel(source, at) === "drop")
    );
  }

  #note(v: number, entry: Entry, bytes: number): void {
    this.v = v;
    this.inbox = new Inbox(entry.positions);
    this.channels = entry.channels;
    this.unpublished = hasOutputs(entry) ? entry : undefined;
    this.sinceSnapshot = { entries: this.sinceSnapshot.entries + 1, bytes: this.sinceSnapshot.bytes + bytes };
  }

  /** Takes up time once, after the last of them: that looks at all state, whatever the entries changed. */
  #apply(items: readonly LogItem[]): void {
    let last: Entry | undefined;
    for (const item of items) {
      if (isFence(item))
        throw this.#broken("EPOCH_ENDED", `epoch ${this.#id.epoch} has ended: a savepoint was restored`);
      this.#accept(item.fingerprint, `entry ${item.v}`);
      last = decodeEntry(item.body, this.#env.compression);
      this.fold.apply(last.changes);
      this.#note(item.v, last, item.body.length);
    }
    if (last !== undefined) this.fold.resume(last.time, last.counts);
  }

  /** Starts over from the newest snapshot, or from nothing. */
  async #restore(): Promise<void> {
    this.#warm = false;
    this.fold = this.#newFold();
    this.inbox = new Inbox();
    this.channels = [];
    this.v = 0;
    this.unpublished = undefined;
    this.sinceSnapshot = { entries: 0, bytes: 0 };
    this.snapshotKey = undefined;
    this.snapshotBytes = 0;
    this.objects = new Map();
    this.crowded = false;
    const ref = await this.#env.log.snapshot(this.#id);
    if (ref === undefined) return;
    const start = await this.#read(ref, 0, FIRST_BYTES);
    const end = indexEnd(start);
    if (end === undefined) await this.#restoreFirst(ref);
    else await this.#restorePages(ref, start, end);
    this.v = ref.v;
    this.snapshotKey = ref.key;
  }

  /** Reads the index, and the state where it is small; else pages are read when a batch needs them. */
  async #restorePages(ref: SnapshotRef, first: Uint8Array, end: number): Promise<void> {
    const { blobs, compression, state } = this.#env;
    const start = first.length >= end ? first : await this.#read(ref, 0, end);
    const { head, unpaged, pages, objects } = decodeSnapshot(ref.key, start, compression);
    this.#accept(head.fingerprint, `the snapshot of ${ref.v}`);
    const all = [...pages.values()].flat();
    const refs = all.flatMap(({ chain }) => chain);
    const eager = refs.reduce((n, { length }) => n + length, 0) <= (state?.eagerBytes ?? EAGER_BYTES);
    const bytes = await readBlocks(blobs, eager ? [...unpaged, ...refs] : unpaged, {
      object: ref.key,
      bytes: start,
    });
    if (bytes === undefined)
      throw this.#broken("SNAPSHOT_UNKNOWN", `a part of snapshot "${ref.key}" is missing`);
    for (const block of unpaged) this.fold.apply(this.#decode(bytes.get(block)) as Change[]);
    this.fold.resume(head.time, head.counts, pages);
    if (eager) this.#load(all, bytes);
    this.#continue(head);
    this.objects = objects;
    this.snapshotBytes = end + (objects.get(ref.key) ?? 0);
  }

  /** Reads a snapshot from before there were pages. All of it counts as changed: the next one is of pages. */
  async #restoreFirst(ref: SnapshotRef): Promise<void> {
    const bytes = await this.#env.blobs.get(ref.key);
    if (bytes === undefined) throw this.#broken("SNAPSHOT_UNKNOWN", `snapshot "${ref.key}" is missing`);
    const snapshot = decodeFirstSnapshot(bytes, this.#env.compression);
    this.#accept(snapshot.fingerprint, `the snapshot of ${ref.v}`);
    this.fold.apply(snapshot.changes);
    this.fold.resume(snapshot.time, snapshot.counts);
    this.#continue(snapshot);
    this.snapshotBytes = bytes.length;
  }

  #continue({ positions, channels }: SnapshotHead): void {
    this.inbox = new Inbox(positions);
    this.channels = channels;
  }

  async #read({ key }: SnapshotRef, from: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#env.blobs.getRange(key, from, length);
    if (bytes === undefined) throw this.#broken("SNAPSHOT_UNKNOWN", `snapshot "${key}" is missing`);
    return bytes;
  }

  /**
   * Reads the pages and looks up the rows that the last batch lacked. It was taken back, and is to be folded again; after
   * `startOver`, where a page is gone with its snapshot, from the newest state.
   */
  async fetchMissing(): Promise<"fetched" | "out of date"> {
    const { missing: pages, lacks } = this.fold;
    this.fold.rollback();
    if (lacks.length > 0) await this.#lookups.fetch(lacks);
    const bytes = await readBlocks(
      this.#env.blobs,
      pages.flatMap(({ chain }) => chain),
    );
    if (bytes === undefined) {
      this.startOver();
      return "out of date";
    }
    this.#load(pages, bytes);
    return "fetched";
  }

  #load(pages: readonly Page[], bytes: ReadonlyMap<BlockRef, Uint8Array>): void {
    for (const page of pages) page.used = this.v;
    this.fold.load(
      pages.map((page) => [
        page,
        contentOf(page.chain.map((ref) => this.#decode(bytes.get(ref)) as readonly PageRecord[])),
      ]),
    );
    this.crowded = this.#residentChars() > this.#mostResident;
  }

  #decode(block: Uint8Array | undefined): unknown {
    const bytes = this.#env.compression.decompress(block ?? new Uint8Array(), MAX_BLOCK_BYTES);
    return decodeValue(new TextDecoder().decode(bytes));
  }

  /** Forgets pages, longest unused first, where there are too many in memory. All are written. */
  relieve(): void {
    this.crowded = false;
    let chars = this.#residentChars();
    if (chars <= this.#mostResident) return;
    const evicted: Page[] = [];
    for (const page of this.#residents().sort((a, b) => a.used - b.used)) {
      if (chars <= this.#mostResident / 2) break;
      chars -= charsOf(page);
      evicted.push(page);
    }
    this.fold.evict(evicted);
  }

  #residents(): Page[] {
    return [...this.fold.paged].flatMap(({ pages }) => pages.list.filter(({ resident }) => resident));
  }

  #residentChars(): number {
    return this.#residents().reduce((n, page) => n + charsOf(page), 0);
  }

  get #mostResident(): number {
    return this.#env.state?.residentChars ?? RESIDENT_CHARS;
  }

  /** The state in memory is what this snapshot holds. */
  standOn(key: string, objects: ReadonlyMap<string, number>, bytes: number): void {
    this.snapshotKey = key;
    this.objects = objects;
    this.snapshotBytes = bytes;
    this.sinceSnapshot = { entries: 0, bytes: 0 };
  }

  /** Counts entries from a snapshot that somebody else has taken. */
  countFrom(v: number): void {
    const { entries, bytes } = this.sinceSnapshot;
    const since = Math.min(entries, this.v - v);
    this.sinceSnapshot = { entries: since, bytes: entries === 0 ? 0 : (bytes * since) / entries };
  }

  /** The next use starts from the newest snapshot, as if there were nothing in memory. */
  startOver(): void {
    this.#warm = false;
  }

  #accept(stamp: string, what: string): void {
    const why = unreadable(this.#stage, stamp);
    if (why === undefined) return;
    if (why === "shape")
      throw this.#broken(
        "STATE_MISMATCH",
        `${what} was written by another shape of this stage; deploy it under a new id or restore the operator`,
      );
    const [operator, state, version] = why;
    throw this.#broken(
      "STATE_VERSION",
      `${what} was written by code that keeps "${state}" of operator "${operator}" in version ${version}, which this code does not know; deploy the newer code again`,
    );
  }

  #broken(code: Passing | Halting, sentence: string): MillraceError {
    const { stage, partition } = this.#id;
    return new MillraceError(code, `stage "${stage}", partition ${partition}: ${sentence}`, {
      next: HALTING.has(code) ? "halted" : "retried",
    });
  }
}

type Passing = "EPOCH_EMPTY" | "LOG_GAP" | "SNAPSHOT_UNKNOWN";
type Halting = "EPOCH_ENDED" | "STATE_MISMATCH" | "STATE_VERSION";
const HALTING: ReadonlySet<string> = new Set<Halting>(["EPOCH_ENDED", "STATE_MISMATCH", "STATE_VERSION"]);

/** State of at most so many bytes is read at once: two requests would take longer than its bytes. */
const EAGER_BYTES = 1024 * 1024;
const RESIDENT_CHARS = 32 * 1024 * 1024;
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

const charsOf = ({ chain }: Page): number => chain.reduce((n, { chars }) => n + chars, 0);

const hasGap = (items: readonly LogItem[], v: number): boolean =>
  items.some((item, i) => item.v !== v + 1 + i);
