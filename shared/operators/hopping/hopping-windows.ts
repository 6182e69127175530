import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import type { Wakes } from "../../state/page.ts";
import type { Place } from "../../state/place.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import { type Cell, CompositeAggregate } from "../cell.ts";
import type { Host } from "../host.ts";
import { type KeptByStart, placeByStart, putByStart, wakesByStart } from "../kept-by-start.ts";
import type { ClockTimers, PagedOperator } from "../operator.ts";
import { Panes } from "../panes.ts";
import type { WindowOptions } from "../spec.ts";
import { WindowEnds } from "../window-ends.ts";
import { RowCell } from "./row-cell.ts";
import type { BlockShape, WindowBlock } from "./window-block.ts";
import { type At, WindowBlocks } from "./window-blocks.ts";
import type { WindowRow } from "./window-row.ts";

/** Windows of one block at most: what a batch copies of a key is bounded by it. */
const MOST_PLACES = 64;

/**
 * Whether an event is in so many windows that a row of them costs less than a cell for each. Of two, cells are as fast
 * for keys with many events and faster for keys with one.
 */
export const areMany = ({ size, slide }: Hop): boolean => size / slide > 2;

type Hop = { readonly size: DurationMs; readonly slide: DurationMs };

/** A window of all keys: the rows by key. */
type Window = At & { readonly rows: readonly WindowRow[] };
type InRow = (row: WindowRow, from: number, to: number) => void;

/**
 * Hopping windows that are not made of slices: each event is added to each of its windows. To the log and to pages, state
 * is one cell per key and open window, as that of tumbling windows is; in memory, what a key has in windows that start one
 * after another lies in one row, so that an event finds its windows by two look-ups, however many they are.
 *
 * ```
 *   windows by start   ├─ block ─┼─ block ─┤      an event is in as many windows as a block has:
 *   of a key           │ · · · x x x x · · │      in a row of one block, or of two
 * ```
 */
