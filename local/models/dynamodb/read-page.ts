import type { Item } from "./attribute-value.ts";
import { consumed, type Meter, readUnits } from "./capacity.ts";
import type { PageOutput, QueryInput, ScanInput } from "./dynamodb-api.ts";
import { type Condition, parseCondition } from "./expressions/condition.ts";
import { pathsIn } from "./expressions/condition-paths.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import { keyRangeOf } from "./expressions/key-condition.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { isKeyAttribute, keyOf } from "./key-spec.ts";
import type { Row } from "./keyed-rows.ts";
import { queriedRows, type RowSource, rowSourceOf, scannedRows } from "./row-source.ts";
import type { Table } from "./table.ts";
import { validation } from "./validation.ts";

const MAX_PAGE_BYTES = 1_048_576;

/** One page of a Query: rows of one partition in the order of their sort keys. */
export function queryPage(table: Table, input: QueryInput, meter: Meter): PageOutput {
  const source = rowSourceOf(table, input);
  if (input.KeyConditionExpression === undefined)
    throw validation(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const range = keyRangeOf(source.spec, input.KeyConditionExpression, placeholders);
  const filter = filterOf(input, placeholders);
  const onKey = filter && pathsIn(filter).find(([name]) => isKeyAttribute(source.spec, String(name)));
  if (onKey !== undefined)
    throw validation(
      "Filter Expression can only contain non-primary key attributes: " +
        `Primary key attribute: ${String(onKey[0])}`,
    );
  return page(source, queriedRows(source, range, input), filter, input, placeholders, meter);
}

/** One page of a Scan: all partitions, or those of one segment. */
export function scanPage(table: Table, input: ScanInput, meter: Meter): PageOutput {
  const source = rowSourceOf(table, input);
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const filter = filterOf(input, placeholders);
  return page(source, scannedRows(source, input), filter, input, placeholders, meter);
}

const filterOf = (input: QueryInput | ScanInput, placeholders: Placeholders): Condition | undefined =>
  input.FilterExpression === undefined
    ? undefined
    : parseCondition("FilterExpression", input.FilterExpression, placeholders);

function page(
  source: RowSource,
  rows: Iterable<Row>,
  filter: Condition | undefined,
  input: QueryInput | ScanInput,
  placeholders: Placeholders,
  meter: Meter,
): PageOutput {
  const { ProjectionExpression: projection, Limit: limit, Select: select } = input;
  if (select === "COUNT" && projection !== undefined)
    throw validation("Cannot specify the ProjectionExpression when choosing to get only the Count");
  const paths = projection === undefined ? undefined : parseProjection(projection, placeholders);
  placeholders.checkAllUsed();
  const items: Item[] = [];
  let [scannedCount, count, bytes] = [0, 0, 0];
  let last: Item | undefined;
  let isCut = false;
  for (const { item, size } of rows) {
    if (scannedCount > 0 && bytes + size > MAX_PAGE_BYTES) {
      isCut = true;
      break;
    }
    scannedCount += 1;
    bytes += size;
    last = item;
    if (filter === undefined || holds(filter, item)) {
      count += 1;
      if (select !== "COUNT") items.push(paths === undefined ? item : projected(item, paths));
    }
    // Like DynamoDB, which stops here without a look at whether anything follows.
    if (scannedCount === limit) {
      isCut = true;
      break;
    }
  }
  const units = meter.read(readUnits(bytes, input.ConsistentRead === true), scannedCount);
  return {
    ...(select !== "COUNT" && { Items: items }),
    Count: count,
    ScannedCount: scannedCount,
    ...(isCut && last !== undefined && { LastEvaluatedKey: placeOf(source, last) }),
    ...consumed(input.ReturnConsumedCapacity, source.table.name, units),
  };
}

const placeOf = (source: RowSource, item: Item): Item => ({
  ...keyOf(source.table.spec, item),
  ...keyOf(source.spec, item),
});
