import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import type { Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import { type Cell, CompositeAggregate, cellOf } from "./cell.ts";
import type { Host } from "./host.ts";
import { type KeptByStart, placeByStart, putByStart, wakesByStart } from "./kept-by-start.ts";
import type { ClockTimers, PagedOperator } from "./operator.ts";
import { Panes } from "./panes.ts";
import type { WindowOptions } from "./spec.ts";
import { newestStart } from "./window.ts";

const RECENT = 16;

/** All cells of one window, whatever their key: one timer serves them all. */
type Bucket = { readonly start: EpochMs; readonly end: EpochMs; readonly cells: Map<Key, Cell> };

/**
 * Tumbling windows, and hopping ones of which no more than two overlap: state is one cell per key and open window.
 *
 * ```
 *  start          end                 end + allowedLateness
 *    ├── events ───┼── late panes ──────┤ state goes; from here events are late output
 *                  └ on-time pane, when the watermark gets here
 * ```
 */
export class AlignedWindows implements PagedOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #size: DurationMs;
  readonly #slide: DurationMs;
  readonly #lateness: DurationMs;
  readonly #buckets = new Map<EpochMs, Bucket>();
  /** Of the buckets, some that were asked for last: most events fall into the windows of the one before. */
  readonly #recent: (Bucket | undefined)[] = new Array(RECENT).fill(undefined);
  readonly #extracted: unknown[] = [];
  /** Emptied, never replaced: code that pushes doubles was compiled for this very kind of array. */
  readonly #dropped: EpochMs[] = [];

  constructor(host: Host, window: { size: DurationMs; slide: DurationMs }, options: WindowOptions) {
    this.#host = host;
    this.#panes = new Panes(host, new CompositeAggregate(options.aggregates), options.trigger);
    this.#size = window.size;
    this.#slide = window.slide;
    this.#lateness = options.allowedLateness;
  }

  get clocks(): ClockTimers {
    return this.#panes.early;
  }

  get size(): number {
    let cells = 0;
    for (const bucket of this.#buckets.values()) cells += bucket.cells.size;
    return cells;
  }

  readonly push = (value: unknown): void => {
    const { time, key, watermark } = this.#host.context;
    const newest = newestStart(this.#slide, time);
    const open = watermark - this.#lateness - this.#size;
    if (newest <= open) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    if (this.#panes.migrates && !this.#panes.migrate(this.#cellsOf(newest, open).flat(), value)) return;
    if (this.#host.careful() && !this.#panes.rehearse(this.#cellsOf(newest, open), value, this.#extracted))
      return;
    for (
      let start = newest;
      start + this.#size > time && start > open;
      start = (start - this.#slide) as EpochMs
    )
      this.#panes.add(this.#cell(start, key), this.#extracted);
  };

  readonly pushCombined = (value: unknown): void => {
    const { time, key, watermark } = this.#host.context;
    const newest = newestStart(this.#slide, time);
    const open = watermark - this.#lateness - this.#size;
    const partial = this.#panes.partialOf(value, newest <= open);
    for (
      let start = newest;
      start + this.#size > time && start > open;
      start = (start - this.#slide) as EpochMs
    )
      this.#panes.addPartial(this.#cell(start, key), partial);
  };

  /** Of each window of the event at hand the cell that there is, if any. */
  #cellsOf(newest: EpochMs, open: number): Cell[][] {
    const { time, key } = this.#host.context;
    const windows: Cell[][] = [];
    for (
      let start = newest;
      start + this.#size > time && start > open;
      start = (start - this.#slide) as EpochMs
    ) {
      const cell = this.#buckets.get(start)?.cells.get(key);
      if (cell === undefined) this.#host.need(start, key);
      windows.push(cell === undefined ? [] : [cell]);
    }
    return windows;
  }

  #cell(start: EpochMs, key: Key): Cell {
    const { journal } = this.#host;
    const { cells, end } = this.#bucket(start);
    let cell = cells.get(key);
    if (cell === undefined) {
      this.#host.need(start, key);
      const created = this.#panes.create(key, start, end);
      cell = created;
      cells.set(key, created);
      journal.note(() => {
        created.gone = true;
        cells.delete(key);
      });
    }
    return cell;
  }

  #bucket(start: EpochMs): Bucket {
    const slot = Math.abs(start / this.#slide) % RECENT;
    const recent = this.#recent[slot];
    if (recent?.start === start) return recent;
    const bucket = this.#buckets.get(start) ?? this.#open(start);
    this.#recent[slot] = bucket;
    return bucket;
  }

  #open(start: EpochMs): Bucket {
    const bucket = { start, end: (start + this.#size) as EpochMs, cells: new Map<Key, Cell>() };
    this.#buckets.set(start, bucket);
    this.#host.journal.note(() => this.#forget(start));
    this.#arm(bucket);
    return bucket;
  }

  #forget(start: EpochMs): void {
    this.#buckets.delete(start);
    this.#recent.fill(undefined);
  }

  #arm({ end }: Bucket): void {
    const { timers, node, context } = this.#host;
    timers.arm(node, end > context.watermark ? end : ((end + this.#lateness) as EpochMs));
  }

  onTimer(time: EpochMs): void {
    const { timers, node } = this.#host;
    const onTime = this.#buckets.get((time - this.#size) as EpochMs);
    if (onTime !== undefined && this.#lateness > 0) {
      for (const cell of byKey(onTime))
        if (this.#panes.hasOnTimePane(cell)) this.#panes.fire(cell, "on-time");
      timers.arm(node, (time + this.#lateness) as EpochMs);
    }
    const expired = this.#buckets.get((time - this.#size - this.#lateness) as EpochMs);
    if (expired === undefined) return;
    this.#drop(expired);
    if (this.#lateness === 0)
      for (const cell of byKey(expired))
        if (this.#panes.hasOnTimePane(cell)) this.#panes.emit(cell, "on-time");
  }

  #drop(bucket: Bucket): void {
    this.#forget(bucket.start);
    for (const cell of bucket.cells.values()) cell.gone = true;
    this.#dropped.push(bucket.start);
    this.#host.journal.note(() => {
      this.#buckets.set(bucket.start, bucket);
      for (const cell of bucket.cells.values()) cell.gone = false;
    });
  }

  changes(): Change[] {
    const { id } = this.#host;
    const dropped = this.#dropped.map((start): Change => [id, "drop", start]);
    this.#dropped.length = 0;
    return [...this.#panes.takeDirty().map((cell) => this.#put(cell)), ...dropped];
  }

  clean(): void {
    this.#panes.clean();
    this.#dropped.length = 0;
  }

  #put(cell: Cell): Change {
    return putByStart(this.#host.id, cell);
  }

  *snapshot(): Iterable<Change> {
    for (const bucket of [...this.#buckets.values()].sort((a, b) => a.start - b.start))
      for (const cell of byKey(bucket)) yield this.#put(cell);
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") {
      this.#forget(content[0] as EpochMs);
      return;
    }
    const [start, key, accumulators, panes, pending, kept] = content as KeptByStart;
    const { end, cells } = this.#present(start);
    const versions = this.#panes.versionsOf(kept);
    cells.set(key, cellOf({ key, start, end, accumulators, versions, panes, pending }));
  }

  /** The bucket, with no timer: those are armed for all at once. */
  #present(start: EpochMs): Bucket {
    const end = (start + this.#size) as EpochMs;
    const bucket = this.#buckets.get(start) ?? { start, end, cells: new Map() };
    this.#buckets.set(start, bucket);
    return bucket;
  }

  placeOf(change: Change): Place | undefined {
    return placeByStart(change);
  }

  stateAt([start, key]: Place): Change[] {
    const cell = this.#buckets.get(start as EpochMs)?.cells.get(key);
    return cell === undefined ? [] : [this.#put(cell)];
  }

  evict([start, key]: Place): void {
    const cells = this.#buckets.get(start as EpochMs)?.cells;
    const cell = cells?.get(key);
    if (cell === undefined) return;
    cell.gone = true;
    cells?.delete(key);
  }

  wakes(change: Change): Wakes {
    const bounds = { size: this.#size, lateness: this.#lateness };
    return wakesByStart(change, bounds, this.#host.context, this.#panes);
  }

  expect(start: EpochMs): void {
    if (start + this.#size + this.#lateness > this.#host.context.watermark) this.#present(start);
  }

  stateOf(key: Key): unknown {
    const buckets = [...this.#buckets.values()].sort((a, b) => a.start - b.start);
    return this.#panes.stateOf(buckets.flatMap(({ cells }) => cells.get(key) ?? []));
  }

  rearm(): void {
    this.#panes.reset();
    this.#dropped.length = 0;
    for (const bucket of this.#buckets.values()) {
      this.#arm(bucket);
      for (const cell of bucket.cells.values()) if (cell.pending > 0) this.#panes.early.await(cell);
    }
  }
}

const byKey = (bucket: Bucket): Cell[] =>
  [...bucket.cells.values()].sort((a, b) => compareKeys(a.key, b.key));
