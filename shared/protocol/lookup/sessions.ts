import { MillraceError } from "../../errors/millrace-error.ts";
import type { Key } from "../../events/event.ts";
import type { Answer, Lack, LookupReader } from "../../operators/lookup/answer.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import type { Clock } from "../../time/clock.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../../time/time.ts";
import type { Environment } from "../environment.ts";
import type { Lookups, LookupWant } from "../ports.ts";
import { FileCache } from "./file-cache.ts";
import type { LookupCache } from "./lookup-cache.ts";
import { TableCache } from "./table-cache.ts";

/** Where a partition looks up. What it has read once it reads again, until it begins anew. */
export type LookupSession = LookupReader & {
  /** Before a batch is folded: rows are as of now, or at most a `refresh` older. */
  begin(): void;
  /**
   * Fetches what a batch lacked, all of it in one round.
   * @throws MillraceError `LOOKUP_UNAVAILABLE`
   */
  fetch(lacks: readonly Lack[]): Promise<void>;
};

/** Opens the lookups of a partition. */
export type OpenLookups = () => LookupSession;

/** The lookups of all partitions of an environment: they share what is in memory. */
export function cachedLookups({
  lookups = NOT_DEPLOYED,
  clock,
}: Pick<Environment, "lookups" | "clock">): OpenLookups {
  const caches = new Map<string, LookupCache>();
  const cacheOf = (table: TableSpec): LookupCache => {
    const known = caches.get(table.name);
    if (known !== undefined) return known;
    const made = table.store === "s3" ? new FileCache(table, lookups) : new TableCache(table, lookups);
    caches.set(table.name, made);
    return made;
  };
  return () => new CachedSession(cacheOf, clock);
}

const notDeployed = ({ name }: TableSpec): Promise<never> =>
  Promise.reject(
    new MillraceError(
      "LOOKUP_UNAVAILABLE",
      `lookup "${name}": this function was deployed without lookups; deploy it with them`,
      { next: "retried" },
    ),
  );

const NOT_DEPLOYED: Lookups = { rows: notDeployed, file: notDeployed };

class CachedSession implements LookupSession {
  readonly #cacheOf: (table: TableSpec) => LookupCache;
  readonly #clock: Clock;
  /** By table: others may change or drop what the cache has, while this batch is folded again. */
  readonly #held = new Map<string, Map<Key, Answer>>();
  #now: EpochMs = BEGINNING_OF_TIME;

  constructor(cacheOf: (table: TableSpec) => LookupCache, clock: Clock) {
    this.#cacheOf = cacheOf;
    this.#clock = clock;
  }

  begin(): void {
    this.#held.clear();
    this.#now = this.#clock.now();
  }

  read(table: TableSpec, key: Key, at: EpochMs): Answer | undefined {
    const held = this.#heldOf(table).get(key);
    if (held !== undefined) return held.since <= at ? held : undefined;
    const known = this.#cacheOf(table).peek(key, this.#now);
    if (known === undefined || known.since > at) return undefined;
    this.#heldOf(table).set(key, known);
    return known;
  }

  async fetch(lacks: readonly Lack[]): Promise<void> {
    const wants = new Map<TableSpec, Map<Key, LookupWant>>();
    for (const { table, key, at } of lacks) {
      const ofTable = wants.get(table) ?? new Map<Key, LookupWant>();
      wants.set(table, ofTable);
      const since = Math.min(at, ofTable.get(key)?.since ?? at) as EpochMs;
      ofTable.set(key, { key, since });
    }
    await Promise.all([...wants].map(([table, keys]) => this.#fetch(table, [...keys.values()])));
  }

  async #fetch(table: TableSpec, wants: readonly LookupWant[]): Promise<void> {
    const answers = await this.#cacheOf(table).fetch(wants, this.#now);
    for (const [i, { key }] of wants.entries()) this.#heldOf(table).set(key, answers[i] as Answer);
  }

  #heldOf({ name }: TableSpec): Map<Key, Answer> {
    let held = this.#held.get(name);
    if (held === undefined) {
      held = new Map();
      this.#held.set(name, held);
    }
    return held;
  }
}
