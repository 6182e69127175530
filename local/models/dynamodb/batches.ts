import type { Item } from "./attribute-value.ts";
import { consumedByTable, type Meter, readUnits } from "./capacity.ts";
import { checkedItem } from "./check-values.ts";
import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  KeysAndAttributes,
  WriteRequest,
} from "./dynamodb-api.ts";
import { identityOf } from "./key-spec.ts";
import { perform, prepareWrite, valid, type Write } from "./prepared-write.ts";
import { readItem } from "./read-item.ts";
import type { Tables } from "./tables.ts";
import { validation } from "./validation.ts";

const MAX_WRITES = 25;
const MAX_READS = 100;
const MAX_READ_BYTES = 16 * 1_048_576;

/** Puts and deletes of up to 25 items, each for itself; those at the indexes in `failed` are handed back. */
export function batchWrite(
  tables: Tables,
  input: BatchWriteItemInput,
  failed: ReadonlySet<number>,
  meter: Meter,
): BatchWriteItemOutput {
  const requests = Object.entries(input.RequestItems).flatMap(([name, writes]) =>
    writes.map((request) => ({ name, request })),
  );
  checkCount(requests.length, MAX_WRITES);
  const prepared = requests.map(({ name, request }) =>
    valid(prepareWrite(tables.get(name), writeOf(request), {})),
  );
  checkDistinct(prepared.map(({ table, identity }) => `${table.name} ${identity}`));

  const units = new Map<string, number>();
  const unprocessed: Record<string, WriteRequest[]> = {};
  prepared.forEach((write, index) => {
    const request = requests[index];
    if (request !== undefined && failed.has(index)) {
      unprocessed[request.name] = [...(unprocessed[request.name] ?? []), request.request];
      return;
    }
    const { name } = write.table;
    units.set(name, (units.get(name) ?? 0) + meter.wrote(perform(write)));
  });
  return { UnprocessedItems: unprocessed, ...consumedByTable(input.ReturnConsumedCapacity, units) };
}

/** Reads up to 100 items and 16 MB; the keys behind that, and those at the indexes in `failed`, are handed back. */
export function batchGet(
  tables: Tables,
  input: BatchGetItemInput,
  failed: ReadonlySet<number>,
  meter: Meter,
): BatchGetItemOutput {
  const requests = Object.entries(input.RequestItems).flatMap(([name, { Keys, ...how }]) =>
    Keys.map((key) => ({ name, key, how })),
  );
  checkCount(requests.length, MAX_READS);
  const units = new Map<string, number>();
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, KeysAndAttributes> = {};
  const identities = requests.map(({ name, key }) => {
    const { spec } = tables.get(name);
    return `${name} ${identityOf(spec, checkedItem(key))}`;
  });
  checkDistinct(identities);
  let bytes = 0;
  requests.forEach(({ name, key, how }, index) => {
    const table = tables.get(name);
    const { row, item } = readItem(table, { ...how, Key: key });
    if (failed.has(index) || bytes + (row?.size ?? 0) > MAX_READ_BYTES) {
      unprocessed[name] = { ...how, Keys: [...(unprocessed[name]?.Keys ?? []), key] };
      return;
    }
    bytes += row?.size ?? 0;
    const more = meter.read(readUnits(row?.size ?? 0, how.ConsistentRead === true));
    units.set(table.name, (units.get(table.name) ?? 0) + more);
    const found = responses[name] ?? [];
    responses[name] = found;
    if (item !== undefined) found.push(item);
  });
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...consumedByTable(input.ReturnConsumedCapacity, units),
  };
}

function writeOf({ PutRequest, DeleteRequest }: WriteRequest): Write {
  if (PutRequest !== undefined && DeleteRequest === undefined) return { kind: "put", item: PutRequest.Item };
  if (DeleteRequest !== undefined && PutRequest === undefined)
    return { kind: "delete", key: DeleteRequest.Key };
  throw validation("Supplied WriteRequest must have exactly one of PutRequest and DeleteRequest");
}

function checkCount(count: number, most: number): void {
  if (count < 1 || count > most)
    throw validation(`A batch request has 1 to ${most} items, this one has ${count}`);
}

function checkDistinct(identities: readonly string[]): void {
  if (new Set(identities).size !== identities.length)
    throw validation("Provided list of item keys contains duplicates");
}
