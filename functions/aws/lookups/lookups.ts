import { MillraceError, messageOf } from "../../../shared/errors/millrace-error.ts";
import type { Key } from "../../../shared/events/event.ts";
import type { TableSpec } from "../../../shared/operators/lookup/spec.ts";
import type { Lookups, LookupWant, StoredRows } from "../../../shared/protocol/ports.ts";
import { bounded } from "../bounded.ts";
import { fileContent, MAX_FILE_BYTES } from "./file-content.ts";
import type { FilePlace, LookupCalls, LookupPlaces, TablePlace } from "./lookup-calls.ts";
import { plainItem, type StoredItem, type StoredValue, storedKey } from "./plain-item.ts";

/** DynamoDB's own limit. */
const KEYS_PER_CALL = 100;
const CALLS_AT_ONCE = 8;
/** Calls in a row of which nothing was processed, before the caller is told. */
const MAX_ATTEMPTS = 8;

/** Looks up in the tables and files of a deployment. Reads are eventually consistent. */
export function lookupsOver(calls: LookupCalls, places: LookupPlaces): Lookups {
  return {
    rows: (table, wants) =>
      available(table, places, async () => {
        const { table: name } = placeOf<TablePlace>(table, places, "table");
        return table.version === undefined
          ? await latest(calls, name, table, wants)
          : await bounded(wants, CALLS_AT_ONCE, (want) => versions(calls, name, table, want));
      }),
    file: (table, etag) =>
      available(table, places, async () => {
        const place = placeOf<FilePlace>(table, places, "bucket");
        const read = await calls.getObject(place, etag, MAX_FILE_BYTES);
        return read && { etag: read.etag, ...fileContent(table, read.bytes) };
      }),
  };
}

/** The item of each key. Keys of one type are asked for together: where the table's are of the other, they are refused. */
async function latest(
  calls: LookupCalls,
  name: string,
  table: TableSpec,
  wants: readonly LookupWant[],
): Promise<StoredRows[]> {
  const found = new Map<Key, StoredRows>();
  for (const type of ["string", "number"]) {
    const keys = wants.flatMap(({ key }) =>
      typeof key === type && storedKey(key) !== undefined ? [key] : [],
    );
    try {
      const items = await bounded(chunks(keys), CALLS_AT_ONCE, (chunk) =>
        batchGet(calls, name, table, chunk),
      );
      for (const item of items.flat().map(plainItem)) found.set(item[table.key] as Key, { rows: [item] });
    } catch (thrown) {
      if (!calls.isRefusal(thrown)) throw thrown;
      for (const key of keys) found.set(key, { refused: messageOf(thrown) });
    }
  }
  return wants.map(({ key }) => found.get(key) ?? { rows: [] });
}

async function batchGet(
  calls: LookupCalls,
  name: string,
  table: TableSpec,
  keys: readonly Key[],
): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  let left: readonly StoredItem[] = keys.map((key) => ({ [table.key]: storedKey(key) as StoredValue }));
  for (let attempt = 0; ; ) {
    const got = await calls.batchGetItem(name, left);
    items.push(...got.items);
    if (got.unprocessed.length === 0) return items;
    attempt = got.unprocessed.length < left.length ? 1 : attempt + 1;
    if (attempt === MAX_ATTEMPTS)
      throw new Error(`DynamoDB handed back the same keys ${MAX_ATTEMPTS} times in a row`);
    left = got.unprocessed;
    await calls.backOff(attempt);
  }
}

/** The version of a key that holds at a time, and all later ones. */
async function versions(
  calls: LookupCalls,
  name: string,
  table: TableSpec,
  { key, since }: LookupWant,
): Promise<StoredRows> {
  const stored = storedKey(key);
  const at = storedKey(since);
  if (stored === undefined || at === undefined || table.version === undefined) return { rows: [] };
  const query = { table: name, key: [table.key, stored] as const };
  const items: StoredItem[] = [];
  try {
    const before = [table.version, "<=", at] as const;
    items.push(...(await calls.query({ ...query, version: before, newest: true, after: undefined })).items);
    const later = [table.version, ">", at] as const;
    let after: StoredItem | undefined;
    do {
      const page = await calls.query({ ...query, version: later, newest: false, after });
      items.push(...page.items);
      after = page.after;
    } while (after !== undefined);
    return { rows: items.map(plainItem) };
  } catch (thrown) {
    if (calls.isRefusal(thrown)) return { refused: messageOf(thrown) };
    throw thrown;
  }
}

function chunks(keys: readonly Key[]): Key[][] {
  const parts: Key[][] = [];
  for (let i = 0; i < keys.length; i += KEYS_PER_CALL) parts.push(keys.slice(i, i + KEYS_PER_CALL));
  return parts;
}

/** Whatever stands in the way of an answer is said as one error: the batch is delivered again. */
async function available<R>({ name }: TableSpec, places: LookupPlaces, run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (cause) {
    const place = Object.hasOwn(places, name) ? places[name] : undefined;
    throw new MillraceError(
      "LOOKUP_UNAVAILABLE",
      `lookup "${name}" cannot be read${where(place)} (${reason(cause, place)}); the batch is tried again until it can`,
      { next: "retried", cause },
    );
  }
}

function where(place: TablePlace | FilePlace | undefined): string {
  if (place === undefined) return "";
  return "table" in place ? ` from table "${place.table}"` : ` from s3://${place.bucket}/${place.key}`;
}

function reason(cause: unknown, place: TablePlace | FilePlace | undefined): string {
  if (!(cause instanceof Error)) return String(cause);
  const why = `${cause.name}: ${cause.message}`;
  // S3 tells only those who may list a bucket what is in it, and a stage may not
  return cause.name === "AccessDenied" && place !== undefined && "bucket" in place
    ? `there is no such object, or its role may not read it: ${why}`
    : why;
}

function placeOf<P extends TablePlace | FilePlace>(
  { name }: TableSpec,
  places: LookupPlaces,
  has: "table" | "bucket",
): P {
  const place = Object.hasOwn(places, name) ? places[name] : undefined;
  if (place === undefined || !(has in place)) throw new Error(`the deployment names no ${has} for it`);
  return place as P;
}
