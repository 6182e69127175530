import type { Key } from "../../events/event.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../../time/time.ts";
import type { FoundRow } from "./answer.ts";

/** A row as an entry keeps it: when from the beginning of time, as `[row]`. */
type KeptRow =
  | readonly [row: unknown]
  | readonly [row: unknown, from: EpochMs]
  | readonly [row: null, from: EpochMs | null, problem: string];

/**
 * What a batch looked up, as its entry keeps it: of each table the keys, and of each key the rows that events met, oldest
 * first; none where there was none. Whoever folds the batch again with them gets what it got.
 */
export type LookedUp = readonly (readonly [
  table: string,
  keys: readonly (readonly [key: Key, ...rows: readonly KeptRow[]])[],
])[];

/** Notes what a batch looks up, each row once. */
export class LookupNotes {
  readonly #tables = new Map<string, Map<Key, Map<EpochMs, FoundRow>>>();

  note(table: string, key: Key, found: FoundRow | undefined): void {
    let keys = this.#tables.get(table);
    if (keys === undefined) {
      keys = new Map();
      this.#tables.set(table, keys);
    }
    let rows = keys.get(key);
    if (rows === undefined) {
      rows = new Map();
      keys.set(key, rows);
    }
    if (found !== undefined) rows.set(found.from, found);
  }

  clear(): void {
    this.#tables.clear();
  }

  kept(): LookedUp {
    return [...this.#tables].map(([table, keys]) => [
      table,
      [...keys].map(([key, rows]) => [
        key,
        ...[...rows.values()].sort((a, b) => a.from - b.from || 0).map(keptRow),
      ]),
    ]);
  }
}

function keptRow({ from, row, problem }: FoundRow): KeptRow {
  const since = from === BEGINNING_OF_TIME ? null : from;
  if (problem !== undefined) return [null, since, problem];
  return since === null ? [row] : [row, since];
}

/** The rows of a key that an entry has kept. */
export const rowsKept = (kept: readonly KeptRow[]): FoundRow[] =>
  kept.map(([row, from, problem]) => ({
    from: from ?? BEGINNING_OF_TIME,
    row,
    ...(problem === undefined ? {} : { problem }),
  }));
