import type { Item } from "./attribute-value.ts";
import { checkedItem } from "./check-values.ts";
import type { Names, Values } from "./dynamodb-api.ts";
import { type Condition, parseCondition } from "./expressions/condition.ts";
import { KnownConditions } from "./expressions/known-conditions.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseUpdate, type UpdateAction } from "./expressions/update.ts";
import { checkedSizeOfPut } from "./item-size.ts";

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

/** A write whose values and expressions are in order, whatever its table is. */
export type ParsedWrite = {
  readonly write: Write;
  readonly condition: Condition | undefined;
  readonly actions: readonly UpdateAction[];
  /** Of an item that is put, in bytes. */
  readonly size: number | undefined;
};

const NO_ACTIONS: readonly UpdateAction[] = [];

const conditions = new KnownConditions();

/** Checks all that can be checked of a write without its table. Throws ValidationException. */
export function parseWrite(asked: Write, conditional: Conditional): ParsedWrite {
  const write = checkedWrite(asked);
  const size = write.kind === "put" ? checkedSizeOfPut(write.item) : undefined;
  const {
    ConditionExpression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  } = conditional;
  if (ConditionExpression !== undefined && asked.kind !== "update") {
    const known = conditions.find(ConditionExpression, names, values);
    if (known !== undefined) return { write, condition: known, actions: NO_ACTIONS, size };
  }
  const UpdateExpression = asked.kind === "update" ? asked.expression : undefined;
  const expressions =
    asked.kind === "update" ? { UpdateExpression, ConditionExpression } : { ConditionExpression };
  const placeholders = new Placeholders(names, values, expressions);
  const actions = UpdateExpression === undefined ? NO_ACTIONS : parseUpdate(UpdateExpression, placeholders);
  const condition =
    ConditionExpression === undefined
      ? undefined
      : parseCondition("ConditionExpression", ConditionExpression, placeholders);
  placeholders.checkAllUsed();
  if (condition !== undefined && ConditionExpression !== undefined && asked.kind !== "update")
    conditions.remember(ConditionExpression, names, values, condition);
  return { write, condition, actions, size };
}

/** The write with its values checked and in canonical form. */
function checkedWrite(write: Write): Write {
  if (write.kind !== "put") return { ...write, key: checkedItem(write.key) };
  return { kind: "put", item: checkedItem(write.item) };
}
