import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { tableUnits, type Units, writeUnits } from "./capacity.ts";
import { checkKeyPaths } from "./check-key-paths.ts";
import { updatedItem } from "./expressions/apply-update.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import { checkSizeOfUpdated, itemSize } from "./item-size.ts";
import { checkKey, checkKeyOfItem, identityOf, isKeyAttribute, keyOf } from "./key-spec.ts";
import type { Row } from "./keyed-rows.ts";
import type { ParsedWrite, Write } from "./parsed-write.ts";
import type { Table, TableChange } from "./table.ts";
import { validation } from "./validation.ts";

/** A write that was looked into and not done yet, so that a transaction can look into all before it does any. */
export type PreparedWrite = ParsedWrite & {
  readonly table: Table;
  readonly key: Item;
  readonly old: Row | undefined;
  /** What the write changes; undefined where its condition does not hold, or where it is a mere check. */
  readonly change: TableChange | undefined;
  readonly allowed: boolean;
  /** What it costs, allowed or not. */
  readonly units: Units;
};

/** Checks a write against its table's keys. Throws ValidationException. */
export function checkSchema(table: Table, { write, condition, actions }: ParsedWrite): void {
  if (write.kind === "put") checkKeyOfItem(table.spec, write.item);
  else checkKey(table.spec, write.key);
  for (const { path } of actions)
    if (isKeyAttribute(table.spec, String(path[0])))
      throw validation(
        `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
      );
  checkKeyPaths(
    table,
    condition,
    actions.map(({ path }) => path),
  );
  if (write.kind === "put") for (const index of table.indexes.values()) index.check(write.item);
}

/** The key of a write as a text, unique in its table; the schema was checked. */
export const identityOfWrite = (table: Table, { write }: ParsedWrite): string =>
  identityOf(table.spec, write.kind === "put" ? write.item : write.key);

/**
 * Evaluates the condition of a write and works out the item that it leaves. Throws ValidationException where that
 * item would not be valid.
 */
export function prepareWrite(table: Table, parsed: ParsedWrite): PreparedWrite {
  checkSchema(table, parsed);
  const { write, condition, actions } = parsed;
  const key = write.kind === "put" ? keyOf(table.spec, write.item) : write.key;
  const old = table.find(key);
  if (condition !== undefined && !holds(condition, old?.item ?? {})) {
    const units = tableUnits(writeUnits(Math.max(old?.size ?? 0, attemptedSize(parsed, old, key))));
    return { ...parsed, table, key, old, change: undefined, allowed: false, units };
  }
  if (write.kind === "check") {
    const units = tableUnits(writeUnits(old?.size ?? 0));
    return { ...parsed, table, key, old, change: undefined, allowed: true, units };
  }
  const next = nextItem(write, actions, old, key);
  if (write.kind === "update" && next !== undefined) checkUpdated(table, next);
  const change = table.changeTo(old, next, parsed.size);
  return { ...parsed, table, key, old, change, allowed: true, units: change.units };
}

/** Does a prepared write. */
export function perform({ table, change }: PreparedWrite): void {
  if (change !== undefined) table.apply(change);
}

function checkUpdated(table: Table, item: Item): void {
  checkSizeOfUpdated(item);
  for (const index of table.indexes.values()) index.check(item);
}

function nextItem(
  write: Exclude<Write, { readonly kind: "check" }>,
  actions: ParsedWrite["actions"],
  old: Row | undefined,
  key: Item,
): Item | undefined {
  switch (write.kind) {
    case "put":
      return write.item;
    case "delete":
      return undefined;
    case "update":
      return updatedItem(actions, old?.item ?? key);
  }
}

/**
 * The size of the item that a refused write would have left: it is billed where it is larger than what is there
 * ("Capacity unit consumption for write operations", Amazon DynamoDB Developer Guide).
 */
function attemptedSize({ write, actions, size }: ParsedWrite, old: Row | undefined, key: Item): number {
  if (write.kind !== "update") return size ?? 0;
  try {
    return itemSize(updatedItem(actions, old?.item ?? key));
  } catch (error) {
    if (error instanceof ServiceError) return 0;
    throw error;
  }
}