export class HoppingWindows implements PagedOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #shape: BlockShape;
  readonly #lateness: DurationMs;
  /** Whether panes are shown before their time. */
  readonly #isEarly: boolean;
  readonly #fallible: boolean;
  readonly #blocks: WindowBlocks;
  readonly #ends: WindowEnds<Window>;
  readonly #extracted: unknown[] = [];
  #dirty: WindowRow[] = [];
  readonly #dropped: Window[] = [];

  constructor(host: Host, window: Hop, options: WindowOptions) {
    const { size, slide } = window;
    const aggregate = new CompositeAggregate(options.aggregates);
    this.#host = host;
    this.#panes = new Panes(host, aggregate, options.trigger, { touch: (cell) => this.#touchCell(cell) });
    const places = Math.min(Math.ceil(size / slide), MOST_PLACES);
    this.#shape = { size, slide, places, aggregate };
    this.#blocks = new WindowBlocks(this.#shape, host.journal);
    this.#lateness = options.allowedLateness;
    this.#isEarly = this.#panes.early !== undefined;
    this.#fallible = aggregate.fallible;
    this.#ends = new WindowEnds(
      host,
      this.#panes,
      { size, lateness: options.allowedLateness },
      {
        at: (start) => this.#inAll(start),
        cellsOf: ({ rows, i }) => rows.map((row) => this.#cell(row, i)),
        drop: (window) => this.#drop(window),
      },
    );
  }

  get clocks(): ClockTimers | undefined {
    return this.#panes.early;
  }

  get size(): number {
    return this.#blocks.size;
  }

  readonly push = (value: unknown): void => {
    const newest = this.#newest();
    const oldest = this.#oldest();
    if (newest < oldest) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    if (this.#panes.migrates && !this.#panes.migrate(this.#cellsOf(oldest, newest).flat(), value)) return;
    if (this.#host.careful() && !this.#panes.rehearse(this.#cellsOf(oldest, newest), value, this.#extracted))
      return;
    this.#each(oldest, newest, this.#add);
    this.#trigger(oldest, newest, 1);
  };

  readonly #add: InRow = (row, from, to) => {
    const { context } = this.#host;
    if (this.#fallible) this.#panes.attempt(() => row.add(from, to, this.#extracted, context));
    else row.add(from, to, this.#extracted, context);
  };

  readonly pushCombined = (value: unknown): void => {
    const newest = this.#newest();
    const oldest = this.#oldest();
    const partial = this.#panes.partialOf(value, newest < oldest);
    this.#each(oldest, newest, (row, from, to) => {
      for (let i = to; i >= from; i -= 1) {
        const accumulators = row.accumulatorsOf(i);
        this.#panes.takePartial(accumulators, partial);
        row.setAccumulators(i, accumulators);
        row.setPending(i, row.pendingOf(i) + partial.n);
      }
    });
    this.#trigger(oldest, newest, partial.n);
  };

  /** The number of the newest window of the event at hand. */
  #newest(): number {
    return Math.floor(this.#host.context.time / this.#shape.slide);
  }

  /** The number of its oldest window that is not over; beyond the newest where all are. */
  #oldest(): number {
    const { time, watermark } = this.#host.context;
    const before = Math.max(time, watermark - this.#lateness) - this.#shape.size;
    return Math.floor(before / this.#shape.slide) + 1;
  }

  /**
   * Shows what is due, the newest window first.
   * @param added - events that came just now
   */
  #trigger(oldest: number, newest: number, added: number): void {
    const { size, slide } = this.#shape;
    if (!this.#isEarly && oldest * slide + size > this.#host.context.watermark) return;
    for (let n = newest; n >= oldest; n -= 1) {
      const block = this.#blocks.of(n);
      const row = block.row(this.#host.context.key);
      const i = n - block.first;
      if (row !== undefined) this.#panes.trigger(this.#cell(row, i), row.pendingOf(i) === added);
    }
  }

  /** Touches the windows of the event at hand, in a row or in several, the newest first. */
  #each(oldest: number, newest: number, change: InRow): void {
    const { key } = this.#host.context;
    for (let to = newest; to >= oldest; ) {
      const block = this.#blocks.of(to);
      const { first } = block;
      const from = Math.max(oldest, first);
      change(this.#touched(block, key, from - first, to - first), from - first, to - first);
      to = from - 1;
    }
  }

  #touched(block: WindowBlock, key: Key, from: number, to: number): WindowRow {
    const { journal } = this.#host;
    const { batch } = journal;
    const row = block.row(key) ?? this.#begun(block, key);
    if (!row.isTouched(batch)) {
      row.note(journal);
      this.#dirty.push(row);
    }
    row.touch(from, to, batch, this.#create);
    return row;
  }

  #begun(block: WindowBlock, key: Key): WindowRow {
    const { journal } = this.#host;
    const row = block.addRow(key);
    row.begin(journal.batch);
    journal.note(() => block.removeRow(row));
    this.#dirty.push(row);
    return row;
  }

  readonly #create = (row: WindowRow, i: number): void => {
    const { journal, need } = this.#host;
    const { block } = row;
    if (!block.isOpen(i)) {
      this.#blocks.open(block, i);
      this.#ends.arm(block.startOf(i));
    }
    need(block.startOf(i), row.key);
    row.create(i, journal.batch);
  };

  #touchCell({ key, start }: Cell): void {
    const n = start / this.#shape.slide;
    const block = this.#blocks.of(n);
    this.#touched(block, key, n - block.first, n - block.first);
  }

  /** Of each window of the event at hand the cell that there is, if any; the newest first. */
  #cellsOf(oldest: number, newest: number): Cell[][] {
    const { key } = this.#host.context;
    const windows: Cell[][] = [];
    for (let n = newest; n >= oldest; n -= 1) {
      const start = (n * this.#shape.slide) as EpochMs;
      const cell = this.#found(start, key);
      if (cell === undefined) this.#host.need(start, key);
      windows.push(cell === undefined ? [] : [cell]);
    }
    return windows;
  }

  #found(start: EpochMs, key: Key): Cell | undefined {
    const at = this.#blocks.openAt(start);
    const row = at?.block.row(key);
    return at !== undefined && row?.has(at.i) ? this.#cell(row, at.i) : undefined;
  }

  onTimer(time: EpochMs): void {
    this.#ends.onTimer(time);
  }

  /** A window as others know windows; where they wait for a time to show it, always the same one. */
  #cell(row: WindowRow, i: number): Cell {
    return this.#isEarly ? row.cell(i) : new RowCell(row, i);
  }

  /** The window that starts then, with the rows of the keys that have something in it; undefined where it is not open. */
  #inAll(start: EpochMs): Window | undefined {
    const at = this.#blocks.openAt(start);
    return at && { ...at, rows: at.block.rowsIn(at.i) };
  }

  /** Closes a window; what is in it goes once the batch is kept. */
  #drop(window: Window): void {
    this.#blocks.close(window);
    this.#dropped.push(window);
  }

  changes(): Change[] {
    const { id, journal } = this.#host;
    const changes: Change[] = [];
    for (const row of this.#dirty)
      for (let i = this.#shape.places - 1; i >= 0; i -= 1)
        if (row.stampOf(i) === journal.batch && row.block.isOpen(i)) changes.push(this.#put(row, i));
    for (const { block, i } of this.#dropped) changes.push([id, "drop", block.startOf(i)]);
    return changes;
  }

  clean(): void {
    for (const row of this.#dirty) row.settle();
    this.#dirty = [];
    for (const { block, i, rows } of this.#dropped) clear(block, i, rows);
    this.#dropped.length = 0;
  }

  #put(row: WindowRow, i: number): Change {
    return putByStart(this.#host.id, {
      start: row.block.startOf(i),
      key: row.key,
      accumulators: row.accumulatorsOf(i),
      versions: row.versionsOf(i),
      panes: row.panesOf(i),
      pending: row.pendingOf(i),
    });
  }

  *snapshot(): Iterable<Change> {
    for (const block of this.#blocks.ordered)
      for (const i of block.open) for (const row of block.rowsIn(i)) yield this.#put(row, i);
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") {
      this.#forget(content[0] as EpochMs);
      return;
    }
    const [start, key, accumulators, panes, pending, kept] = content as KeptByStart;
    const { block, i } = this.#blocks.present(start);
    const versions = this.#panes.versionsOf(kept);
    (block.row(key) ?? block.addRow(key)).put(i, { accumulators, panes, pending, versions });
  }

  #forget(start: EpochMs): void {
    const at = this.#blocks.openAt(start);
    if (at === undefined) return;
    this.#blocks.end(at);
    clear(at.block, at.i, at.block.rowsIn(at.i));
  }

  placeOf(change: Change): Place | undefined {
    return placeByStart(change);
  }

  stateAt([start, key]: Place): Change[] {
    const at = this.#blocks.openAt(start);
    const row = at?.block.row(key);
    return at === undefined || row === undefined || !row.has(at.i) ? [] : [this.#put(row, at.i)];
  }

  evict([start, key]: Place): void {
    const at = this.#blocks.openAt(start);
    const row = at?.block.row(key);
    if (at !== undefined && row !== undefined) at.block.remove(row, at.i);
  }

  wakes(change: Change): Wakes {
    const bounds = { size: this.#shape.size, lateness: this.#lateness };
    return wakesByStart(change, bounds, this.#host.context, this.#panes);
  }

  expect(start: EpochMs): void {
    if (this.#ends.isOpen(start)) this.#blocks.present(start);
  }

  stateOf(key: Key): unknown {
    const cells = this.#blocks.ordered.flatMap((block) => {
      const row = block.row(key);
      return row === undefined ? [] : block.open.filter((i) => row.has(i)).map((i) => this.#cell(row, i));
    });
    return this.#panes.stateOf(cells);
  }

  rearm(): void {
    this.#panes.reset();
    this.#dirty = [];
    this.#dropped.length = 0;
    for (const block of this.#blocks.ordered)
      for (const i of block.open) {
        this.#ends.arm(block.startOf(i));
        if (!this.#isEarly) continue;
        for (const row of block.rowsIn(i)) if (row.pendingOf(i) > 0) this.#panes.early?.await(row.cell(i));
      }
  }
}

/** Lets go of what is in a window that has closed, unless all of its block goes with it. */
function clear(block: WindowBlock, i: number, rows: readonly WindowRow[]): void {
  if (!block.isOver) for (const row of rows) block.remove(row, i);
}
