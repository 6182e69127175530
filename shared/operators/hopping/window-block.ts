import type { Key } from "../../events/event.ts";
import { compareKeys } from "../../state/key-order.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import type { CompositeAggregate } from "../cell.ts";
import { WindowRow } from "./window-row.ts";

/** What all blocks of an operator have in common. */
export type BlockShape = {
  readonly size: DurationMs;
  readonly slide: DurationMs;
  /** Windows in a block. */
  readonly places: number;
  readonly aggregate: CompositeAggregate;
};

/**
 * Windows that start one after another, and the rows of their keys. Windows have a number, which is their start in slides,
 * and a place in their block.
 */
export class WindowBlock {
  readonly shape: BlockShape;
  /** Its own number: that of its first window, in blocks. */
  readonly index: number;
  /** The number of its first window. */
  readonly first: number;
  readonly #rows = new Map<Key, WindowRow>();
  /** By place: whether the window has a timer, or something of it may lie unread. */
  readonly #open: boolean[];
  /** By place: keys that have something in the window. */
  readonly #counts: number[];
  #opened = 0;
  /** Rows by key, those from `#ordered` on as they came; and some that are empty and no longer among the rows. */
  readonly #list: WindowRow[] = [];
  #ordered = 0;

  constructor(index: number, shape: BlockShape) {
    this.index = index;
    this.shape = shape;
    this.first = index * shape.places;
    this.#open = new Array(shape.places).fill(false);
    this.#counts = new Array(shape.places).fill(0);
  }

  startOf(i: number): EpochMs {
    return ((this.first + i) * this.shape.slide) as EpochMs;
  }

  endOf(i: number): EpochMs {
    return (this.startOf(i) + this.shape.size) as EpochMs;
  }

  isOpen(i: number): boolean {
    return this.#open[i] === true;
  }

  /** Whether none of its windows is open. */
  get isOver(): boolean {
    return this.#opened === 0;
  }

  /** The places of its open windows, in their order. */
  get open(): number[] {
    return [...this.#open.keys()].filter((i) => this.#open[i]);
  }

  /** Windows of keys in all open windows. */
  get size(): number {
    return this.#counts.reduce((n, count, i) => (this.#open[i] ? n + count : n), 0);
  }

  setOpen(i: number, open: boolean): void {
    if (this.#open[i] === open) return;
    this.#open[i] = open;
    this.#opened += open ? 1 : -1;
  }

  joined(i: number): void {
    (this.#counts[i] as number) += 1;
  }

  left(i: number): void {
    (this.#counts[i] as number) -= 1;
  }

  row(key: Key): WindowRow | undefined {
    return this.#rows.get(key);
  }

  /** A row for a key that has none. */
  addRow(key: Key): WindowRow {
    const row = new WindowRow(key, this);
    this.#rows.set(key, row);
    this.#list.push(row);
    return row;
  }

  /** Takes back a row with all that is in it. */
  removeRow(row: WindowRow): void {
    for (let i = 0; i < this.shape.places; i += 1) row.remove(i);
    this.#rows.delete(row.key);
  }

  /** Lets go of what a key has in a window. */
  remove(row: WindowRow, i: number): void {
    row.remove(i);
    if (row.isEmpty) this.#rows.delete(row.key);
  }

  /** Rows of the keys that have something in a window, by key. */
  rowsIn(i: number): WindowRow[] {
    const list = this.#list;
    if (this.#ordered < list.length) list.sort(byKey);
    const found: WindowRow[] = [];
    let kept = 0;
    for (let at = 0; at < list.length; at += 1) {
      const row = list[at] as WindowRow;
      if (row.isEmpty) continue;
      list[kept] = row;
      kept += 1;
      if (row.has(i)) found.push(row);
    }
    list.length = kept;
    this.#ordered = kept;
    return found;
  }
}

/** Most rows are in order already, which makes sorting them cheap. */
const byKey = (a: WindowRow, b: WindowRow): number => compareKeys(a.key, b.key);
