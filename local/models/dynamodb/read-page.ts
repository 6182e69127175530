import type { Item } from "./attribute-value.ts";
import { consumed, type Meter, readUnits } from "./capacity.ts";
import { checkedItem } from "./check-values.ts";
import type { PageOutput, QueryInput, ScanInput } from "./dynamodb-api.ts";
import { parseCondition } from "./expressions/condition.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import { keyRangeOf } from "./expressions/key-condition.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { identityOf, type KeySpec, keyOf, partitionOf, sortKeyOf } from "./key-spec.ts";
import {
  comparePlaces,
  type KeyedRows,
  type Place,
  partitionPoint,
  type Row,
  scanHash,
} from "./keyed-rows.ts";
import type { Table } from "./table.ts";
import { validation } from "./validation.ts";

const MAX_PAGE_BYTES = 1_048_576;

/** What a page is read from: a table or one of its indexes. */
type Source = {
  readonly table: Table;
  readonly rows: KeyedRows;
  readonly spec: KeySpec;
  readonly isIndex: boolean;
};

/** One page of a Query: rows of one partition in the order of their sort keys. */
export function queryPage(table: Table, input: QueryInput, meter: Meter): PageOutput {
  const source = sourceOf(table, input);
  if (input.KeyConditionExpression === undefined)
    throw validation(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const range = keyRangeOf(source.spec, input.KeyConditionExpression, placeholders);
  const rows = source.rows.partition(range.partition);
  let { from, to } = range.within(rows);
  const forward = input.ScanIndexForward !== false;
  const start = startPlace(source, input.ExclusiveStartKey);
  if (start !== undefined && forward)
    from = Math.max(
      from,
      partitionPoint(rows, (row) => comparePlaces(row, start) <= 0),
    );
  if (start !== undefined && !forward)
    to = Math.min(
      to,
      partitionPoint(rows, (row) => comparePlaces(row, start) < 0),
    );
  const wanted = forward ? ascending(rows, from, to) : descending(rows, from, to);
  return page(source, wanted, input, placeholders, meter);
}

/** One page of a Scan: all partitions, or those of one segment. */
export function scanPage(table: Table, input: ScanInput, meter: Meter): PageOutput {
  const source = sourceOf(table, input);
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  return page(source, scanned(source, input), input, placeholders, meter);
}

function sourceOf(table: Table, input: QueryInput | ScanInput): Source {
  const { IndexName: name, Limit: limit } = input;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1))
    throw validation("Limit must be greater than or equal to 1");
  if (name === undefined) return { table, rows: table.rows, spec: table.spec, isIndex: false };
  const index = table.indexes.get(name);
  if (index === undefined) throw validation(`The table does not have the specified index: ${name}`);
  if (input.ConsistentRead === true)
    throw validation("Consistent reads are not supported on global secondary indexes");
  return { table, rows: index.rows, spec: index.spec, isIndex: true };
}

function startPlace(source: Source, key: Item | undefined): Place | undefined {
  if (key === undefined) return undefined;
  const start = checkedItem(key);
  const tie = source.isIndex ? identityOf(source.table.spec, start) : "";
  return { sort: sortKeyOf(source.spec, start), tie };
}

function* ascending(rows: readonly Row[], from: number, to: number): Generator<Row> {
  for (let i = from; i < to; i += 1) {
    const row = rows[i];
    if (row !== undefined) yield row;
  }
}

function* descending(rows: readonly Row[], from: number, to: number): Generator<Row> {
  for (let i = to - 1; i >= from; i -= 1) {
    const row = rows[i];
    if (row !== undefined) yield row;
  }
}

function* scanned(source: Source, input: ScanInput): Generator<Row> {
  const { Segment: segment = 0, TotalSegments: segments = 1, ExclusiveStartKey: startKey } = input;
  const start = startPlace(source, startKey);
  const startId = startKey === undefined ? "" : partitionOf(source.spec, checkedItem(startKey));
  const startHash = startKey === undefined ? -1 : scanHash(startId);
  for (const id of source.rows.scanOrder()) {
    const hash = scanHash(id);
    if (Math.floor((hash * segments) / 2 ** 32) !== segment) continue;
    if (hash < startHash || (hash === startHash && id < startId)) continue;
    const rows = source.rows.partition(id);
    const isStart = start !== undefined && id === startId;
    yield* ascending(
      rows,
      isStart ? partitionPoint(rows, (row) => comparePlaces(row, start) <= 0) : 0,
      rows.length,
    );
  }
}

function page(
  source: Source,
  rows: Iterable<Row>,
  input: QueryInput | ScanInput,
  placeholders: Placeholders,
  meter: Meter,
): PageOutput {
  const { FilterExpression: filter, ProjectionExpression: projection, Limit: limit, Select: select } = input;
  const condition =
    filter === undefined ? undefined : parseCondition("FilterExpression", filter, placeholders);
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
    if (condition === undefined || holds(condition, item)) {
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

const placeOf = (source: Source, item: Item): Item => ({
  ...keyOf(source.table.spec, item),
  ...keyOf(source.spec, item),
});
