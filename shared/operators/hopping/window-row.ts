import type { EventInfo, Key } from "../../events/event.ts";
import type { Journal } from "../../state/journal.ts";
import type { Accumulator } from "../aggregate.ts";
import type { Cell } from "../cell.ts";
import { RowCell } from "./row-cell.ts";
import type { WindowBlock } from "./window-block.ts";

/** Stamp of a window in which the key has nothing. */
const ABSENT = -1;
/** Lists that a row has beside those of its accumulators: stamps, pending, panes. */
const LISTS = 3;

type Kept = Pick<Cell, "accumulators" | "versions" | "panes" | "pending">;

/**
 * What one key has in the windows of one block, as lists by the window's place that lie one after another in one array:
 *
 * ```
 *   stamps      the batch that touched a window last, 0 where none has, or `ABSENT`
 *   pending     events since its last pane
 *   panes       panes emitted so far
 *   a list for the accumulators of each aggregate
 * ```
 *
 * So an event that is added to a range of windows changes neighbours in memory, and a batch copies one array for its
 * rollback instead of a cell for each window.
 */
export class WindowRow {
  readonly key: Key;
  readonly block: WindowBlock;
  // biome-ignore lint/suspicious/noExplicitAny: numbers and accumulators, each known by its place
  #data: any[];
  /** Of the accumulators; undefined where all are of version 1. */
  #versions: Cell["versions"][] | undefined;
  /** Windows in which the key has something. */
  #count = 0;
  /** The batch that touched the row last, or 0. */
  #batch = 0;
  /** The array as it was before that batch. */
  #saved: Accumulator[] | undefined;
  #cells: RowCell[] | undefined;

  constructor(key: Key, block: WindowBlock) {
    const { places, aggregate } = block.shape;
    this.key = key;
    this.block = block;
    const data = new Array((LISTS + aggregate.list.length) * places);
    for (let i = 0; i < places; i += 1) data[i] = ABSENT;
    for (let i = places; i < data.length; i += 1) data[i] = 0;
    this.#data = data;
    this.#versions = aggregate.versions && [];
    this.#saved = undefined;
    this.#cells = undefined;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(i: number): boolean {
    return this.#data[i] !== ABSENT;
  }

  /** The batch that touched the window last. */
  stampOf(i: number): number {
    return this.#data[i];
  }

  isTouched(batch: number): boolean {
    return this.#batch === batch;
  }

  /** To be called for a row that the batch at hand has made: to undo it is to remove the row. */
  begin(batch: number): void {
    this.#batch = batch;
  }

  /** Notes the row's content before its first change in this batch. */
  note(journal: Journal): void {
    const saved = this.#data.slice();
    const versions = this.#versions?.slice();
    const count = this.#count;
    const before = this.#batch;
    this.#saved = saved;
    this.#batch = journal.batch;
    journal.note(() => {
      const { places } = this.block.shape;
      for (let i = 0; i < places; i += 1) if (saved[i] === ABSENT && this.has(i)) this.block.left(i);
      this.#data = saved;
      this.#versions = versions;
      this.#count = count;
      this.#batch = before;
      this.#saved = undefined;
    });
  }

  /** The batch is over. */
  settle(): void {
    this.#saved = undefined;
  }

  /** Touches the windows from `to` down to `from`; `create` creates one that is absent. */
  touch(from: number, to: number, batch: number, create: (row: WindowRow, i: number) => void): void {
    const data = this.#data;
    for (let i = to; i >= from; i -= 1) {
      const stamp = data[i];
      if (stamp === batch) continue;
      if (stamp === ABSENT) create(this, i);
      else this.#save(i);
      data[i] = batch;
    }
  }

  /** Keeps what accumulators hold before the window's first change in this batch. */
  #save(i: number): void {
    const { places, aggregate } = this.block.shape;
    const saved = this.#saved;
    if (saved === undefined) return;
    let at = LISTS * places + i;
    for (const part of aggregate.list) {
      saved[at] = part.clone(this.#data[at]);
      at += places;
    }
  }

