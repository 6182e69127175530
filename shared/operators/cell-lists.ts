import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import { type Cell, cellFrom, cellNamed, cellPut } from "./cell.ts";
import type { Host } from "./host.ts";
import type { Panes } from "./panes.ts";

/** What names a cell among those of its key. */
type Named = Pick<Cell, "start" | "end">;

/** The cells of an operator by key, each with bounds of its own: by start and end. A list is never changed in place. */
export class CellLists {
  readonly #host: Pick<Host, "id" | "journal">;
  readonly #panes: Panes;
  readonly #isSame: (a: Named, b: Named) => boolean;
  readonly #lists = new Map<Key, readonly Cell[]>();
  /** Counted as they come and go, since a commit asks and there may be a million. */
  #size = 0;

  /** @param isSame - whether two names in the log, of one key, mean one cell */
  constructor(host: Pick<Host, "id" | "journal">, panes: Panes, isSame: (a: Named, b: Named) => boolean) {
    this.#host = host;
    this.#panes = panes;
    this.#isSame = isSame;
  }

  /** Cells of all keys. */
  get size(): number {
    return this.#size;
  }

  /** A key's cells; none where it has none, or they are not in memory. */
  of(key: Key): readonly Cell[] {
    return this.#lists.get(key) ?? NONE;
  }

  /** Of all keys, in no order that matters. */
  *all(): Iterable<Cell> {
    for (const cells of this.#lists.values()) yield* cells;
  }

  /** Adds a new cell. */
  add(cell: Cell): void {
    this.replace(cell.key, [...this.of(cell.key), cell]);
    this.#host.journal.note(() => {
      cell.gone = true;
    });
  }

  /** Removes cells of a key. */
  remove(key: Key, gone: readonly Cell[]): void {
    for (const cell of gone) cell.gone = true;
    this.#host.journal.note(() => {
      for (const cell of gone) cell.gone = false;
    });
    this.replace(
      key,
      this.of(key).filter((cell) => !gone.includes(cell)),
    );
  }

  /** Sets a key's cells: a new list, which is put in order. */
  replace(key: Key, cells: Cell[]): void {
    const before = this.of(key);
    this.#host.journal.note(() => this.#set(key, before));
    this.#set(key, cells.sort(bySpan));
  }

  #set(key: Key, cells: readonly Cell[]): void {
    this.#size += cells.length - this.of(key).length;
    if (cells.length === 0) this.#lists.delete(key);
    else this.#lists.set(key, cells);
  }

  /** Removes a key's cells from memory. */
  evict(key: Key): void {
    for (const cell of this.of(key)) cell.gone = true;
    this.#set(key, NONE);
  }

  /** A key's cells, as the log keeps them. */
  put(key: Key): Change[] {
    return this.of(key).map((cell) => cellPut(this.#host.id, cell));
  }

  /** The cells that the batch touched, as the log keeps them. */
  touched(): Change[] {
    return this.#panes.takeDirty().map((cell) => cellPut(this.#host.id, cell));
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#lists.keys()].sort(compareKeys)) yield* this.put(key);
  }

  apply(change: Change): void {
    const named = cellNamed(change);
    const others = this.of(named.key).filter((cell) => !this.#isSame(cell, named));
    if (change[1] === "put") others.push(cellFrom(change, (kept) => this.#panes.versionsOf(kept)));
    this.#set(named.key, others.sort(bySpan));
  }
}

const NONE: readonly Cell[] = [];
const bySpan = (a: Cell, b: Cell): number => a.start - b.start || a.end - b.end;
