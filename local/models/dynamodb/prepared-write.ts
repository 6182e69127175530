import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { writeUnits } from "./capacity.ts";
import { checkedItem } from "./check-values.ts";
import type { Names, Values } from "./dynamodb-api.ts";
import { updatedItem } from "./expressions/apply-update.ts";
import { parseCondition } from "./expressions/condition.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseUpdate, type UpdateAction } from "./expressions/update.ts";
import { storedSize } from "./item-size.ts";
import { checkKey, checkKeyOfItem, identityOf, isKeyAttribute, keyOf } from "./key-spec.ts";
import type { Row } from "./keyed-rows.ts";
import type { Table } from "./table.ts";
import { validation } from "./validation.ts";

export type Conditional = {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Names | undefined;
  readonly ExpressionAttributeValues?: Values | undefined;
};

/** One item's write, of whichever operation. */
export type Write =
  | { readonly kind: "put"; readonly item: Item }
  | { readonly kind: "delete"; readonly key: Item }
  | { readonly kind: "update"; readonly key: Item; readonly expression: string | undefined }
  | { readonly kind: "check"; readonly key: Item };

/** A write that was looked into and not done yet, so that a transaction can look into all before it does any. */
export type PreparedWrite = {
  readonly table: Table;
  /** The item's key as a text, unique in its table. */
  readonly identity: string;
  readonly old: Row | undefined;
  readonly next: Item | undefined;
  /** Whether the condition held; where not, `next` is nothing to go by. */
  readonly allowed: boolean;
  /** What is wrong with the item that the write would leave: its size, an operand, an index key. */
  readonly failure: ServiceError | undefined;
  readonly actions: readonly UpdateAction[];
};

/** Checks a write, evaluates its condition and works out the item that it leaves. */
export function prepareWrite(table: Table, asked: Write, conditional: Conditional): PreparedWrite {
  const write = checkedWrite(table, asked);
  const key = write.kind === "put" ? keyOf(table.spec, write.item) : write.key;
  const placeholders = new Placeholders(
    conditional.ExpressionAttributeNames,
    conditional.ExpressionAttributeValues,
  );
  const { ConditionExpression: expression } = conditional;
  const condition =
    expression === undefined ? undefined : parseCondition("ConditionExpression", expression, placeholders);
  const actions =
    write.kind === "update" && write.expression !== undefined
      ? parseUpdate(write.expression, placeholders)
      : [];
  placeholders.checkAllUsed();
  for (const { path } of actions)
    if (isKeyAttribute(table.spec, String(path[0])))
      throw validation(
        `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
      );

  const old = table.find(key);
  const identity = identityOf(table.spec, key);
  const allowed = condition === undefined || holds(condition, old?.item ?? {});
  const prepared = { table, identity, old, next: undefined, allowed, failure: undefined, actions };
  if (!allowed) return prepared;
  try {
    return { ...prepared, next: checkedNext(table, nextItem(write, old, key, actions)) };
  } catch (error) {
    // In a transaction it is one item's reason and not the call's error, so it is handed on as a value.
    if (error instanceof ServiceError) return { ...prepared, failure: error };
    throw error;
  }
}

/** The same write; throws where it would leave an item that is not valid. */
export function valid(write: PreparedWrite): PreparedWrite {
  if (write.failure !== undefined) throw write.failure;
  return write;
}

/** Does a prepared write; returns its write units. */
export function perform({ table, old, next }: PreparedWrite): number {
  return table.replace(old, next);
}

/** What a write costs whose condition did not hold. */
export const refusedUnits = ({ old }: PreparedWrite): number => writeUnits(old?.size ?? 0);

/** The write with its values checked and in canonical form. */
function checkedWrite({ spec }: Table, write: Write): Write {
  if (write.kind === "put") {
    const item = checkedItem(write.item);
    checkKeyOfItem(spec, item);
    return { kind: "put", item };
  }
  const key = checkedItem(write.key);
  checkKey(spec, key);
  return { ...write, key };
}

function checkedNext(table: Table, next: Item | undefined): Item | undefined {
  if (next === undefined) return undefined;
  storedSize(next);
  for (const index of table.indexes.values()) index.check(next);
  return next;
}

function nextItem(
  write: Write,
  old: Row | undefined,
  key: Item,
  actions: readonly UpdateAction[],
): Item | undefined {
  switch (write.kind) {
    case "put":
      return write.item;
    case "delete":
      return undefined;
    case "check":
      return old?.item;
    case "update":
      return updatedItem(actions, old?.item ?? key);
  }
}
