import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { compareKeys } from "../../state/key-order.ts";
import { END_OF_TIME, type EpochMs } from "../../time/time.ts";
import type { Host } from "../panes.ts";

/** One piece of state, when it is over, and the version of the code that wrote it. */
export type Cell = { readonly value: unknown; readonly expires: EpochMs; readonly version: number };
type Cells = Map<Key, Cell>;

/**
 * The state of a process: of each key, under the name of each state, cells by number or name. A call of the user's
 * functions changes it in place; `abort` takes the call back, `commit` leaves that to the batch.
 */
export class ProcessCells {
  readonly #host: Pick<Host, "id" | "journal">;
  readonly #keys = new Map<Key, Map<string, Cells>>();
  #size = 0;
  #undo: (() => void)[] = [];
  readonly #dirty = new Map<Key, Map<string, Set<Key>>>();

  constructor(host: Pick<Host, "id" | "journal">) {
    this.#host = host;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Key, state: string, name: Key): Cell | undefined {
    return this.#keys.get(key)?.get(state)?.get(name);
  }

  /** All cells of a state, in the order of their names. */
  all(key: Key, state: string): (readonly [Key, Cell])[] {
    return [...(this.#keys.get(key)?.get(state) ?? [])].sort(([a], [b]) => compareKeys(a, b));
  }

  set(key: Key, state: string, name: Key, cell: Cell): void {
    this.#change(key, state, name, cell);
  }

  delete(key: Key, state: string, name: Key): void {
    if (this.get(key, state, name) !== undefined) this.#change(key, state, name, undefined);
  }

  /** Deletes the cells of a key for whose end `isOver` is true. */
  sweep(key: Key, isOver: (expires: EpochMs, state: string) => boolean): void {
    for (const state of this.#statesOf(key))
      for (const [name, { expires }] of this.all(key, state))
        if (isOver(expires, state)) this.delete(key, state, name);
  }

  /** In one order, whatever was taken back before. */
  #statesOf(key: Key): string[] {
    return [...(this.#keys.get(key)?.keys() ?? [])].sort(compareKeys);
  }

  #change(key: Key, state: string, name: Key, cell: Cell | undefined): void {
    const before = this.get(key, state, name);
    this.#undo.push(() => this.#put(key, state, name, before));
    this.#put(key, state, name, cell);
    let states = this.#dirty.get(key);
    if (states === undefined) {
      states = new Map();
      this.#dirty.set(key, states);
    }
    const names = states.get(state);
    if (names === undefined) states.set(state, new Set([name]));
    else names.add(name);
  }

  #put(key: Key, state: string, name: Key, cell: Cell | undefined): void {
    const states = this.#keys.get(key) ?? new Map<string, Cells>();
    const cells = states.get(state) ?? new Map<Key, Cell>();
    this.#size -= cells.size;
    if (cell === undefined) cells.delete(name);
    else cells.set(name, cell);
    this.#size += cells.size;
    if (cells.size === 0) states.delete(state);
    else states.set(state, cells);
    if (states.size === 0) this.#keys.delete(key);
    else this.#keys.set(key, states);
  }

  /** Keeps what was changed since the last call, as far as the batch is kept. */
  commit(): void {
    if (this.#undo.length === 0) return;
    const undo = this.#undo;
    this.#undo = [];
    this.#host.journal.note(() => takeBack(undo));
  }

  /** Takes back what was changed since the last call. */
  abort(): void {
    takeBack(this.#undo);
    this.#undo = [];
  }

  /** What was changed since the last call of `clean` or `changes`. */
  *#changed(): Iterable<readonly [Key, string, Key]> {
    for (const [key, states] of this.#dirty)
      for (const [state, names] of states) for (const name of names) yield [key, state, name];
  }

  changes(): Change[] {
    const { id } = this.#host;
    const changes = [...this.#changed()].map(([key, state, name]): Change => {
      const cell = this.get(key, state, name);
      return cell === undefined ? [id, "drop", key, state, name] : this.#toPut(key, state, name, cell);
    });
    this.clean();
    return changes;
  }

  clean(): void {
    this.#dirty.clear();
  }

  /** A cell goes into the log as it was written, in whatever version; of version 1 nothing is said. */
  #toPut(key: Key, state: string, name: Key, { value, expires, version }: Cell): Change {
    const until = expires === END_OF_TIME ? null : expires;
    return [this.#host.id, "put", key, state, name, value, until, ...(version === 1 ? [] : [version])];
  }

  /** Every cell, by key, in no order that matters. */
  *cells(): Iterable<readonly [key: Key, state: string, name: Key, cell: Cell]> {
    for (const [key, states] of this.#keys)
      for (const [state, cells] of states) for (const [name, cell] of cells) yield [key, state, name, cell];
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#keys.keys()].sort(compareKeys))
      for (const state of this.#statesOf(key))
        for (const [name, cell] of this.all(key, state)) yield this.#toPut(key, state, name, cell);
  }

  apply([, kind, ...content]: Change): void {
    const [key, state, name, value, until, version = 1] = content as Kept;
    const cell = { value, expires: until ?? END_OF_TIME, version };
    this.#put(key, state, name, kind === "put" ? cell : undefined);
  }
}

type Kept = [key: Key, state: string, name: Key, value: unknown, until: EpochMs | null, version?: number];

function takeBack(undo: readonly (() => void)[]): void {
  for (let i = undo.length - 1; i >= 0; i -= 1) undo[i]?.();
}
