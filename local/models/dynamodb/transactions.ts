import { isDeepStrictEqual } from "node:util";
import type { DurationMs, EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import { consumedByTable, type Meter, readUnits, writeUnits } from "./capacity.ts";
import type {
  CancellationReason,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWrite,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from "./dynamodb-api.ts";
import { itemSize } from "./item-size.ts";
import { type Conditional, type PreparedWrite, perform, prepareWrite, type Write } from "./prepared-write.ts";
import { readItem } from "./read-item.ts";
import type { Tables } from "./tables.ts";
import { validation } from "./validation.ts";

const MAX_ITEMS = 100;
const MAX_BYTES = 4_194_304;
const TOKEN_LIFETIME = 600_000 as DurationMs;

type Member = NonNullable<TransactWrite["Put" | "Delete" | "Update" | "ConditionCheck"]> & Conditional;

/** The transactions whose client tokens are remembered: for ten minutes, as DynamoDB does. */
export class TransactionTokens {
  readonly #done = new Map<string, { readonly input: TransactWriteItemsInput; readonly at: EpochMs }>();

  /** Whether this very transaction was done before. Throws IdempotentParameterMismatchException for another one. */
  knows(input: TransactWriteItemsInput, now: EpochMs): boolean {
    for (const [token, { at }] of this.#done) {
      if (now - at < TOKEN_LIFETIME) break;
      this.#done.delete(token);
    }
    const { ClientRequestToken: token } = input;
    const known = token === undefined ? undefined : this.#done.get(token);
    if (known === undefined) return false;
    if (!isDeepStrictEqual(known.input.TransactItems, input.TransactItems))
      throw new ServiceError(
        "IdempotentParameterMismatchException",
        "The request uses the same client token as a previous, but non-identical request",
      );
    return true;
  }

  remember(input: TransactWriteItemsInput, now: EpochMs): void {
    if (input.ClientRequestToken !== undefined) this.#done.set(input.ClientRequestToken, { input, at: now });
  }
}

/** Does all of the writes, or none: every condition is looked into before the first item changes. */
export function transactWrite(
  tables: Tables,
  input: TransactWriteItemsInput,
  tokens: TransactionTokens,
  now: EpochMs,
  meter: Meter,
): TransactWriteItemsOutput {
  const { TransactItems: items, ReturnConsumedCapacity: asked } = input;
  checkCount(items);
  const units = new Map<string, number>();
  const bill = (table: string, more: number): void => {
    units.set(table, (units.get(table) ?? 0) + more);
  };
  if (tokens.knows(input, now)) return consumedByTable(asked, units);

  const members = items.map(memberOf);
  const prepared = members.map(({ write, member }) =>
    prepareWrite(tables.get(member.TableName), write, member),
  );
  checkDistinct(prepared);
  checkSize(prepared);
  for (const { table, old, next } of prepared)
    bill(
      table.name,
      meter.wrote(2 * writeUnits(Math.max(old?.size ?? 0, next === undefined ? 0 : itemSize(next)))),
    );
  if (prepared.some(({ allowed, failure }) => !allowed || failure !== undefined))
    throw cancelled(prepared.map((write, i) => reasonOf(write, members[i]?.member)));
  prepared.forEach((write, i) => {
    if (members[i]?.write.kind !== "check") perform(write);
  });
  tokens.remember(input, now);
  return consumedByTable(asked, units);
}

export function transactGet(
  tables: Tables,
  input: TransactGetItemsInput,
  meter: Meter,
): TransactGetItemsOutput {
  checkCount(input.TransactItems);
  const units = new Map<string, number>();
  const responses = input.TransactItems.map(({ Get }) => {
    const table = tables.get(Get.TableName);
    const { row, item } = readItem(table, Get);
    const more = meter.read(2 * readUnits(row?.size ?? 0, true));
    units.set(table.name, (units.get(table.name) ?? 0) + more);
    return item === undefined ? {} : { Item: item };
  });
  return { Responses: responses, ...consumedByTable(input.ReturnConsumedCapacity, units) };
}

function memberOf({ Put, Delete, Update, ConditionCheck }: TransactWrite): { write: Write; member: Member } {
  const given = [Put, Delete, Update, ConditionCheck].filter((member) => member !== undefined);
  if (given.length !== 1)
    throw validation("TransactItems can only contain one of Check, Put, Update or Delete");
  if (Put !== undefined) return { member: Put, write: { kind: "put", item: Put.Item } };
  if (Delete !== undefined) return { member: Delete, write: { kind: "delete", key: Delete.Key } };
  if (Update !== undefined)
    return {
      member: Update,
      write: { kind: "update", key: Update.Key, expression: Update.UpdateExpression },
    };
  if (ConditionCheck !== undefined)
    return { member: ConditionCheck, write: { kind: "check", key: ConditionCheck.Key } };
  throw validation("TransactItems has an empty member");
}

function reasonOf({ allowed, failure, old }: PreparedWrite, member: Member | undefined): CancellationReason {
  if (failure !== undefined) return { Code: "ValidationError", Message: failure.message };
  if (allowed) return { Code: "None" };
  return {
    Code: "ConditionalCheckFailed",
    Message: "The conditional request failed",
    ...(member?.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && old !== undefined && { Item: old.item }),
  };
}

const cancelled = (reasons: readonly CancellationReason[]): ServiceError =>
  new ServiceError(
    "TransactionCanceledException",
    "Transaction cancelled, please refer cancellation reasons for specific reasons " +
      `[${reasons.map(({ Code }) => Code).join(", ")}]`,
    400,
    { CancellationReasons: reasons },
  );

function checkCount(items: readonly unknown[]): void {
  if (!Array.isArray(items) || items.length < 1 || items.length > MAX_ITEMS)
    throw validation(`Member must have length between 1 and ${MAX_ITEMS} at 'transactItems'`);
}

function checkDistinct(writes: readonly PreparedWrite[]): void {
  const identities = new Set(writes.map(({ table, identity }) => `${table.name} ${identity}`));
  if (identities.size !== writes.length)
    throw validation("Transaction request cannot include multiple operations on one item");
}

function checkSize(writes: readonly PreparedWrite[]): void {
  const bytes = writes.reduce((sum, { next }) => sum + (next === undefined ? 0 : itemSize(next)), 0);
  if (bytes > MAX_BYTES) throw validation("Collection size of items in the transaction exceeds 4 MB");
}
