import type { EpochMs } from "../../../shared/time/time.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { Checksum } from "./checksums.ts";
import { Lifecycle, type LifecycleRule, midnightAfter } from "./lifecycle.ts";
import { MultipartUploads, type SavedUploads } from "./multipart-uploads.ts";
import { PendingWrites } from "./pending-writes.ts";
import type { ObjectHeaders } from "./s3-api.ts";

type StoredPart = { readonly number: number; readonly size: number };

export type StoredObject = {
  readonly body: Uint8Array;
  /** Quoted. */
  readonly etag: string;
  /** Whole seconds, as HTTP dates have them. */
  readonly modifiedAt: EpochMs;
  readonly headers: ObjectHeaders;
  readonly checksum: Checksum | undefined;
  /** What it was put together from; empty where it was put as a whole. */
  readonly parts: readonly StoredPart[];
};

/** A bucket without its objects, as it is kept. */
export type SavedBucket = {
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly nextSweep: EpochMs;
  readonly rules: readonly LifecycleRule[];
  readonly uploads: SavedUploads;
};

/** The objects of a bucket, with their keys in the order in which they are listed, and what is on the way to them. */
export class Bucket {
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly uploads: MultipartUploads;
  readonly pendingWrites: PendingWrites = new PendingWrites();
  lifecycle: Lifecycle = new Lifecycle([]);
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys: string[] = [];
  #nextSweep: EpochMs;

  constructor(name: string, createdAt: EpochMs) {
    this.name = name;
    this.createdAt = createdAt;
    this.uploads = new MultipartUploads(name);
    this.#nextSweep = midnightAfter(createdAt);
  }

  /** The bucket as it was saved, its objects still to be put in. */
  static restore({ name, createdAt, nextSweep, rules, uploads }: SavedBucket): Bucket {
    const bucket = new Bucket(name, createdAt);
    bucket.lifecycle = new Lifecycle(rules);
    bucket.uploads.restore(uploads);
    bucket.#nextSweep = nextSweep;
    return bucket;
  }

  /** What to make the same one of, but for its objects. */
  save(): SavedBucket {
    const { name, createdAt, lifecycle, uploads } = this;
    return { name, createdAt, nextSweep: this.#nextSweep, rules: lifecycle.rules, uploads: uploads.save() };
  }

  /** Keys and objects in the order of listing. */
  entries(): (readonly [key: string, object: StoredObject])[] {
    return this.#keys.flatMap((key) => {
      const object = this.#objects.get(key);
      return object === undefined ? [] : [[key, object] as const];
    });
  }

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
    if (!this.#objects.delete(key)) return;
    this.#keys.splice(this.indexFrom(key), 1);
    this.pendingWrites.deleted(key);
  }

  /** Deletes what the lifecycle rules have let expire: rules act at midnight UTC only, so once a day is enough. */
  sweep(now: EpochMs): void {
    if (now < this.#nextSweep) return;
    this.#nextSweep = midnightAfter(now);
    for (const [key, object] of this.#objects) {
      const expiration = this.lifecycle.expirationOf(key, object.body.byteLength, object.modifiedAt);
      if (expiration !== undefined && expiration.at <= now) this.delete(key);
    }
    this.uploads.sweep(this.lifecycle, now);
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
