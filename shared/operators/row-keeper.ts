import type { Key } from "../events/event.ts";
import { KeptRow } from "../state/kept-row.ts";
import { cloneData } from "./custom.ts";
import type { Host } from "./host.ts";
import { type KeptRows, rowsBy } from "./kept-rows.ts";
import { migrated, versionOf } from "./versioned.ts";

/** Keeps rows in the version of this code, and reads those of earlier ones. `null` says that there is none, in any version. */
export type RowKeeper = {
  /** Whether rows may have been kept in an earlier version; if not, they are kept as they are. */
  readonly migrates: boolean;
  readonly keep: (row: unknown) => unknown;
  /** @throws MillraceError `STATE_MIGRATION` */
  readonly read: (kept: unknown, key: Key) => unknown;
  /** A row of the present version for one of an earlier one. @throws MillraceError `STATE_MIGRATION` */
  readonly migrated: (row: unknown, version: number, key: Key) => unknown;
};

/** Keeps rows of version 1, before which there is none. */
export const AS_IS: RowKeeper = {
  migrates: false,
  keep: (row) => row,
  read: (kept) => kept,
  migrated: (row) => row,
};

/** The keeper of the rows that come by an input. */
export function rowKeeper(
  { pipeline, id: operator }: Pick<Host, "pipeline" | "id">,
  kept: KeptRows,
  input: number,
): RowKeeper {
  const [state, rows] = rowsBy(kept, input) ?? [];
  if (state === undefined || rows === undefined || versionOf(rows) === 1) return AS_IS;
  const version = versionOf(rows);
  const toPresent: RowKeeper["migrated"] = (row, from, key) =>
    row === null || row === undefined
      ? row
      : migrated(rows, cloneData(row), from, { pipeline, operator, key, state });
  return {
    migrates: true,
    keep: (row) => (row === null ? null : new KeptRow(version, row)),
    read(row, key) {
      if (!(row instanceof KeptRow)) return toPresent(row, 1, key);
      return row.version === version ? row.value : toPresent(row.value, row.version, key);
    },
    migrated: toPresent,
  };
}

/** A row as it was kept, in whatever version. */
export const asKept = (row: unknown): unknown => (row instanceof KeptRow ? row.value : row);
