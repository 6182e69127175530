import type { EpochMs } from "../../../shared/time/time.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { ObjectHeaders } from "./s3-api.ts";

export type StoredObject = {
  readonly body: Uint8Array;
  /** Quoted. */
  readonly etag: string;
  readonly modifiedAt: EpochMs;
  readonly headers: ObjectHeaders;
};

/** The objects of a bucket, with their keys in the order in which they are listed. */
export class Bucket {
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys: string[] = [];

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, object: StoredObject): void {
    if (!this.#objects.has(key)) this.#keys.splice(this.indexFrom(key), 0, key);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(this.indexFrom(key), 1);
  }

  /** The key at an index of the sorted list. */
  keyAt(index: number): string | undefined {
    return this.#keys[index];
  }

  /** The index of the first key that is not before the given one; O(1) for one behind all others. */
  indexFrom(key: string): number {
    const last = this.#keys.at(-1);
    if (last === undefined || compareUtf8(last, key) < 0) return this.#keys.length;
    return this.#firstNot((other) => compareUtf8(other, key) < 0);
  }

  /** The index behind all keys that start with the prefix or come before it. */
  indexBehind(prefix: string): number {
    return this.#firstNot((other) => compareUtf8(other, prefix) < 0 || other.startsWith(prefix));
  }

  #firstNot(before: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#keys[middle] ?? "")) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
