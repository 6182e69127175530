import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import { type Cell, CompositeAggregate, cellOf } from "./cell.ts";
import type { Host } from "./host.ts";
import type { StatefulOperator } from "./operator.ts";
import { Panes } from "./panes.ts";
import type { WindowOptions } from "./spec.ts";
import { type AnyWindow, newestStart } from "./window.ts";

/**
 * Whether windows can be put together from slices: hopping ones whose slides divide them, of aggregates for which the
 * parts say all, that are shown once. One with early or late panes must say how many it has had, and keeps its own
 * state.
 */
export const canBeSliced = (
  window: AnyWindow<unknown>,
  { aggregates, allowedLateness, trigger }: WindowOptions,
): boolean =>
  window.kind === "hopping" &&
  window.slide < window.size &&
  window.size % window.slide === 0 &&
  allowedLateness === 0 &&
  trigger.early === undefined &&
  Object.values(aggregates).every(({ divisible }) => divisible === true);

/** All cells of one slide, whatever their key. */
type Slice = { readonly start: EpochMs; readonly cells: Map<Key, Cell> };

/**
 * Hopping windows by slices (panes, in Li et al., "No pane, no gain", SIGMOD Record 2005): an event is added once, to
 * the cell of its key and slide, and a window is joined from the cells of its slides when it closes. An event costs
 * the same however many windows it is in, and state is a cell per key and slide instead of one per key and window.
 *
 * ```
 *   slices      ├──┼──┼──┼──┼──┤
 *   windows     ├──────────────┤        closes: its five slices are joined, the oldest goes
 *                  ├──────────────┤
 * ```
 */
