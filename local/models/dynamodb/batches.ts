import type { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { Bill, readUnits, tableUnits } from "./capacity.ts";
import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  KeysAndAttributes,
  WriteRequest,
} from "./dynamodb-api.ts";
import { identityOf } from "./key-spec.ts";
import { parseWrite, type Write } from "./parsed-write.ts";
import { checkSchema, identityOfWrite, perform, prepareWrite } from "./prepared-write.ts";
import { itemRead, parsedProjection, readItem } from "./read-item.ts";
import type { Service } from "./service.ts";
import { validation } from "./validation.ts";

const MAX_WRITES = 25;
const MAX_READS = 100;
const MAX_READ_BYTES = 16 * 1_048_576;

/**
 * Puts and deletes of up to 25 items, each for itself; those at the indexes in `failed`, and those whose partition is
 * too busy, are handed back. Throws ThrottlingException where that is all of them.
 */
export function batchWrite(
  input: BatchWriteItemInput,
  failed: ReadonlySet<number>,
  { tables, meter, throughput }: Service,
): BatchWriteItemOutput {
  const requests = Object.entries(input.RequestItems).flatMap(([name, writes]) =>
    writes.map((request) => ({ name, request, parsed: parseWrite(writeOf(request), {}) })),
  );
  checkCount("BatchWriteItem", requests.length, MAX_WRITES);
  const writes = requests.map((request) => ({ ...request, table: tables.get(request.name) }));
  for (const { table, parsed } of writes) checkSchema(table, parsed);
  checkDistinct(writes.map(({ table, parsed }) => `${table.name} ${identityOfWrite(table, parsed)}`));

  const bill = new Bill();
  const unprocessed: Record<string, WriteRequest[]> = {};
  const throttled: ServiceError[] = [];
  writes.forEach(({ table, parsed, name, request }, index) => {
    const write = prepareWrite(table, parsed);
    const refusal = throughput.refusalOfWrite(write);
    if (refusal !== undefined) throttled.push(refusal);
    if (refusal !== undefined || failed.has(index)) {
      unprocessed[name] = [...(unprocessed[name] ?? []), request];
      return;
    }
    perform(write);
    throughput.tookWrite(write);
    bill.add(name, meter.wrote(write.units));
  });
  checkAnyDone(throttled, writes.length);
  return { UnprocessedItems: unprocessed, ...bill.consumed(input.ReturnConsumedCapacity) };
}

/**
 * Reads up to 100 items and 16 MB; the keys behind that, those at the indexes in `failed`, and those whose partition
 * is too busy, are handed back. Throws ThrottlingException where that is all of them.
 */
export function batchGet(
  input: BatchGetItemInput,
  failed: ReadonlySet<number>,
  { tables, meter, throughput }: Service,
): BatchGetItemOutput {
  const asked = Object.entries(input.RequestItems).flatMap(([name, { Keys, ...how }]) => {
    const projection = parsedProjection(how);
    return Keys.map((key) => ({ name, key, how, projection }));
  });
  checkCount("BatchGetItem", asked.length, MAX_READS);
  const reads = asked.map((one) => ({
    ...one,
    read: itemRead(tables.get(one.name), one.key, one.projection),
  }));
  checkDistinct(reads.map(({ read: { table, key } }) => `${table.name} ${identityOf(table.spec, key)}`));

  const bill = new Bill();
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, KeysAndAttributes> = {};
  const throttled: ServiceError[] = [];
  let bytes = 0;
  reads.forEach(({ name, key, how, read }, index) => {
    const { row, item } = readItem(read);
    const size = row?.size ?? 0;
    const refusal = throughput.refusalOfRead(read);
    if (refusal !== undefined) throttled.push(refusal);
    if (refusal !== undefined || failed.has(index) || bytes + size > MAX_READ_BYTES) {
      unprocessed[name] = { ...how, Keys: [...(unprocessed[name]?.Keys ?? []), key] };
      return;
    }
    bytes += size;
    const units = readUnits(size, how.ConsistentRead === true);
    throughput.tookRead(read, units);
    bill.add(name, meter.read(tableUnits(units)));
    const found = responses[name] ?? [];
    responses[name] = found;
    if (item !== undefined) found.push(item);
  });
  checkAnyDone(throttled, reads.length);
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...bill.consumed(input.ReturnConsumedCapacity),
  };
}

/** A batch of which every entry was throttled is an error, and not an answer that hands all of it back. */
function checkAnyDone(throttled: readonly ServiceError[], count: number): void {
  if (throttled.length === count && throttled[0] !== undefined) throw throttled[0];
}

function writeOf({ PutRequest, DeleteRequest }: WriteRequest): Write {
  if (PutRequest !== undefined && DeleteRequest === undefined) return { kind: "put", item: PutRequest.Item };
  if (DeleteRequest !== undefined && PutRequest === undefined)
    return { kind: "delete", key: DeleteRequest.Key };
  // AWS's words, although it means requests.
  throw validation(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
  );
}

function checkCount(operation: string, count: number, most: number): void {
  if (count < 1) throw validation(`The requestItems parameter is required for ${operation}`);
  if (count > most) throw validation(`Too many items requested for the ${operation} call`);
}

function checkDistinct(identities: readonly string[]): void {
  if (new Set(identities).size !== identities.length)
    throw validation("Provided list of item keys contains duplicates");
}
