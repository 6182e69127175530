import type { Item } from "./attribute-value.ts";
import { checkedItem } from "./check-values.ts";
import type { Names } from "./dynamodb-api.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { checkKey } from "./key-spec.ts";
import type { Row } from "./keyed-rows.ts";
import type { Table } from "./table.ts";

export type ItemRead = {
  readonly Key: Item;
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Names | undefined;
};

/** Reads one item by its key: the stored row, for its size, and what the projection leaves of the item. */
export function readItem(table: Table, read: ItemRead): { row: Row | undefined; item: Item | undefined } {
  const key = checkedItem(read.Key);
  checkKey(table.spec, key);
  const { ProjectionExpression: projection } = read;
  const placeholders = new Placeholders(read.ExpressionAttributeNames, undefined);
  const paths = projection === undefined ? undefined : parseProjection(projection, placeholders);
  placeholders.checkAllUsed();
  const row = table.find(key);
  return { row, item: row === undefined || paths === undefined ? row?.item : projected(row.item, paths) };
}
