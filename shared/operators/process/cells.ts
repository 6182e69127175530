import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { compareKeys } from "../../state/key-order.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Host } from "../host.ts";
import { Cell } from "./cell.ts";
import { Held } from "./held.ts";

/** A cell took another's place, or the place of none; or, where there is none `after`, it was deleted. */
type Write = {
  readonly held: Held;
  readonly state: number;
  readonly before: Cell | undefined;
  readonly after: Cell | undefined;
};

/**
 * The state of a process: of each key, for each state, cells by number or name. A call of the user's functions, which
 * is for one key, changes it in place; `abort` takes the call back, `commit` leaves that to the batch. A write is
 * noted once, for both and for the log: a process may write at each event.
 */
export class ProcessCells {
  readonly #host: Pick<Host, "id" | "journal">;
  /** Names of states, which elsewhere are numbers: their places in here. */
  readonly #names: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  /** The numbers in the order of the names. */
  readonly #inOrder: readonly number[];
  /** Who has lost all that they had stays until the batch has ended: a write that is taken back has a place then. */
  readonly #keys = new Map<Key, Held>();
  readonly #emptied: Held[] = [];
  #size = 0;
  /** The key at hand, and what it has. */
  #key: Key = "";
  #held: Held | undefined;
  /** Of the batch, oldest first. */
  readonly #writes: Write[] = [];
  /** How many of them are not the present call's. */
  #committed = 0;

  constructor(host: Pick<Host, "id" | "journal">, names: readonly string[]) {
    this.#host = host;
    this.#names = names;
    this.#numbers = new Map(names.map((name, i) => [name, i]));
    this.#inOrder = [...names].sort(compareKeys).map((name) => names.indexOf(name));
  }

  get size(): number {
    return this.#size;
  }

  /** The number of a state. */
  numberOf(name: string): number {
    return this.#numbers.get(name) as number;
  }

  /** Takes a key in hand: a call of the user's asks for its own again and again. False where nothing of it is held. */
  turnTo(key: Key): boolean {
    this.#key = key;
    this.#held = this.#keys.get(key);
    return this.#held !== undefined;
  }

  #hold(): Held {
    if (this.#held !== undefined) return this.#held;
    const fresh = new Held(this.#key, this.#names.length);
    this.#keys.set(this.#key, fresh);
    this.#held = fresh;
    return fresh;
  }

  get(state: number, name: Key): Cell | undefined {
    return this.#held?.find(state, name);
  }

  /** The cell of a state that has never more than one. */
  only(state: number): Cell | undefined {
    return this.#held?.only(state);
  }

  /** All cells of a state, in the order of their names. */
  all(state: number): readonly Cell[] {
    return this.#held?.all(state) ?? NONE;
  }

  /** @param until - undefined where it stays */
  set(state: number, name: Key, value: unknown, until: EpochMs | undefined, version: number): void {
    const held = this.#hold();
    const cell = new Cell(name, value, until, version, this.#host.journal.batch);
    this.#write(held, state, held.find(state, name), cell);
  }

  delete(state: number, name: Key): void {
    const held = this.#held;
    const cell = held?.find(state, name);
    if (held !== undefined && cell !== undefined) this.#write(held, state, cell, undefined);
  }

  /** Deletes the cells for whose end `isOver` is true. */
  sweep(isOver: (until: EpochMs, state: number) => boolean): void {
    for (const state of this.#inOrder)
      for (const { name, until } of this.all(state))
        if (until !== undefined && isOver(until, state)) this.delete(state, name);
  }

  #write(held: Held, state: number, before: Cell | undefined, after: Cell | undefined): void {
    if (this.#writes.length === 0) this.#host.journal.note(this.#abortBatch);
    this.#writes.push({ held, state, before, after });
    this.#put(held, state, before, after);
  }

  #put(held: Held, state: number, from: Cell | undefined, to: Cell | undefined): void {
    const before = held.size;
    held.put(state, from, to);
    this.#size += held.size - before;
    if (held.size === 0) this.#emptied.push(held);
  }

  /** Keeps what was changed since the last call, as far as the batch is kept. */
  commit(): void {
    this.#committed = this.#writes.length;
  }

  /** Takes back what was changed since the last call. */
  abort(): void {
    for (let i = this.#writes.length - 1; i >= this.#committed; i -= 1) {
      const { held, state, before, after } = this.#writes[i] as Write;
      this.#put(held, state, after, before);
    }
    this.#writes.length = this.#committed;
  }

  readonly #abortBatch = (): void => {
    this.#committed = 0;
    this.abort();
  };

  /**
   * What the batch changed, each cell once: as it is, by the write that made it; where it is gone, by the write that
   * found it as the batch did.
   */
  changes(): Change[] {
    const { id, journal } = this.#host;
    const changes: Change[] = [];
    for (const { held, state, before, after } of this.#writes) {
      const { key } = held;
      const name = (after ?? before)?.name as Key;
      const cell = held.find(state, name);
      if (cell === undefined) {
        if (before !== undefined && before.batch !== journal.batch)
          changes.push([id, "drop", key, this.#names[state], name]);
      } else if (cell === after) changes.push(this.#toPut(key, state, cell));
    }
    return changes;
  }

  /** The batch has ended. */
  clean(): void {
    this.#writes.length = 0;
    this.#committed = 0;
    for (const held of this.#emptied) if (held.size === 0) this.#keys.delete(held.key);
    this.#emptied.length = 0;
    this.#held = undefined;
  }

  /** A cell goes into the log as it was written, in whatever version; of version 1 nothing is said. */
  #toPut(key: Key, state: number, { name, value, until, version }: Cell): Change {
    const told = version === 1 ? [] : [version];
    return [this.#host.id, "put", key, this.#names[state], name, value, until ?? null, ...told];
  }

  /** Every cell, by key, in no order that matters. */
  *cells(): Iterable<readonly [key: Key, state: number, cell: Cell]> {
    for (const held of this.#keys.values())
      for (const state of this.#inOrder) for (const cell of held.each(state)) yield [held.key, state, cell];
  }

  *snapshot(): Iterable<Change> {
    for (const held of [...this.#keys.values()].sort((a, b) => compareKeys(a.key, b.key)))
      yield* this.#toPuts(held);
  }

  /** All that a key has. */
  *of(key: Key): Iterable<Change> {
    const held = this.#keys.get(key);
    if (held !== undefined) yield* this.#toPuts(held);
  }

  *#toPuts(held: Held): Iterable<Change> {
    for (const state of this.#inOrder)
      for (const cell of held.all(state)) yield this.#toPut(held.key, state, cell);
  }

  /** Forgets what a key has, between two batches: it is no change. */
  evict(key: Key): void {
    this.#size -= this.#keys.get(key)?.size ?? 0;
    this.#keys.delete(key);
    this.#held = undefined;
  }

  apply([, kind, ...content]: Change): void {
    const [key, name, cell, value, until, version = 1] = content as Kept;
    const state = this.numberOf(name);
    // where nothing is held, nothing is to be deleted, and no empty place is to stay
    if (!this.turnTo(key) && kind === "drop") return;
    const held = this.#hold();
    const to = kind === "put" ? new Cell(cell, value, until ?? undefined, version, 0) : undefined;
    const from = held.find(state, cell);
    if (from !== undefined || to !== undefined) this.#put(held, state, from, to);
  }
}

const NONE: readonly Cell[] = [];

type Kept = [key: Key, state: string, cell: Key, value: unknown, until: EpochMs | null, version?: number];
