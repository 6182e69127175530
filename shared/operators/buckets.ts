import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import type { Cell } from "./cell.ts";
import type { Host } from "./host.ts";
import type { Panes } from "./panes.ts";

const RECENT = 16;

/** All cells that start at one time, whatever their key: one timer serves them all. */
export type Bucket = { readonly start: EpochMs; readonly cells: Map<Key, Cell> };

type Options = {
  /** Between two starts. */
  readonly every: DurationMs;
  /** From the start of a cell to its end. */
  readonly size: DurationMs;
  /** Arms the timer of a new bucket. */
  readonly arm: (start: EpochMs) => void;
  /** A cell as a change of the log. */
  readonly put: (cell: Cell) => Change;
};

/** The cells of an operator, one per key and start. A bucket of them goes as a whole, which the log says in one word. */
export class Buckets {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #options: Options;
  readonly #buckets = new Map<EpochMs, Bucket>();
  /** Of the buckets, some that were asked for last: most events fall into those of the one before. */
  readonly #recent: (Bucket | undefined)[] = new Array(RECENT).fill(undefined);
  /** Emptied, never replaced: code that pushes doubles was compiled for this very kind of array. */
  readonly #dropped: EpochMs[] = [];

  constructor(host: Host, panes: Panes, options: Options) {
    this.#host = host;
    this.#panes = panes;
    this.#options = options;
  }

  /** Cells of all keys. */
  get size(): number {
    let cells = 0;
    for (const bucket of this.#buckets.values()) cells += bucket.cells.size;
    return cells;
  }

  starts(): Iterable<EpochMs> {
    return this.#buckets.keys();
  }

  /** The oldest first. */
  get ordered(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => a.start - b.start);
  }

  at(start: EpochMs): Bucket | undefined {
    return this.#buckets.get(start);
  }

  /** The cell of a key; undefined where there is none yet, and its page was asked for. */
  find(start: EpochMs, key: Key): Cell | undefined {
    const cell = this.#buckets.get(start)?.cells.get(key);
    if (cell === undefined) this.#host.need(start, key);
    return cell;
  }

  /** The cell of a key, a new one where there is none. */
  cell(start: EpochMs, key: Key): Cell {
    const { cells } = this.#of(start);
    const existing = cells.get(key);
    if (existing !== undefined) return existing;
    this.#host.need(start, key);
    const created = this.#panes.create(key, start, (start + this.#options.size) as EpochMs);
    cells.set(key, created);
    this.#host.journal.note(() => {
      created.gone = true;
      cells.delete(key);
    });
    return created;
  }

  #of(start: EpochMs): Bucket {
    const slot = Math.abs(start / this.#options.every) % RECENT;
    const recent = this.#recent[slot];
    if (recent?.start === start) return recent;
    const bucket = this.#buckets.get(start) ?? this.#open(start);
    this.#recent[slot] = bucket;
    return bucket;
  }

  #open(start: EpochMs): Bucket {
    const bucket = { start, cells: new Map<Key, Cell>() };
    this.#buckets.set(start, bucket);
    this.#host.journal.note(() => this.forget(start));
    this.#options.arm(start);
    return bucket;
  }

  drop(bucket: Bucket): void {
    this.forget(bucket.start);
    for (const cell of bucket.cells.values()) cell.gone = true;
    this.#dropped.push(bucket.start);
    this.#host.journal.note(() => {
      this.#buckets.set(bucket.start, bucket);
      for (const cell of bucket.cells.values()) cell.gone = false;
    });
  }

  /** Drops the bucket that starts then, if there is one, by the log. */
  forget(start: EpochMs): void {
    this.#buckets.delete(start);
    this.#recent.fill(undefined);
  }

  /** The bucket that starts then, by the log: with no timer, for those are armed for all at once. */
  present(start: EpochMs): Bucket {
    const bucket = this.#buckets.get(start) ?? { start, cells: new Map() };
    this.#buckets.set(start, bucket);
    return bucket;
  }

  /** What the batch changed. */
  changes(): Change[] {
    const { id } = this.#host;
    const dropped = this.#dropped.map((start): Change => [id, "drop", start]);
    this.#dropped.length = 0;
    return [...this.#panes.takeDirty().map(this.#options.put), ...dropped];
  }

  /** Forgets what the batch changed. */
  clean(): void {
    this.#panes.clean();
    this.#dropped.length = 0;
  }

  *snapshot(): Iterable<Change> {
    for (const bucket of this.ordered) for (const cell of byKey(bucket)) yield this.#options.put(cell);
  }

  /** After a rollback or recovery. */
  rearm(): void {
    this.#panes.reset();
    this.#dropped.length = 0;
    for (const start of this.#buckets.keys()) this.#options.arm(start);
  }
}

export const byKey = ({ cells }: Bucket): Cell[] =>
  [...cells.values()].sort((a, b) => compareKeys(a.key, b.key));