  /** Begins a window of the key. */
  create(i: number, batch: number): void {
    const { places, aggregate } = this.block.shape;
    const data = this.#data;
    let at = LISTS * places + i;
    for (const part of aggregate.list) {
      data[at] = part.create();
      at += places;
    }
    data[i] = batch;
    data[places + i] = 0;
    data[2 * places + i] = 0;
    if (this.#versions !== undefined) this.#versions[i] = aggregate.versions;
    this.#join(i);
  }

  #join(i: number): void {
    this.#count += 1;
    this.block.joined(i);
  }

  /** Adds one event to the windows from `to` down to `from`, all of which the batch has touched. */
  add(from: number, to: number, extracted: readonly unknown[], info: EventInfo): void {
    const { places, aggregate } = this.block.shape;
    // a user's own steps are called window by window; for all others it is faster to go aggregate by aggregate
    if (!aggregate.fallible) this.#addTo(from, to, extracted, info);
    else for (let i = to; i >= from; i -= 1) this.#addTo(i, i, extracted, info);
    const data = this.#data;
    for (let at = places + to; at >= places + from; at -= 1) data[at] += 1;
  }

  #addTo(from: number, to: number, extracted: readonly unknown[], info: EventInfo): void {
    const { places, aggregate } = this.block.shape;
    const { list } = aggregate;
    const data = this.#data;
    for (let p = 0; p < list.length; p += 1) {
      const part = list[p];
      const x = extracted[p] as never;
      const first = (LISTS + p) * places;
      for (let at = first + to; at >= first + from; at -= 1) data[at] = part?.add(data[at], x, info);
    }
  }

  /** Puts a window as the log keeps it. */
  put(i: number, { accumulators, pending, panes, versions }: Kept): void {
    if (!this.has(i)) this.#join(i);
    this.#data[i] = 0;
    this.setAccumulators(i, accumulators);
    this.setPending(i, pending);
    this.setPanes(i, panes);
    this.setVersions(i, versions);
  }

  /** Lets go of a window. */
  remove(i: number): void {
    if (!this.has(i)) return;
    const { places } = this.block.shape;
    const data = this.#data;
    data[i] = ABSENT;
    this.#count -= 1;
    this.block.left(i);
    for (let at = LISTS * places + i; at < data.length; at += places)
      if (typeof data[at] === "object") data[at] = 0;
    if (this.#cells !== undefined) delete this.#cells[i];
  }

  accumulatorsOf(i: number): Accumulator[] {
    const { places, aggregate } = this.block.shape;
    const accumulators: Accumulator[] = new Array(aggregate.list.length);
    for (let p = 0; p < accumulators.length; p += 1) accumulators[p] = this.#data[(LISTS + p) * places + i];
    return accumulators;
  }

  setAccumulators(i: number, accumulators: readonly Accumulator[]): void {
    const { places } = this.block.shape;
    for (let p = 0; p < accumulators.length; p += 1) this.#data[(LISTS + p) * places + i] = accumulators[p];
  }

  pendingOf(i: number): number {
    return this.#data[this.block.shape.places + i];
  }

  setPending(i: number, pending: number): void {
    this.#data[this.block.shape.places + i] = pending;
  }

  panesOf(i: number): number {
    return this.#data[2 * this.block.shape.places + i];
  }

  setPanes(i: number, panes: number): void {
    this.#data[2 * this.block.shape.places + i] = panes;
  }

  versionsOf(i: number): Cell["versions"] {
    return this.#versions?.[i];
  }

  setVersions(i: number, versions: Cell["versions"]): void {
    if (this.#versions !== undefined) this.#versions[i] = versions;
  }

  /** One window of the row as a cell, always the same one. */
  cell(i: number): RowCell {
    this.#cells ??= [];
    const cell = this.#cells[i] ?? new RowCell(this, i);
    this.#cells[i] = cell;
    return cell;
  }
}
