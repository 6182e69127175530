import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { compareKeys } from "../../state/key-order.ts";
import { cloneData } from "../custom.ts";
import { frozen } from "../frozen.ts";
import type { Host } from "../host.ts";
import { KeyedValues } from "../keyed-values.ts";
import { isGone, type Prepare } from "./spec.ts";

type Prepared = { readonly value: unknown; readonly made: unknown };

/**
 * The latest control value of each key, and what was made of it. Only the values are state: what `prepare` makes of
 * them is made again where they are read.
 */
export class Latest {
  readonly #values: KeyedValues<unknown>;
  readonly #prepare: Prepare;
  readonly #prepared = new Map<Key, Prepared>();
  #shown: ReadonlyMap<Key, unknown> | undefined;

  constructor(host: Pick<Host, "id" | "journal">, prepare: Prepare | undefined) {
    this.#values = new KeyedValues(host);
    this.#prepare = prepare ?? ((value) => value);
  }

  get size(): number {
    return this.#values.size;
  }

  /** Takes a control value. Throws what `prepare` throws, and then keeps the value before. */
  take(key: Key, value: unknown): void {
    if (isGone(value)) {
      this.#values.delete(key);
      this.#prepared.delete(key);
    } else {
      // all partitions must see what the log says
      const kept = frozen(cloneData(value));
      this.#prepared.set(key, { value: kept, made: this.#prepare(kept, key) });
      this.#values.set(key, kept);
    }
    this.#shown = undefined;
  }

  /** Numbers before strings, each in order: the same whatever the state was read from. */
  all(): ReadonlyMap<Key, unknown> {
    this.#shown ??= new Map(
      [...this.#values.all()]
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([key, value]) => [key, this.#madeOf(key, value)]),
    );
    return this.#shown;
  }

  #madeOf(key: Key, value: unknown): unknown {
    const known = this.#prepared.get(key);
    if (known !== undefined && Object.is(known.value, value)) return known.made;
    const made = this.#prepare(value, key);
    this.#prepared.set(key, { value, made });
    return made;
  }

  changes(): Change[] {
    return this.#values.changes();
  }

  clean(): void {
    this.#values.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#values.snapshot();
  }

  apply([id, kind, key, value]: Change): void {
    this.#values.apply([id, kind, key, frozen(value)] as Change);
  }

  /** After a rollback or recovery. */
  reset(): void {
    this.#values.clean();
    this.#shown = undefined;
    for (const [key, { value }] of this.#prepared)
      if (!Object.is(this.#values.get(key), value)) this.#prepared.delete(key);
  }
}
