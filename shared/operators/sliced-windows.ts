import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import { type Bucket, Buckets } from "./buckets.ts";
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
  readonly #slices: Buckets;
  readonly #extracted: unknown[] = [];

  constructor(host: Host, window: { size: DurationMs; slide: DurationMs }, options: WindowOptions) {
    this.#host = host;
    this.#aggregate = new CompositeAggregate(options.aggregates);
    this.#panes = new Panes(host, this.#aggregate, options.trigger);
    this.#size = window.size;
    this.#slide = window.slide;
    // the end of a cell is that of the last window that it is part of
    this.#slices = new Buckets(host, this.#panes, {
      every: window.slide,
      size: window.size,
      arm: (start) => this.#arm(start),
      put: ({ start, key, accumulators, pending }) => [host.id, "put", start, key, accumulators, pending],
    });
  }

  get size(): number {
    return this.#slices.size;
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
      const cell = this.#slices.find(start, key);
      if (!this.#panes.rehearse([cell === undefined ? [] : [cell]], value, this.#extracted)) return;
    }
    this.#panes.add(this.#slices.cell(start, key), this.#extracted);
  };

  readonly pushCombined = (value: unknown): void => {
    const { time, key, watermark } = this.#host.context;
    const start = newestStart(this.#slide, time);
    const partial = this.#panes.partialOf(value, start + this.#size <= watermark);
    this.#panes.addPartial(this.#slices.cell(start, key), partial);
  };

  /** For the next of the windows that the slice is part of: each arms the one that follows it. */
  #arm(start: EpochMs): void {
    const { timers, node, context } = this.#host;
    const next = newestStart(this.#slide, context.watermark);
    timers.arm(node, (Math.max(start, next) + this.#slide) as EpochMs);
  }

  onTimer(time: EpochMs): void {
    const { timers, node } = this.#host;
    const joined = this.#joined(time);
    const oldest = this.#slices.at((time - this.#size) as EpochMs);
    if (oldest !== undefined) this.#slices.drop(oldest);
    for (const cell of joined) this.#panes.emit(cell, "on-time");
    const next = time + this.#slide;
    for (const start of this.#slices.starts())
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
      for (const cell of cellsIn(this.#slices.at(at), only)) {
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

  changes(): Change[] {
    return this.#slices.changes();
  }

  clean(): void {
    this.#slices.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#slices.snapshot();
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") {
      this.#slices.forget(content[0] as EpochMs);
      return;
    }
    const [start, key, accumulators, pending] = content as [EpochMs, Key, unknown[], number];
    const end = (start + this.#size) as EpochMs;
    const kept = { key, start, end, accumulators, versions: undefined, panes: 0, pending };
    this.#slices.present(start).cells.set(key, cellOf(kept));
  }

  /** The windows that are open and that a slice of the key is part of. */
  stateOf(key: Key): unknown {
    const { watermark } = this.#host.context;
    const ends = new Set<EpochMs>();
    for (const { start, cells } of this.#slices.ordered)
      if (cells.has(key))
        for (let end = start + this.#slide; end <= start + this.#size; end += this.#slide)
          if (end > watermark) ends.add(end as EpochMs);
    const cells = [...ends].sort((a, b) => a - b).flatMap((end) => this.#joined(end, key));
    return this.#panes.stateOf(cells);
  }

  rearm(): void {
    this.#slices.rearm();
  }
}

function cellsIn(slice: Bucket | undefined, only: Key | undefined): Iterable<Cell> {
  if (slice === undefined) return [];
  if (only === undefined) return slice.cells.values();
  const cell = slice.cells.get(only);
  return cell === undefined ? [] : [cell];
}
