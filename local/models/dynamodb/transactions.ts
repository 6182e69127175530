import type { EpochMs } from "../../../shared/time/time.ts";
import type { Item } from "./attribute-value.ts";
import { Bill, readUnits, tableUnits, type Units } from "./capacity.ts";
import type {
  CancellationReason,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from "./dynamodb-api.ts";
import { checkKeyNotEmpty, identityOf } from "./key-spec.ts";
import { parseWrite } from "./parsed-write.ts";
import { identityOfWrite, type PreparedWrite, perform, prepareWrite } from "./prepared-write.ts";
import { itemRead, parsedProjection, readItem } from "./read-item.ts";
import type { Service } from "./service.ts";
import { memberOf } from "./transaction-member.ts";
import {
  attempt,
  cancelled,
  conditionReason,
  conflict,
  isNone,
  NO_REASON,
  reasonOf,
} from "./transaction-reasons.ts";
import type { TransactionTokens } from "./transaction-tokens.ts";
import { validation } from "./validation.ts";

const MAX_ITEMS = 100;
const MAX_BYTES = 4_194_304;

/**
 * Does all of the writes, or none: every condition is looked into before the first item changes. The items at the
 * indexes in `failed` are in conflict with another transaction.
 */
export function transactWrite(
  input: TransactWriteItemsInput,
  failed: ReadonlySet<number>,
  tokens: TransactionTokens,
  now: EpochMs,
  { tables, meter, throughput }: Service,
): TransactWriteItemsOutput {
  checkCount(input.TransactItems);
  const members = input.TransactItems.map((item) => {
    const { write, asked } = memberOf(item);
    return { asked, parsed: parseWrite(write, asked) };
  }).map((member) => ({ ...member, table: tables.get(member.asked.TableName) }));
  for (const { table, parsed } of members) checkKeyNotEmpty(table.spec, keyed(parsed.write));

  const bill = new Bill();
  const known = tokens.imagesOf(input, now);
  if (known !== undefined) {
    for (const { table, bytes } of known) bill.add(table, tableUnits(2 * readUnits(bytes, true)));
    return bill.consumed(input.ReturnConsumedCapacity, "Read");
  }

  const attempts = members.map(({ table, parsed }) => attempt(() => prepareWrite(table, parsed)));
  const writes = attempts.flatMap(({ done }) => (done === undefined ? [] : [transactional(done)]));
  checkDistinct(writes.map((write) => `${write.table.name} ${identityOfWrite(write.table, write)}`));
  checkSize(writes.reduce((bytes, { change }) => bytes + (change?.size ?? 0), 0));
  const reasons = attempts.map(({ done, refusal }, i): CancellationReason => {
    if (failed.has(i)) return conflict;
    if (done === undefined) return refusal === undefined ? NO_REASON : reasonOf(refusal);
    if (!done.allowed) return conditionReason(done.old?.item, members[i]?.asked);
    const throttled = throughput.refusalOfWrite(done);
    return throttled === undefined ? NO_REASON : reasonOf(throttled);
  });
  for (const write of writes) {
    bill.add(write.table.name, meter.wrote(write.units));
    throughput.tookWrite(write);
  }
  if (!reasons.every(isNone)) throw cancelled(reasons);
  for (const write of writes) perform(write);
  const images = writes.map(({ table, old, change }) => ({
    table: table.name,
    bytes: Math.max(old?.size ?? 0, change?.size ?? 0),
  }));
  tokens.remember(input, images, now);
  return bill.consumed(input.ReturnConsumedCapacity, "Write");
}

/** Reads up to 100 items as of one moment. The items at the indexes in `failed` are in conflict with a transaction. */
export function transactGet(
  input: TransactGetItemsInput,
  failed: ReadonlySet<number>,
  { tables, meter, throughput }: Service,
): TransactGetItemsOutput {
  checkCount(input.TransactItems);
  const members = input.TransactItems.map(({ Get }) => ({ ...Get, projection: parsedProjection(Get) })).map(
    (member) => ({ ...member, table: tables.get(member.TableName) }),
  );
  for (const { table, Key } of members) checkKeyNotEmpty(table.spec, Key);
  const attempts = members.map(({ table, Key, projection }) =>
    attempt(() => itemRead(table, Key, projection)),
  );
  const reads = attempts.flatMap(({ done }) => (done === undefined ? [] : [done]));
  checkDistinct(reads.map(({ table, key }) => `${table.name} ${identityOf(table.spec, key)}`));
  const reasons = attempts.map(({ done, refusal }, i) => {
    if (failed.has(i)) return conflict;
    const why = done === undefined ? refusal : throughput.refusalOfRead(done);
    return why === undefined ? NO_REASON : reasonOf(why);
  });
  if (!reasons.every(isNone)) throw cancelled(reasons);

  const bill = new Bill();
  let bytes = 0;
  const Responses = reads.map((read): { Item?: Item } => {
    const { row, item } = readItem(read);
    bytes += row?.size ?? 0;
    const units = 2 * readUnits(row?.size ?? 0, true);
    bill.add(read.table.name, meter.read(tableUnits(units)));
    throughput.tookRead(read, units);
    return item === undefined ? {} : { Item: item };
  });
  checkSize(bytes);
  return { Responses, ...bill.consumed(input.ReturnConsumedCapacity, "Read") };
}

/** A transaction writes every item twice, to prepare and to commit; its indexes are written once. */
function transactional(write: PreparedWrite): PreparedWrite {
  const units: Units = { table: 2 * write.units.table, indexes: write.units.indexes };
  return { ...write, units };
}

const keyed = (write: PreparedWrite["write"]): Item => (write.kind === "put" ? write.item : write.key);

function checkCount(items: readonly unknown[]): void {
  if (items.length < 1 || items.length > MAX_ITEMS)
    throw validation(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ` +
        (items.length < 1 ? "greater than or equal to 1" : `less than or equal to ${MAX_ITEMS}`),
    );
}

function checkDistinct(identities: readonly string[]): void {
  if (new Set(identities).size !== identities.length)
    throw validation("Transaction request cannot include multiple operations on one item");
}

function checkSize(bytes: number): void {
  if (bytes > MAX_BYTES)
    throw validation(`Transaction payload size cannot exceed 4MB. Payload Size: ${bytes}`);
}
