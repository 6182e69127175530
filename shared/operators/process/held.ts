import type { Key } from "../../events/event.ts";
import { compareKeys } from "../../state/key-order.ts";
import { Cell } from "./cell.ts";

/** Most states of most keys have one cell, and a map would be the largest part of it. */
type Slot = Cell | Map<Key, Cell> | undefined;

const NONE: readonly Cell[] = [];
const byName = (a: Cell, b: Cell): number => compareKeys(a.name, b.name);
/** As a map tells its names apart. */
const isSame = (a: Key, b: Key): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** All that one key has: cells by name, in a slot for each state. */
export class Held {
  readonly key: Key;
  /** How many cells there are. */
  size = 0;
  readonly #slots: Slot[];

  constructor(key: Key, slots: number) {
    // no -0, as in a map's keys
    this.key = key === 0 ? 0 : key;
    this.#slots = new Array<Slot>(slots);
  }

  find(slot: number, name: Key): Cell | undefined {
    const there = this.#slots[slot];
    if (there === undefined) return undefined;
    if (there instanceof Cell) return isSame(there.name, name) ? there : undefined;
    return there.get(name);
  }

  /** The cell of a slot that has never more than one. */
  only(slot: number): Cell | undefined {
    return this.#slots[slot] as Cell | undefined;
  }

  /** The cells of a slot, in the order of their names. */
  all(slot: number): readonly Cell[] {
    const there = this.#slots[slot];
    if (there === undefined) return NONE;
    return there instanceof Cell ? [there] : [...there.values()].sort(byName);
  }

  /** The same in no order that matters. */
  each(slot: number): Iterable<Cell> {
    const there = this.#slots[slot];
    if (there === undefined) return NONE;
    return there instanceof Cell ? [there] : there.values();
  }

  /**
   * Replaces a cell by one of the same name, or removes it.
   * @param from - the cell that is there; undefined where none is
   */
  put(slot: number, from: Cell | undefined, to: Cell | undefined): void {
    const there = this.#slots[slot];
    if (from === undefined) this.size += 1;
    if (to === undefined) this.size -= 1;
    if (there === from) this.#slots[slot] = to;
    else if (there instanceof Map) this.#putAmong(there, slot, from, to);
    else if (there !== undefined && to !== undefined)
      this.#slots[slot] = new Map([
        [there.name, there],
        [to.name, to],
      ]);
  }

  #putAmong(cells: Map<Key, Cell>, slot: number, from: Cell | undefined, to: Cell | undefined): void {
    if (to !== undefined) cells.set(to.name, to);
    else if (from !== undefined) cells.delete(from.name);
    if (cells.size === 0) this.#slots[slot] = undefined;
  }
}
