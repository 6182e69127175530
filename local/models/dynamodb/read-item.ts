import type { Item } from "./attribute-value.ts";
import { checkKeyPaths } from "./check-key-paths.ts";
import { checkedItem } from "./check-values.ts";
import type { Names } from "./dynamodb-api.ts";
import type { Path } from "./expressions/document-path.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { checkKey, partitionOf } from "./key-spec.ts";
import type { Row } from "./keyed-rows.ts";
import type { Table } from "./table.ts";

export type Projecting = {
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Names | undefined;
};

/** A projection whose expression is in order, whatever its table is; undefined where the whole item is wanted. */
export type Projection = readonly Path[] | undefined;

/** Checks all that can be checked of a projection without its table. Throws ValidationException. */
export function parsedProjection({ ProjectionExpression, ExpressionAttributeNames }: Projecting): Projection {
  const placeholders = new Placeholders(ExpressionAttributeNames, undefined, { ProjectionExpression });
  if (ProjectionExpression === undefined) return undefined;
  const paths = parseProjection(ProjectionExpression, placeholders);
  placeholders.checkAllUsed();
  return paths;
}

/** One item to be read: its checked key, and what is wanted of it. */
export type ItemRead = {
  readonly table: Table;
  readonly key: Item;
  readonly partition: string;
  readonly projection: Projection;
};

/** Checks a key against its table. Throws ValidationException. */
export function itemRead(table: Table, asked: Item, projection: Projection): ItemRead {
  const key = checkedItem(asked);
  checkKey(table.spec, key);
  checkKeyPaths(table, undefined, projection);
  return { table, key, partition: partitionOf(table.spec, key), projection };
}

/** Reads one item by its key: the stored row, for its size, and what the projection leaves of the item. */
export function readItem(read: ItemRead): { row: Row | undefined; item: Item | undefined } {
  const { table, key, projection } = read;
  const row = table.find(key);
  return {
    row,
    item: row === undefined || projection === undefined ? row?.item : projected(row.item, projection),
  };
}
