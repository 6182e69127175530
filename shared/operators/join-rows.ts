import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Host } from "./host.ts";
import { AS_IS, type RowKeeper } from "./row-keeper.ts";

/** The left and the right input of a join. */
export type Side = 0 | 1;
export const LEFT = 0;
export const RIGHT = 1;
export const SIDES: readonly Side[] = [LEFT, RIGHT];

/** A row that waits for partners. */
export type JoinRow = {
  readonly key: Key;
  readonly side: Side;
  readonly time: EpochMs;
  /** Tells rows of one key, side and time apart: 0 for the first that came. */
  readonly n: number;
  /** The first time at which no partner can be. */
  readonly end: EpochMs;
  /** As it is kept: `valueOf` reads it. */
  readonly value: unknown;
  /** A partner was found. Kept for joins that give rows without one. */
  matched: boolean;
  /** The batch in which it came, or 0. */
  readonly batch: number;
  gone: boolean;
};

/** By side. */
export type Keepers = readonly [left: RowKeeper, right: RowKeeper];

/** The rows of a key, and the batch that they are the own copy of: only that one may change the lists. */
type Held = { rows: readonly [left: JoinRow[], right: JoinRow[]]; batch: number };

/**
 * The rows of both sides of a join, by key, each side by event time and then in the order of arrival. What a batch
 * adds and drops is noted row by row, since a key may have many.
 */
export class JoinRows {
  readonly #host: Pick<Host, "id" | "journal">;
  readonly #keepers: Keepers;
  /** Whether rows may have been kept in an earlier version. */
  readonly migrates: boolean;
  readonly #keys = new Map<Key, Held>();
  #size = 0;
  #added: JoinRow[] = [];
  #dropped: JoinRow[] = [];
  #matched: JoinRow[] = [];

  constructor(host: Pick<Host, "id" | "journal">, keepers: Keepers = [AS_IS, AS_IS]) {
    this.#host = host;
    this.#keepers = keepers;
    this.migrates = keepers.some(({ migrates }) => migrates);
  }

  get size(): number {
    return this.#size;
  }

  /** A key's rows of a side, by time: as they are until the next `add` or `drop`. */
  of(key: Key, side: Side): readonly JoinRow[] {
    return this.#keys.get(key)?.rows[side] ?? NONE;
  }

  add(key: Key, side: Side, time: EpochMs, end: EpochMs, value: unknown, matched: boolean): void {
    const { batch } = this.#host.journal;
    const rows = this.#own(key).rows[side];
    const at = placeFor(rows, time, Number.POSITIVE_INFINITY);
    const before = rows[at - 1];
    const n = before?.time === time ? before.n + 1 : 0;
    const kept = this.#keepers[side].keep(value);
    const row: JoinRow = { key, side, time, n, end, value: kept, matched, batch, gone: false };
    putAt(rows, at, row);
    this.#size += 1;
    this.#added.push(row);
  }

  /** What is in a row, in the present version. @throws MillraceError `STATE_MIGRATION` */
  valueOf({ key, side, value }: JoinRow): unknown {
    return this.#keepers[side].read(value, key);
  }

