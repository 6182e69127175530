import type { Key } from "../../events/event.ts";
import type { Answer } from "../../operators/lookup/answer.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import { encodeValue } from "../../state/codec.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Lookups, LookupWant, StoredRows } from "../ports.ts";
import { answerOf, unusable } from "./checked-row.ts";
import type { LookupCache } from "./lookup-cache.ts";

type Known = { readonly answer: Answer; readonly readAt: EpochMs; readonly chars: number };

/** What a key costs in memory, whatever its rows are. */
const KEY_CHARS = 100;

/** Rows of a table in DynamoDB, by key; those that were not asked for longest go first. */
export class TableCache implements LookupCache {
  readonly #table: TableSpec;
  readonly #port: Lookups;
  /** The longest unused first. */
  readonly #known = new Map<Key, Known>();
  #chars = 0;

  constructor(table: TableSpec, port: Lookups) {
    this.#table = table;
    this.#port = port;
  }

  peek(key: Key, now: EpochMs): Answer | undefined {
    const known = this.#known.get(key);
    if (known === undefined || now - known.readAt >= this.#table.refresh) return undefined;
    this.#known.delete(key);
    this.#known.set(key, known);
    return known.answer;
  }

  async fetch(wants: readonly LookupWant[], now: EpochMs): Promise<readonly Answer[]> {
    const stored = await this.#port.rows(this.#table, wants);
    const answers = await Promise.all(
      wants.map(({ since }, i) => this.#answer(stored[i] ?? { rows: [] }, since)),
    );
    for (const [i, { key }] of wants.entries()) this.#keep(key, answers[i] as Answer, now);
    return answers;
  }

  #answer(stored: StoredRows, since: EpochMs): Answer | Promise<Answer> {
    return "refused" in stored
      ? unusable(`it takes no such key (${stored.refused}): look up by one of its type`)
      : answerOf(this.#table, stored.rows, since);
  }

  #keep(key: Key, answer: Answer, readAt: EpochMs): void {
    this.#forget(key);
    const chars = answer.rows.reduce((n, { row }) => n + encodeValue(row).length, KEY_CHARS);
    this.#known.set(key, { answer, readAt, chars });
    this.#chars += chars;
    for (const oldest of this.#known.keys()) {
      if (this.#chars <= this.#table.cacheChars) return;
      this.#forget(oldest);
    }
  }

  #forget(key: Key): void {
    this.#chars -= this.#known.get(key)?.chars ?? 0;
    this.#known.delete(key);
  }
}
