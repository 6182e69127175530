import type { EventInfo, Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import type { EpochMs } from "../time/time.ts";
import type { Accumulator, Aggregate } from "./aggregate.ts";
import { checkKeepable } from "./keepable.ts";
import { type Found, migrated, unmigrated, versionOf } from "./versioned.ts";

/** What is kept of one window of one key. */
export type Cell = {
  readonly key: Key;
  start: EpochMs;
  end: EpochMs;
  /** One accumulator per aggregate. */
  accumulators: Accumulator[];
  /** Of each accumulator, the version of the aggregate that it is of; undefined where all are of version 1. */
  versions: readonly number[] | undefined;
  /** Panes emitted so far. */
  panes: number;
  /** Events since the last pane. */
  pending: number;
  /** The batch that touched it last, or 0. */
  batch: number;
  /** No longer part of the state. */
  gone: boolean;
  /** When its timer is set to; a session's only, whose end moves. */
  armedAt: EpochMs | undefined;
};

/** A cell as the log keeps it; what it does not keep is as in a cell that nothing has touched yet. */
export const cellOf = (
  kept: Pick<Cell, "key" | "start" | "end" | "accumulators" | "versions" | "panes" | "pending">,
): Cell => ({
  ...kept,
  batch: 0,
  gone: false,
  armedAt: undefined,
});

/** A cell of a window whose bounds are its own, as a change of the log. */
export const cellPut = (
  operator: string,
  { key, start, end, accumulators, versions, panes, pending }: Cell,
): Change => [operator, "put", key, start, end, accumulators, panes, pending, ...toldVersions(versions)];

/** What the log says of versions, at the end of a change: nothing where all are 1. */
export const toldVersions = (versions: Cell["versions"]): unknown[] =>
  versions === undefined ? [] : [versions];

/** Which window of which key a change of `cellPut`, or a drop of such a cell, is about. */
export const cellNamed = ([, , key, start, end]: Change): Pick<Cell, "key" | "start" | "end"> => ({
  key: key as Key,
  start: start as EpochMs,
  end: end as EpochMs,
});

/**
 * The cell of a change of `cellPut`.
 * @param versionsOf - of what the change says of versions
 */
export const cellFrom = (change: Change, versionsOf: (kept: unknown) => Cell["versions"]): Cell => {
  const [, , , , , accumulators, panes, pending, versions] = change;
  return cellOf({
    ...cellNamed(change),
    accumulators: accumulators as unknown[],
    versions: versionsOf(versions),
    panes: panes as number,
    pending: pending as number,
  });
};

/** The aggregates of one window, as one. */
export class CompositeAggregate {
  /** By name. */
  readonly parts: Readonly<Record<string, Aggregate<unknown, unknown>>>;
  readonly #names: readonly string[];
  /** In the order of accumulators. */
  readonly list: readonly Aggregate<unknown, unknown>[];
  readonly fallible: boolean;
  /** Of each part; undefined where all are 1. */
  readonly versions: readonly number[] | undefined;

  constructor(aggregates: Readonly<Record<string, Aggregate<unknown, unknown>>>) {
    this.parts = aggregates;
    this.#names = Object.keys(aggregates);
    this.list = Object.values(aggregates);
    this.fallible = this.list.some((part) => part.fallible);
    const versions = this.list.map(versionOf);
    this.versions = versions.every((version) => version === 1) ? undefined : versions;
  }

  /** The same versions, as this very array where they are those of this code. */
  versionsOf(kept: readonly number[] | undefined): readonly number[] | undefined {
    return kept?.every((version, i) => version === this.versions?.[i]) ? this.versions : kept;
  }

  /**
   * Accumulators of the present versions for those of earlier ones.
   * @param checked - whether to make sure that a log keeps them
   * @throws MillraceError `STATE_MIGRATION`
   */
  migrated({ accumulators, versions }: Cell, found: Omit<Found, "state">, checked: boolean): Accumulator[] {
    return this.list.map((part, i) => {
      const copy = part.clone(accumulators[i]);
      const from = versions?.[i] ?? 1;
      if (from === versionOf(part)) return copy;
      const where = { ...found, state: this.#names[i] ?? "" };
      const fresh = migrated(part, copy, from, where);
      if (!checked) return fresh;
      try {
        checkKeepable(fresh);
        return fresh;
      } catch (cause) {
        throw unmigrated(where, from, versionOf(part), cause);
      }
    });
  }

  create(): Accumulator[] {
    return this.list.map((part) => part.create());
  }

  /** Runs the user's functions; throws what they throw, with nothing changed. */
  extract(value: unknown, info: EventInfo, into: unknown[]): void {
    const parts = this.list;
    for (let i = 0; i < parts.length; i += 1) into[i] = parts[i]?.extract(value, info);
  }

  add(accumulators: Accumulator[], extracted: readonly unknown[], info: EventInfo): void {
    const parts = this.list;
    for (let i = 0; i < parts.length; i += 1)
      accumulators[i] = parts[i]?.add(accumulators[i], extracted[i] as never, info);
  }

  merge(a: readonly Accumulator[], b: readonly Accumulator[]): Accumulator[] {
    return this.list.map((part, i) => part.merge(a[i], b[i]));
  }

  /** Merges into the first of two, which is nobody else's. */
  mergeInto(into: Accumulator[], from: readonly Accumulator[]): void {
    const parts = this.list;
    for (let i = 0; i < parts.length; i += 1) into[i] = parts[i]?.merge(into[i], from[i]);
  }

  clone(accumulators: readonly Accumulator[]): Accumulator[] {
    const parts = this.list;
    const copy: Accumulator[] = new Array(parts.length);
    for (let i = 0; i < parts.length; i += 1) copy[i] = parts[i]?.clone(accumulators[i]);
    return copy;
  }

  /** The result row, still without key, window and pane. */
  finish(accumulators: readonly Accumulator[]): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < this.list.length; i += 1)
      row[this.#names[i] as string] = this.list[i]?.finish(accumulators[i]);
    return row;
  }
}