export class SlicedWindows implements StatefulOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #aggregate: CompositeAggregate;
  readonly #size: DurationMs;
  readonly #slide: DurationMs;
  readonly #slices = new Map<EpochMs, Slice>();
  /** The slice that was asked for last. */
  #recent: Slice | undefined;
  readonly #extracted: unknown[] = [];
  readonly #dropped: EpochMs[] = [];

  constructor(host: Host, window: { size: DurationMs; slide: DurationMs }, options: WindowOptions) {
    this.#host = host;
    this.#aggregate = new CompositeAggregate(options.aggregates);
    this.#panes = new Panes(host, this.#aggregate, options.trigger);
    this.#size = window.size;
    this.#slide = window.slide;
  }

  get size(): number {
    let cells = 0;
    for (const slice of this.#slices.values()) cells += slice.cells.size;
    return cells;
  }

  readonly push = (value: unknown): void => {
    const { time, key, watermark } = this.#host.context;
    const start = newestStart(this.#slide, time);
    if (start + this.#size <= watermark) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    if (this.#host.careful()) {
      const cell = this.#slices.get(start)?.cells.get(key);
      if (!this.#panes.rehearse([cell === undefined ? [] : [cell]], value, this.#extracted)) return;
    }
    this.#panes.add(this.#cell(start, key), this.#extracted);
  };

  readonly pushCombined = (value: unknown): void => {
    const { time, key, watermark } = this.#host.context;
    const start = newestStart(this.#slide, time);
    const partial = this.#panes.partialOf(value, start + this.#size <= watermark);
    this.#panes.addPartial(this.#cell(start, key), partial);
  };

  #cell(start: EpochMs, key: Key): Cell {
    const { cells } = this.#slice(start);
    const existing = cells.get(key);
    if (existing !== undefined) return existing;
    // its end is that of the last window that it is part of
    const created = this.#panes.create(key, start, (start + this.#size) as EpochMs);
    cells.set(key, created);
    this.#host.journal.note(() => {
      created.gone = true;
      cells.delete(key);
    });
    return created;
  }

  #slice(start: EpochMs): Slice {
    if (this.#recent?.start === start) return this.#recent;
    const slice = this.#slices.get(start) ?? this.#open(start);
    this.#recent = slice;
    return slice;
  }

  #open(start: EpochMs): Slice {
    const slice: Slice = { start, cells: new Map() };
    this.#slices.set(start, slice);
    this.#host.journal.note(() => this.#forget(start));
    this.#arm(start);
    return slice;
  }

  #forget(start: EpochMs): void {
    this.#slices.delete(start);
    this.#recent = undefined;
  }

  /** For the next of the windows that the slice is part of: each arms the one that follows it. */
  #arm(start: EpochMs): void {
    const { timers, node, context } = this.#host;
    const next = newestStart(this.#slide, context.watermark);
    timers.arm(node, (Math.max(start, next) + this.#slide) as EpochMs);
  }

  onTimer(time: EpochMs): void {
    const { timers, node } = this.#host;
    const joined = this.#joined(time);
    const oldest = this.#slices.get((time - this.#size) as EpochMs);
    if (oldest !== undefined) this.#drop(oldest);
    for (const cell of joined) this.#panes.emit(cell, "on-time");
    const next = time + this.#slide;
    for (const start of this.#slices.keys())
      if (start < next) {
        timers.arm(node, next as EpochMs);
        return;
      }
  }

  /**
   * The window that ends at `end`: for each key that has an event in it, or for the one that is named, a cell that is
   * nobody's state, by key.
   */
  #joined(end: EpochMs, only?: Key): Cell[] {
    const start = (end - this.#size) as EpochMs;
    const joined = new Map<Key, Cell>();
    for (let at = start; at < end; at = (at + this.#slide) as EpochMs)
      for (const cell of cellsIn(this.#slices.get(at), only)) {
        if (cell.pending === 0) continue;
        const sum = joined.get(cell.key);
        if (sum !== undefined) this.#aggregate.mergeInto(sum.accumulators, cell.accumulators);
        else {
          const accumulators = this.#aggregate.clone(cell.accumulators);
          const kept = { key: cell.key, start, end, accumulators, versions: undefined, panes: 0, pending: 1 };
          joined.set(cell.key, cellOf(kept));
        }
      }
    return [...joined.values()].sort((a, b) => compareKeys(a.key, b.key));
  }

  #drop(slice: Slice): void {
    this.#forget(slice.start);
    for (const cell of slice.cells.values()) cell.gone = true;
    this.#dropped.push(slice.start);
    this.#host.journal.note(() => {
      this.#slices.set(slice.start, slice);
      for (const cell of slice.cells.values()) cell.gone = false;
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

  #put({ start, key, accumulators, pending }: Cell): Change {
    return [this.#host.id, "put", start, key, accumulators, pending];
  }

  *snapshot(): Iterable<Change> {
    for (const slice of [...this.#slices.values()].sort((a, b) => a.start - b.start))
      for (const cell of [...slice.cells.values()].sort((a, b) => compareKeys(a.key, b.key)))
        yield this.#put(cell);
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") {
      this.#forget(content[0] as EpochMs);
      return;
    }
    const [start, key, accumulators, pending] = content as [EpochMs, Key, unknown[], number];
    const slice = this.#slices.get(start) ?? { start, cells: new Map<Key, Cell>() };
    this.#slices.set(start, slice);
    const end = (start + this.#size) as EpochMs;
    const kept = { key, start, end, accumulators, versions: undefined, panes: 0, pending };
    slice.cells.set(key, cellOf(kept));
  }

  /** The windows that are open and that a slice of the key is part of. */
  stateOf(key: Key): unknown {
    const { watermark } = this.#host.context;
    const ends = new Set<EpochMs>();
    for (const { start, cells } of this.#slices.values())
      if (cells.has(key))
        for (let end = start + this.#slide; end <= start + this.#size; end += this.#slide)
          if (end > watermark) ends.add(end as EpochMs);
    const cells = [...ends].sort((a, b) => a - b).flatMap((end) => this.#joined(end, key));
    return this.#panes.stateOf(cells);
  }

  rearm(): void {
    this.#panes.reset();
    this.#dropped.length = 0;
    for (const start of this.#slices.keys()) this.#arm(start);
  }
}

function cellsIn(slice: Slice | undefined, only: Key | undefined): Iterable<Cell> {
  if (slice === undefined) return [];
  if (only === undefined) return slice.cells.values();
  const cell = slice.cells.get(only);
  return cell === undefined ? [] : [cell];
}