  /** Notes that a left row has a partner. */
  match(row: JoinRow): void {
    if (row.matched) return;
    row.matched = true;
    this.#matched.push(row);
    this.#host.journal.note(() => {
      row.matched = false;
    });
  }

  /** Drops a key's rows of a side for which `isOver` is true, and gives them, by time. */
  drop(key: Key, side: Side, isOver: (row: JoinRow) => boolean): readonly JoinRow[] {
    const rows = this.of(key, side);
    let count = 0;
    for (const row of rows) if (isOver(row)) count += 1;
    if (count === 0) return NONE;
    const held = this.#own(key);
    const all = count === rows.length;
    const over = all ? rows : rows.filter(isOver);
    const left = all ? [] : rows.filter((row) => !isOver(row));
    held.rows = side === LEFT ? [left, held.rows[RIGHT]] : [held.rows[LEFT], left];
    this.#size -= count;
    for (const row of over) {
      row.gone = true;
      this.#dropped.push(row);
    }
    this.#host.journal.note(() => {
      for (const row of over) row.gone = false;
    });
    this.#forget(key, held);
    return over;
  }

  /** Makes a key's rows the batch's own, so that its changes can be taken back as one. */
  #own(key: Key): Held {
    const { journal } = this.#host;
    let held = this.#keys.get(key);
    if (held === undefined) {
      held = { rows: [[], []], batch: 0 };
      this.#keys.set(key, held);
    }
    if (held.batch === journal.batch) return held;
    const owned = held;
    const { rows, batch } = held;
    const [left, right] = rows;
    journal.note(() => {
      this.#size += left.length + right.length - owned.rows[LEFT].length - owned.rows[RIGHT].length;
      owned.rows = rows;
      owned.batch = batch;
      this.#keys.set(key, owned);
      this.#forget(key, owned);
    });
    held.rows = [left.slice(), right.slice()];
    held.batch = journal.batch;
    return held;
  }

  #forget(key: Key, { rows: [left, right] }: Held): void {
    if (left.length + right.length === 0) this.#keys.delete(key);
  }

  /** Every row, in no order that matters. */
  *all(): Iterable<JoinRow> {
    for (const { rows } of this.#keys.values()) for (const side of SIDES) yield* rows[side];
  }

  changes(): Change[] {
    const { id, journal } = this.#host;
    const isOld = (row: JoinRow): boolean => row.batch !== journal.batch;
    const changes = [
      ...this.#dropped
        .filter(isOld)
        .map(({ key, side, time, n }): Change => [id, "drop", key, side, time, n]),
      ...this.#matched
        .filter((row) => isOld(row) && !row.gone)
        .map(({ key, time, n }): Change => [id, "match", key, time, n]),
      ...this.#added.filter((row) => !row.gone).map((row) => this.#put(row)),
    ];
    this.clean();
    return changes;
  }

  /** Forgets what the batch changed. */
  clean(): void {
    this.#added = [];
    this.#dropped = [];
    this.#matched = [];
  }

  #put({ key, side, time, n, end, value, matched }: JoinRow): Change {
    return [this.#host.id, "put", key, side, time, n, end === END_OF_TIME ? null : end, value, matched];
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#keys.keys()].sort(compareKeys))
      for (const side of SIDES) for (const row of this.of(key, side)) yield this.#put(row);
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "match") {
      const [key, time, n] = content as [Key, EpochMs, number];
      const row = this.of(key, LEFT).find((one) => one.time === time && one.n === n);
      if (row !== undefined) row.matched = true;
      return;
    }
    const [key, side, time, n] = content as [Key, Side, EpochMs, number];
    const held = this.#keys.get(key) ?? { rows: [[], []], batch: 0 };
    const rows = held.rows[side];
    if (kind === "drop") {
      const at = rows.findIndex((row) => row.time === time && row.n === n);
      if (at < 0) return;
      rows.splice(at, 1);
      this.#size -= 1;
      this.#forget(key, held);
      return;
    }
    const [, , , , end, value, matched] = content as [
      Key,
      Side,
      EpochMs,
      number,
      EpochMs | null,
      unknown,
      boolean,
    ];
    this.#keys.set(key, held);
    const row = { key, side, time, n, end: end ?? END_OF_TIME, value, matched, batch: 0, gone: false };
    putAt(rows, placeFor(rows, time, n), row);
    this.#size += 1;
  }
}

const NONE: readonly JoinRow[] = [];

/** Behind all rows that are not after it: most often at the end. */
function placeFor(rows: readonly JoinRow[], time: EpochMs, n: number): number {
  let at = rows.length;
  for (; at > 0; at -= 1) {
    const before = rows[at - 1] as JoinRow;
    if (before.time < time || (before.time === time && before.n < n)) break;
  }
  return at;
}

function putAt(rows: JoinRow[], at: number, row: JoinRow): void {
  if (at === rows.length) rows.push(row);
  else rows.splice(at, 0, row);
}

/** The index of the first row that is not before `time`. */
export function firstFrom(rows: readonly JoinRow[], time: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as JoinRow).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
