import type { FailedEvent, Key } from "../../shared/events/event.ts";
import { sameKey } from "./keys.ts";

/** What a partition counts. */
export type Counts = {
  input: number;
  late: number;
  failed: number;
  skipped: number;
  duplicates: number;
  windows: number;
  /** Only where something is looked up. */
  unmatched?: number;
};

export const noCounts = (): Counts => ({
  input: 0,
  late: 0,
  failed: 0,
  skipped: 0,
  duplicates: 0,
  windows: 0,
});

/** What an application has left behind. */
export class Results {
  readonly #views = new Map<string, { readonly key: Key; readonly sort: Key; readonly row: unknown }[]>();
  readonly #lake = new Map<string, unknown[]>();
  readonly failed: FailedEvent[] = [];
  /** By stage, over all its partitions. */
  readonly counts: Map<string, Counts> = new Map();
  /** Sentences on what cannot be, whatever comes out. */
  readonly contradictions: string[] = [];

  /** Writes a row of a view; undefined deletes. */
  write(view: string, key: Key, sort: Key, row: unknown): void {
    const others = (this.#views.get(view) ?? []).filter(
      (one) => !(sameKey(one.key, key) && sameKey(one.sort, sort)),
    );
    this.#views.set(view, row === undefined ? others : [...others, { key, sort, row }]);
  }

  append(table: string, row: unknown): void {
    this.#lake.set(table, [...(this.#lake.get(table) ?? []), row]);
  }

  /** The rows of a view, in no order. */
  view(name: string): readonly unknown[] {
    return (this.#views.get(name) ?? []).map(({ row }) => row);
  }

  /** The rows of a lake table, in the order in which they came. */
  lake(name: string): readonly unknown[] {
    return this.#lake.get(name) ?? [];
  }
}
