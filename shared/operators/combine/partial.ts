import { MillraceError } from "../../errors/millrace-error.ts";
import type { EventInfo } from "../../events/event.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Accumulator, Aggregate } from "../aggregate.ts";

type Aggregates = Readonly<Record<string, Aggregate<unknown, unknown>>>;

/**
 * What goes over a shuffle for events of one key and slice: how many there were and, for each aggregate by its name,
 * what it made of them. `{"n": 3, "=flights": 3, "=delay": [4, 0, 11]}`. Of a session it also says the oldest of their
 * times, `from`; the newest is that of the row.
 */
export type Partial = Readonly<Record<string, unknown>> & { readonly n: number; readonly from?: EpochMs };

type Part = {
  readonly field: string;
  readonly aggregate: Aggregate<unknown, unknown>;
  readonly isList: boolean;
};

/** What is known of events that become one row. */
type Packed = {
  readonly events: number;
  readonly from: EpochMs;
  readonly sums: readonly Accumulator[];
};

/** Makes and takes the partial results of one window operator. */
export class Partials {
  readonly #parts: readonly Part[];
  readonly #spans: boolean;

  /** @param spans - whether they say from when on their events are */
  constructor(aggregates: Aggregates, spans = false) {
    this.#spans = spans;
    this.#parts = Object.entries(aggregates).map(([name, aggregate]) => ({
      field: `=${name}`,
      aggregate,
      isList: aggregate.combines === "values",
    }));
  }

  create(): Accumulator[] {
    return this.#parts.map(({ aggregate, isList }) => (isList ? [] : aggregate.create()));
  }

  /** Adds what was extracted of one event. */
  add(sums: Accumulator[], extracted: readonly unknown[], info: EventInfo): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1) {
      const { isList, aggregate } = parts[i] as Part;
      if (isList) sums[i].push(extracted[i]);
      else sums[i] = aggregate.add(sums[i], extracted[i] as never, info);
    }
  }

  /** Adds another partial result, which stays as it is. */
  join(sums: Accumulator[], from: Partial): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1) {
      const { field, isList, aggregate } = parts[i] as Part;
      if (isList) for (const value of from[field] as unknown[]) sums[i].push(value);
      else sums[i] = (aggregate.absorb ?? aggregate.merge)(sums[i], from[field]);
    }
  }

  /** As it goes over the shuffle. */
  pack({ events: n, from, sums }: Packed): Partial {
    const packed: Record<string, unknown> & { n: number } = this.#spans ? { n, from } : { n };
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1) packed[(parts[i] as Part).field] = sums[i];
    return packed;
  }

  /** Adds it to the accumulators of a window, as its events would have been added. */
  addTo(accumulators: Accumulator[], from: Partial, info: EventInfo): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i += 1) {
      const { field, isList, aggregate } = parts[i] as Part;
      if (isList)
        for (const value of from[field] as unknown[])
          accumulators[i] = aggregate.add(accumulators[i], value as never, info);
      else accumulators[i] = (aggregate.absorb ?? aggregate.merge)(accumulators[i], from[field]);
    }
  }

  /** @throws MillraceError `PARTIAL_UNKNOWN` for what another version of the operator has made */
  checked(value: unknown): Partial {
    const read = (typeof value === "object" && value !== null ? value : {}) as Partial;
    const fits = this.#parts.every(
      ({ field, isList }) => field in read && (!isList || Array.isArray(read[field])),
    );
    const fields = this.#parts.length + (this.#spans ? 2 : 1);
    const isSpan = !this.#spans || Number.isSafeInteger(read.from);
    if (fits && isSpan && Number.isSafeInteger(read.n) && Object.keys(read).length === fields) return read;
    throw new MillraceError(
      "PARTIAL_UNKNOWN",
      `a combined row with ${Object.keys(read).join(", ")}, where ${this.#parts.map(({ field }) => field).join(", ")} are wanted`,
      { next: "dead-lettered" },
    );
  }
}
