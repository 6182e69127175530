import type { Item } from "./attribute-value.ts";
import { consumed, readUnits, tableUnits, totalOf, type Units } from "./capacity.ts";
import { checkKeyPaths } from "./check-key-paths.ts";
import type { PageOutput, QueryInput, ScanInput } from "./dynamodb-api.ts";
import { type Condition, parseCondition } from "./expressions/condition.ts";
import { pathsIn } from "./expressions/condition-paths.ts";
import type { Path } from "./expressions/document-path.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import { keyRangeOf } from "./expressions/key-condition.ts";
import { parseKeyCondition } from "./expressions/key-terms.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { isKeyAttribute, keyOf } from "./key-spec.ts";
import type { Row } from "./keyed-rows.ts";
import { queriedRows, type RowSource, rowSourceOf, scannedRows } from "./row-source.ts";
import { checkSegment, checkSelect } from "./select.ts";
import type { Service } from "./service.ts";
import { validation } from "./validation.ts";

type PageRead = {
  readonly input: QueryInput | ScanInput;
  readonly source: RowSource;
  readonly rows: Iterable<Row>;
  readonly filter: Condition | undefined;
  readonly paths: readonly Path[] | undefined;
};

const MAX_PAGE_BYTES = 1_048_576;

/** One page of a Query: rows of one partition in the order of their sort keys. */
export function queryPage(input: QueryInput, service: Service): PageOutput {
  const { KeyConditionExpression, FilterExpression, ProjectionExpression } = input;
  checkSelect(input);
  if (KeyConditionExpression === undefined)
    throw validation(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues, {
    FilterExpression,
    KeyConditionExpression,
    ProjectionExpression,
  });
  const { filter, paths } = parsedRest(input, placeholders);
  const terms = parseKeyCondition(KeyConditionExpression, placeholders);
  placeholders.checkAllUsed();
  const source = rowSourceOf(service.tables.get(input.TableName), input);
  const range = keyRangeOf(source.spec, terms);
  checkKeyPaths(source.table, filter, paths);
  const rows = queriedRows(source, range, input);
  if (filter !== undefined) checkFilter(source, pathsIn(filter));
  checkProjection(source, paths ?? []);
  const read = { ...source, partition: range.partition };
  const refusal = service.throughput.refusalOfRead(read);
  if (refusal !== undefined) throw refusal;
  const { output, units } = page({ input, source, rows, filter, paths }, service);
  service.throughput.tookRead(read, totalOf(units));
  return output;
}

/** One page of a Scan: all partitions, or those of one segment. */
export function scanPage(input: ScanInput, service: Service): PageOutput {
  const { FilterExpression, ProjectionExpression } = input;
  checkSelect(input);
  checkSegment(input);
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues, {
    FilterExpression,
    ProjectionExpression,
  });
  const { filter, paths } = parsedRest(input, placeholders);
  placeholders.checkAllUsed();
  const source = rowSourceOf(service.tables.get(input.TableName), input);
  checkKeyPaths(source.table, filter, paths);
  checkProjection(source, paths ?? []);
  return page({ input, source, rows: scannedRows(source, input), filter, paths }, service).output;
}

function parsedRest(
  { FilterExpression, ProjectionExpression }: QueryInput | ScanInput,
  placeholders: Placeholders,
): Pick<PageRead, "filter" | "paths"> {
  const filter =
    FilterExpression === undefined
      ? undefined
      : parseCondition("FilterExpression", FilterExpression, placeholders);
  const paths =
    ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
  return { filter, paths };
}

/** Refuses a query's filter on the key, or on what its index does not have. */
function checkFilter(source: RowSource, paths: readonly Path[]): void {
  const onKey = paths.find(([name]) => isKeyAttribute(source.spec, String(name)));
  if (onKey !== undefined)
    throw validation(
      "Filter Expression can only contain non-primary key attributes: " +
        `Primary key attribute: ${String(onKey[0])}`,
    );
  const missing = missingIn(source, paths);
  if (missing.length > 0)
    throw validation(
      `One or more parameter values were invalid: Secondary index ${source.index?.name} ` +
        `does not project one or more filter attributes: [${missing.join(", ")}]`,
    );
}

/** Refuses to return what an index does not have. */
function checkProjection(source: RowSource, paths: readonly Path[]): void {
  const missing = missingIn(source, paths);
  if (missing.length > 0)
    throw validation(
      "One or more parameter values were invalid: " +
        `Global secondary index ${source.index?.name} does not project [${missing.join(", ")}]`,
    );
}

/** Names of attributes that are not in the index that is read. */
function missingIn({ index }: RowSource, paths: readonly Path[]): readonly string[] {
  const names = new Set(paths.map(([name]) => String(name)));
  return [...names].filter((name) => index?.projects(name) === false);
}

function page(
  { input, source, rows, filter, paths }: PageRead,
  { meter }: Service,
): { output: PageOutput; units: Units } {
  const { Limit: limit, Select: select } = input;
  const items: Item[] = [];
  let [scannedCount, count, bytes] = [0, 0, 0];
  let last: Item | undefined;
  for (const { item, size } of rows) {
    scannedCount += 1;
    bytes += size;
    if (filter === undefined || holds(filter, item)) {
      count += 1;
      if (select !== "COUNT") items.push(paths === undefined ? item : projected(item, paths));
    }
    // Like DynamoDB, which stops behind the item that reaches a limit, without a look at whether anything follows.
    if (scannedCount === limit || bytes >= MAX_PAGE_BYTES) {
      last = item;
      break;
    }
  }
  const units = meter.read(unitsOf(source, readUnits(bytes, input.ConsistentRead === true)), scannedCount);
  const output = {
    ...(select !== "COUNT" && { Items: items }),
    Count: count,
    ScannedCount: scannedCount,
    ...(last !== undefined && { LastEvaluatedKey: placeOf(source, last) }),
    ...consumed(input.ReturnConsumedCapacity, source.table.name, units),
  };
  return { output, units };
}

const unitsOf = ({ index }: RowSource, units: number): Units =>
  index === undefined ? tableUnits(units) : { table: 0, indexes: [{ name: index.name, units }] };

const placeOf = (source: RowSource, item: Item): Item => ({
  ...keyOf(source.table.spec, item),
  ...keyOf(source.spec, item),
});
