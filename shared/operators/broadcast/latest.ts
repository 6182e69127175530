import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { compareKeys } from "../../state/key-order.ts";
import { cloneData } from "../custom.ts";
import { frozen } from "../frozen.ts";
import type { Host } from "../host.ts";
import { KeyedValues } from "../keyed-values.ts";
import type { RowKeeper } from "../row-keeper.ts";
import { isGone, type Prepare } from "./spec.ts";

/** A value as it is kept, and what was made of it. */
type Prepared = { readonly kept: unknown; readonly made: unknown };

/**
 * The latest control value of each key, and what was made of it. Only the values are state, each in the version of the
 * code that it came to: what `migrate` and `prepare` make of them is made again where they are read.
 */
export class Latest {
  readonly #values: KeyedValues<unknown>;
  readonly #keeper: RowKeeper;
  readonly #prepare: Prepare;
  readonly #prepared = new Map<Key, Prepared>();
  #shown: ReadonlyMap<Key, unknown> | undefined;

  constructor(host: Pick<Host, "id" | "journal">, keeper: RowKeeper, prepare: Prepare | undefined) {
    this.#values = new KeyedValues(host);
    this.#keeper = keeper;
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
      const own = frozen(cloneData(value));
      const kept = this.#keeper.keep(own);
      this.#prepared.set(key, { kept, made: this.#prepare(own, key) });
      this.#values.set(key, kept);
    }
    this.#shown = undefined;
  }

  /**
   * Numbers before strings, each in order: the same whatever the state was read from. Throws what `prepare` throws.
   * @throws MillraceError `STATE_MIGRATION`
   */
  all(): ReadonlyMap<Key, unknown> {
    this.#shown ??= new Map(
      [...this.#values.all()]
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([key, kept]) => [key, this.#madeOf(key, kept)]),
    );
    return this.#shown;
  }

  #madeOf(key: Key, kept: unknown): unknown {
    const known = this.#prepared.get(key);
    if (known !== undefined && Object.is(known.kept, kept)) return known.made;
    const made = this.#prepare(frozen(this.#keeper.read(kept, key)), key);
    this.#prepared.set(key, { kept, made });
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

  apply([id, kind, key, kept]: Change): void {
    this.#values.apply([id, kind, key, frozen(kept)] as Change);
  }

  /** After a rollback or recovery. */
  reset(): void {
    this.#values.clean();
    this.#shown = undefined;
    for (const [key, { kept }] of this.#prepared)
      if (!Object.is(this.#values.get(key), kept)) this.#prepared.delete(key);
  }
}
