import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Host } from "./panes.ts";

/** The left and the right input of a join. */
export type Side = 0 | 1;
export const LEFT = 0;
export const RIGHT = 1;
export const SIDES: readonly Side[] = [LEFT, RIGHT];

/** A row that waits for partners. */
export type JoinRow = {
  readonly time: EpochMs;
  /** Tells rows of one key, side and time apart: 0 for the first that came. */
  readonly n: number;
  /** The first time at which no partner can be. */
  readonly end: EpochMs;
  readonly value: unknown;
  /** A partner was found. Kept for joins that give rows without one. */
  matched: boolean;
  /** The batch in which it came, or 0. */
  readonly batch: number;
  gone: boolean;
};

type Rows = { rows: readonly JoinRow[]; batch: number };
type Held = readonly [left: Rows, right: Rows];

/**
 * The rows of both sides of a join, by key, each side by event time and then in the order of arrival. What a batch
 * adds and drops is noted row by row, since a key may have many.
 */
export class JoinRows {
  readonly #host: Pick<Host, "id" | "journal">;
  readonly #keys = new Map<Key, Held>();
  #size = 0;
  #added: (readonly [Key, Side, JoinRow])[] = [];
  #dropped: (readonly [Key, Side, JoinRow])[] = [];
  #matched: (readonly [Key, JoinRow])[] = [];

  constructor(host: Pick<Host, "id" | "journal">) {
    this.#host = host;
  }

  get size(): number {
    return this.#size;
  }

  /** A key's rows of a side, by time: as they are until the next `add` or `drop`. */
  of(key: Key, side: Side): readonly JoinRow[] {
    return this.#keys.get(key)?.[side].rows ?? NONE;
  }

  add(key: Key, side: Side, time: EpochMs, end: EpochMs, value: unknown, matched: boolean): void {
    const { journal } = this.#host;
    const held = this.#touch(key, side);
    const row = insert(held.rows as JoinRow[], { time, end, value, matched, batch: journal.batch });
    this.#size += 1;
    this.#added.push([key, side, row]);
  }

  /** Notes that a left row has a partner. */
  match(key: Key, row: JoinRow): void {
    if (row.matched) return;
    row.matched = true;
    this.#matched.push([key, row]);
    this.#host.journal.note(() => {
      row.matched = false;
    });
  }

  /** Drops a key's rows of a side for which `isOver` is true, and gives them, by time. */
  drop(key: Key, side: Side, isOver: (row: JoinRow) => boolean): readonly JoinRow[] {
    if (!this.of(key, side).some(isOver)) return NONE;
    const held = this.#touch(key, side);
    const over = held.rows.filter(isOver);
    held.rows = held.rows.filter((row) => !isOver(row));
    this.#size -= over.length;
    for (const row of over) {
      row.gone = true;
      this.#dropped.push([key, side, row]);
      this.#host.journal.note(() => {
        row.gone = false;
      });
    }
    this.#forget(key);
    return over;
  }

  /** Makes a side's rows the batch's own, so that its changes can be taken back as one. */
  #touch(key: Key, side: Side): Rows {
    const { journal } = this.#host;
    let held = this.#keys.get(key);
    if (held === undefined) {
      held = empty();
      this.#keys.set(key, held);
      journal.note(() => this.#keys.delete(key));
    }
    const own = held[side];
    if (own.batch === journal.batch) return own;
    const { rows, batch } = own;
    const kept = held;
    journal.note(() => {
      this.#size += rows.length - own.rows.length;
      own.rows = rows;
      own.batch = batch;
      this.#keys.set(key, kept);
    });
    own.rows = rows.slice();
    own.batch = journal.batch;
    return own;
  }

  #forget(key: Key): void {
    const held = this.#keys.get(key);
    if (held?.[LEFT].rows.length === 0 && held[RIGHT].rows.length === 0) this.#keys.delete(key);
  }

  /** Every row, in no order that matters. */
  *all(): Iterable<readonly [Key, Side, JoinRow]> {
    for (const [key, held] of this.#keys)
      for (const side of SIDES) for (const row of held[side].rows) yield [key, side, row];
  }

  changes(): Change[] {
    const { id, journal } = this.#host;
    const isOld = (row: JoinRow): boolean => row.batch !== journal.batch;
    const changes = [
      ...this.#dropped
        .filter(([, , row]) => isOld(row))
        .map(([key, side, { time, n }]): Change => [id, "drop", key, side, time, n]),
      ...this.#matched
        .filter(([, row]) => isOld(row) && !row.gone)
        .map(([key, { time, n }]): Change => [id, "match", key, time, n]),
      ...this.#added.filter(([, , row]) => !row.gone).map((added) => this.#put(...added)),
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

  #put(key: Key, side: Side, { time, n, end, value, matched }: JoinRow): Change {
    return [this.#host.id, "put", key, side, time, n, end === END_OF_TIME ? null : end, value, matched];
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#keys.keys()].sort(compareKeys))
      for (const side of SIDES) for (const row of this.of(key, side)) yield this.#put(key, side, row);
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "match") {
      const [key, time, n] = content as [Key, EpochMs, number];
      const row = this.of(key, LEFT).find((one) => one.time === time && one.n === n);
      if (row !== undefined) row.matched = true;
      return;
    }
    const [key, side, time, n] = content as [Key, Side, EpochMs, number];
    const held = this.#keys.get(key) ?? empty();
    const rows = held[side].rows as JoinRow[];
    if (kind === "drop") {
      const at = rows.findIndex((row) => row.time === time && row.n === n);
      if (at < 0) return;
      rows.splice(at, 1);
      this.#size -= 1;
      this.#forget(key);
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
    insert(rows, { time, n, end: end ?? END_OF_TIME, value, matched, batch: 0 });
    this.#size += 1;
  }
}

const NONE: readonly JoinRow[] = [];
const empty = (): Held => [
  { rows: [], batch: 0 },
  { rows: [], batch: 0 },
];

/** Puts a row behind all that are not younger: most often at the end. Numbers it where it has no number yet. */
function insert(rows: JoinRow[], row: Omit<JoinRow, "n" | "gone"> & { readonly n?: number }): JoinRow {
  let at = rows.length;
  while (at > 0 && isAfter(rows[at - 1] as JoinRow, row)) at -= 1;
  const before = rows[at - 1];
  const n = row.n ?? (before?.time === row.time ? before.n + 1 : 0);
  const numbered: JoinRow = { ...row, n, gone: false };
  if (at === rows.length) rows.push(numbered);
  else rows.splice(at, 0, numbered);
  return numbered;
}

const isAfter = (other: JoinRow, { time, n }: { readonly time: EpochMs; readonly n?: number }): boolean =>
  other.time > time || (other.time === time && n !== undefined && other.n > n);

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
