import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import type { Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import { type Bucket, Buckets, byKey } from "./buckets.ts";
import { type Cell, CompositeAggregate, cellOf } from "./cell.ts";
import type { Host } from "./host.ts";
import { type KeptByStart, placeByStart, putByStart, wakesByStart } from "./kept-by-start.ts";
import type { ClockTimers, PagedOperator } from "./operator.ts";
import { Panes } from "./panes.ts";
import type { WindowOptions } from "./spec.ts";
import { newestStart } from "./window.ts";
import { WindowEnds } from "./window-ends.ts";

/** Tumbling windows, and hopping ones of which no more than two overlap: state is one cell per key and open window. */
export class AlignedWindows implements PagedOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #size: DurationMs;
  readonly #slide: DurationMs;
  readonly #lateness: DurationMs;
  readonly #buckets: Buckets;
  readonly #ends: WindowEnds<Bucket>;
  readonly #extracted: unknown[] = [];

  constructor(host: Host, window: { size: DurationMs; slide: DurationMs }, options: WindowOptions) {
    this.#host = host;
    this.#panes = new Panes(host, new CompositeAggregate(options.aggregates), options.trigger);
    this.#size = window.size;
    this.#slide = window.slide;
    this.#lateness = options.allowedLateness;
    this.#buckets = new Buckets(host, this.#panes, {
      every: window.slide,
      size: window.size,
      arm: (start) => this.#ends.arm(start),
      put: (cell) => putByStart(host.id, cell),
    });
    this.#ends = new WindowEnds(
      host,
      this.#panes,
      { size: window.size, lateness: options.allowedLateness },
      {
        at: (start) => this.#buckets.at(start),
        cellsOf: byKey,
        drop: (bucket) => this.#buckets.drop(bucket),
      },
    );
  }

  get clocks(): ClockTimers | undefined {
    return this.#panes.early;
  }

  get size(): number {
    return this.#buckets.size;
  }

  readonly push = (value: unknown): void => {
    const { time, key } = this.#host.context;
    const newest = newestStart(this.#slide, time);
    const over = this.#over();
    if (newest <= over) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    if (this.#panes.migrates && !this.#panes.migrate(this.#cellsOf(newest, over).flat(), value)) return;
    if (this.#host.careful() && !this.#panes.rehearse(this.#cellsOf(newest, over), value, this.#extracted))
      return;
    for (let start = newest; start > over; start = (start - this.#slide) as EpochMs)
      this.#panes.add(this.#buckets.cell(start, key), this.#extracted);
  };

  readonly pushCombined = (value: unknown): void => {
    const { time, key } = this.#host.context;
    const newest = newestStart(this.#slide, time);
    const over = this.#over();
    const partial = this.#panes.partialOf(value, newest <= over);
    for (let start = newest; start > over; start = (start - this.#slide) as EpochMs)
      this.#panes.addPartial(this.#buckets.cell(start, key), partial);
  };

  /** Windows that start up to here end before the event at hand, or are over. */
  #over(): number {
    const { time, watermark } = this.#host.context;
    return Math.max(time, watermark - this.#lateness) - this.#size;
  }

  /** Of each window of the event at hand the cell that there is, if any; the newest first. */
  #cellsOf(newest: EpochMs, over: number): Cell[][] {
    const { key } = this.#host.context;
    const windows: Cell[][] = [];
    for (let start = newest; start > over; start = (start - this.#slide) as EpochMs) {
      const cell = this.#buckets.find(start, key);
      windows.push(cell === undefined ? [] : [cell]);
    }
    return windows;
  }

  onTimer(time: EpochMs): void {
    this.#ends.onTimer(time);
  }

  changes(): Change[] {
    return this.#buckets.changes();
  }

  clean(): void {
    this.#buckets.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#buckets.snapshot();
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") {
      this.#buckets.forget(content[0] as EpochMs);
      return;
    }
    const [start, key, accumulators, panes, pending, kept] = content as KeptByStart;
    const end = (start + this.#size) as EpochMs;
    const versions = this.#panes.versionsOf(kept);
    const cell = cellOf({ key, start, end, accumulators, versions, panes, pending });
    this.#buckets.present(start).cells.set(key, cell);
  }

  placeOf(change: Change): Place | undefined {
    return placeByStart(change);
  }

  stateAt([start, key]: Place): Change[] {
    const cell = this.#buckets.at(start as EpochMs)?.cells.get(key);
    return cell === undefined ? [] : [putByStart(this.#host.id, cell)];
  }

  evict([start, key]: Place): void {
    const cells = this.#buckets.at(start as EpochMs)?.cells;
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
    if (this.#ends.isOpen(start)) this.#buckets.present(start);
  }

  stateOf(key: Key): unknown {
    return this.#panes.stateOf(this.#buckets.ordered.flatMap(({ cells }) => cells.get(key) ?? []));
  }

  rearm(): void {
    this.#buckets.rearm();
    for (const { cells } of this.#buckets.ordered)
      for (const cell of cells.values()) if (cell.pending > 0) this.#panes.early?.await(cell);
  }
}
