import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import type { Host } from "./host.ts";

/**
 * One value per key, which is replaced and never changed in place. What a batch replaced is taken back by the journal
 * and told to the log as it then is.
 */
export class KeyedValues<V> {
  readonly #host: Pick<Host, "id" | "journal">;
  readonly #values = new Map<Key, V>();
  readonly #touched = new Set<Key>();

  constructor(host: Pick<Host, "id" | "journal">) {
    this.#host = host;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: Key): V | undefined {
    return this.#values.get(key);
  }

  set(key: Key, value: V): void {
    this.#touch(key);
    this.#values.set(key, value);
  }

  delete(key: Key): void {
    if (!this.#values.has(key)) return;
    this.#touch(key);
    this.#values.delete(key);
  }

  #touch(key: Key): void {
    if (this.#touched.has(key)) return;
    this.#touched.add(key);
    const had = this.#values.has(key);
    const before = this.#values.get(key) as V;
    this.#host.journal.note(() => {
      if (had) this.#values.set(key, before);
      else this.#values.delete(key);
    });
  }

  /** Every key and its value, in no order that matters. */
  all(): Iterable<readonly [Key, V]> {
    return this.#values;
  }

  changes(): Change[] {
    const changes = [...this.#touched].map((key): Change => {
      const { id } = this.#host;
      return this.#values.has(key) ? [id, "put", key, this.#values.get(key)] : [id, "drop", key];
    });
    this.clean();
    return changes;
  }

  /** Forgets what the batch replaced. */
  clean(): void {
    this.#touched.clear();
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#values.keys()].sort(compareKeys))
      yield [this.#host.id, "put", key, this.#values.get(key)];
  }

  apply([, kind, key, value]: Change): void {
    if (kind === "drop") this.#values.delete(key as Key);
    else this.#values.set(key as Key, value as V);
  }
}
