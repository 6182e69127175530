import type { Key } from "../../events/event.ts";
import type { EpochMs } from "../../time/time.ts";
import type { TableSpec } from "./spec.ts";

/** A row of a table, read and checked. */
export type FoundRow = {
  /** From when on it holds; the beginning of time in a table without versions. */
  readonly from: EpochMs;
  readonly row: unknown;
  /** Why it cannot be used, in a sentence. */
  readonly problem?: string;
};

/** What a table says of a key. */
export type Answer = {
  /** Oldest first. */
  readonly rows: readonly FoundRow[];
  /** The earliest time for which it answers: of older versions nothing is known. */
  readonly since: EpochMs;
};

/** The row that holds at a time: the newest that began then or before. */
export const rowAt = ({ rows }: Pick<Answer, "rows">, at: EpochMs): FoundRow | undefined =>
  rows.findLast(({ from }) => from <= at);

/** What a batch needs to know, and does not. */
export type Lack = { readonly table: TableSpec; readonly key: Key; readonly at: EpochMs };

/** Where a fold looks up. It answers at once, and for one batch always the same. */
export type LookupReader = {
  /**
   * What a table says of a key, for a time at least; undefined where that must be fetched first.
   * @param record - names the record that is being folded
   */
  read(table: TableSpec, key: Key, at: EpochMs, record: string): Answer | undefined;
};
