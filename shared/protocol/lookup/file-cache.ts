import type { Key } from "../../events/event.ts";
import type { Answer } from "../../operators/lookup/answer.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../../time/time.ts";
import type { Lookups, LookupWant } from "../ports.ts";
import { fileAnswer, unusable } from "./checked-row.ts";
import type { LookupCache } from "./lookup-cache.ts";
import { type StoredByKey, storedByKey } from "./stored-rows.ts";

/** A file, read: each row is checked once it is asked for. */
type ReadFile = StoredByKey & { readonly etag: string; readonly answers: Map<Key, Answer | Promise<Answer>> };

/** A file in S3, as a whole. While its ETag stays the same, it is not read again. */
export class FileCache implements LookupCache {
  readonly #table: TableSpec;
  readonly #port: Lookups;
  #file: ReadFile | undefined;
  #readAt: EpochMs = BEGINNING_OF_TIME;
  #reading: Promise<ReadFile> | undefined;

  constructor(table: TableSpec, port: Lookups) {
    this.#table = table;
    this.#port = port;
  }

  peek(key: Key, now: EpochMs): Answer | undefined {
    if (this.#file === undefined || now - this.#readAt >= this.#table.refresh) return undefined;
    const answer = this.#answer(this.#file, key);
    return answer instanceof Promise ? undefined : answer;
  }

  async fetch(wants: readonly LookupWant[], now: EpochMs): Promise<readonly Answer[]> {
    const file = await this.#current(now);
    return await Promise.all(
      wants.map(async ({ key }) => {
        const answer = await this.#answer(file, key);
        file.answers.set(key, answer);
        return answer;
      }),
    );
  }

  /** Partitions that need it at one time read it once. */
  async #current(now: EpochMs): Promise<ReadFile> {
    if (this.#file !== undefined && now - this.#readAt < this.#table.refresh) return this.#file;
    this.#reading ??= this.#read(now).finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  async #read(now: EpochMs): Promise<ReadFile> {
    const read = await this.#port.file(this.#table, this.#file?.etag);
    const file =
      read === undefined
        ? this.#file
        : { ...storedByKey(this.#table, read), etag: read.etag, answers: new Map() };
    if (file === undefined) throw new TypeError(`file "${this.#table.name}" is said to be known, and is not`);
    this.#file = file;
    this.#readAt = now;
    return file;
  }

  #answer(file: ReadFile, key: Key): Answer | Promise<Answer> {
    let answer = file.answers.get(key);
    if (answer === undefined) {
      const stored = file.stored.get(key);
      answer =
        stored === undefined && file.astray !== undefined
          ? unusable(file.astray)
          : fileAnswer(this.#table, stored ?? []);
      file.answers.set(key, answer);
    }
    return answer;
  }
}
