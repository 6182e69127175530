import type { EventInfo, Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import type { EpochMs } from "../time/time.ts";
import type { Accumulator, Aggregate } from "./aggregate.ts";

/** What is kept of one window of one key. */
export type Cell = {
  readonly key: Key;
  start: EpochMs;
  end: EpochMs;
  /** One accumulator per aggregate. */
  accumulators: Accumulator[];
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
  kept: Pick<Cell, "key" | "start" | "end" | "accumulators" | "panes" | "pending">,
): Cell => ({
  ...kept,
  batch: 0,
  gone: false,
  armedAt: undefined,
});

/** A cell of a window whose bounds are its own, as a change of the log. */
export const cellPut = (
  operator: string,
  { key, start, end, accumulators, panes, pending }: Cell,
): Change => [operator, "put", key, start, end, accumulators, panes, pending];

/** Which window of which key a change of `cellPut`, or a drop of such a cell, is about. */
export const cellNamed = ([, , key, start, end]: Change): Pick<Cell, "key" | "start" | "end"> => ({
  key: key as Key,
  start: start as EpochMs,
  end: end as EpochMs,
});

/** The cell of a change of `cellPut`. */
export const cellFrom = (change: Change): Cell => {
  const [, , , , , accumulators, panes, pending] = change;
  return cellOf({
    ...cellNamed(change),
    accumulators: accumulators as unknown[],
    panes: panes as number,
    pending: pending as number,
  });
};

/** The aggregates of one window, as one. */
export class CompositeAggregate {
  readonly #names: readonly string[];
  readonly #parts: readonly Aggregate<unknown, unknown>[];
  readonly fallible: boolean;

  constructor(aggregates: Readonly<Record<string, Aggregate<unknown, unknown>>>) {
    this.#names = Object.keys(aggregates);
    this.#parts = Object.values(aggregates);
    this.fallible = this.#parts.some((part) => part.fallible);
  }

  create(): Accumulator[] {
    return this.#parts.map((part) => part.create());
  }

  /** Runs the user's functions; throws what they throw, with nothing changed. */
  extract(value: unknown, info: EventInfo, into: unknown[]): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1) into[i] = parts[i]?.extract(value, info);
  }

  add(accumulators: Accumulator[], extracted: readonly unknown[], info: EventInfo): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1)
      accumulators[i] = parts[i]?.add(accumulators[i], extracted[i] as never, info);
  }

  merge(a: readonly Accumulator[], b: readonly Accumulator[]): Accumulator[] {
    return this.#parts.map((part, i) => part.merge(a[i], b[i]));
  }

  /** Merges into the first of two, which is nobody else's. */
  mergeInto(into: Accumulator[], from: readonly Accumulator[]): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1) into[i] = parts[i]?.merge(into[i], from[i]);
  }

  clone(accumulators: readonly Accumulator[]): Accumulator[] {
    const parts = this.#parts;
    const copy: Accumulator[] = new Array(parts.length);
    for (let i = 0; i < parts.length; i += 1) copy[i] = parts[i]?.clone(accumulators[i]);
    return copy;
  }

  /** The result row, still without key, window and pane. */
  finish(accumulators: readonly Accumulator[]): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < this.#parts.length; i += 1)
      row[this.#names[i] as string] = this.#parts[i]?.finish(accumulators[i]);
    return row;
  }
}
