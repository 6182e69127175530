import type { Item } from "./attribute-value.ts";
import { checkedItem } from "./check-values.ts";
import type { QueryInput, ScanInput } from "./dynamodb-api.ts";
import type { KeyRange } from "./expressions/key-condition.ts";
import {
  checkKey,
  identityOf,
  type KeySpec,
  keyAttributes,
  keyOf,
  partitionOf,
  sortKeyOf,
} from "./key-spec.ts";
import {
  comparePlaces,
  type KeyedRows,
  type Place,
  partitionPoint,
  type Row,
  scanHash,
} from "./keyed-rows.ts";
import type { SecondaryIndexRows } from "./secondary-index.ts";
import type { Table } from "./table.ts";
import { validation } from "./validation.ts";

/** What a page is read from: a table or one of its indexes. */
export type RowSource = {
  readonly table: Table;
  readonly index: SecondaryIndexRows | undefined;
  readonly rows: KeyedRows;
  readonly spec: KeySpec;
};

export function rowSourceOf(table: Table, input: QueryInput | ScanInput): RowSource {
  const { IndexName: name, Select } = input;
  if (name === undefined) return { table, index: undefined, rows: table.rows, spec: table.spec };
  const index = table.indexes.get(name);
  if (index === undefined) throw validation(`The table does not have the specified index: ${name}`);
  if (input.ConsistentRead === true)
    throw validation("Consistent reads are not supported on global secondary indexes");
  if (Select === "ALL_ATTRIBUTES" && !index.projectsAll)
    throw validation(
      "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for " +
        `global secondary index ${name} because its projection type is not ALL`,
    );
  return { table, index, rows: index.rows, spec: index.spec };
}

/** The rows of a query in the order in which it reads them, behind its starting key. Throws ValidationException. */
export function queriedRows(source: RowSource, range: KeyRange, input: QueryInput): Iterable<Row> {
  const rows = source.rows.partition(range.partition);
  let { from, to } = range.within(rows);
  const forward = input.ScanIndexForward !== false;
  const start = startPlace(source, input);
  if (start !== undefined) {
    checkStart(start, range);
    const at = partitionPoint(rows, (row) => comparePlaces(row, start) < (forward ? 1 : 0));
    if (forward) from = Math.max(from, at);
    else to = Math.min(to, at);
  }
  return between(rows, from, to, forward);
}

function* between(rows: readonly Row[], from: number, to: number, forward: boolean): Generator<Row> {
  for (let i = 0; i < to - from; i += 1) {
    const row = rows[forward ? from + i : to - 1 - i];
    if (row !== undefined) yield row;
  }
}

/** The rows of a scan's segment, partition by partition, behind its starting key. Throws ValidationException. */
export function scannedRows(source: RowSource, input: ScanInput): Iterable<Row> {
  const { Segment: segment = 0, TotalSegments: segments = 1 } = input;
  const start = startPlace(source, input);
  if (start !== undefined && segmentOf(start.partition, segments) !== segment)
    throw validation(
      "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with " +
        `correct Segment. TotalSegments: ${segments} Segment: ${segment}`,
    );
  return segmentRows(source, segment, segments, start);
}

function* segmentRows(
  source: RowSource,
  segment: number,
  segments: number,
  start: StartPlace | undefined,
): Generator<Row> {
  const startId = start?.partition ?? "";
  const startHash = start === undefined ? -1 : scanHash(startId);
  for (const id of source.rows.scanOrder()) {
    const hash = scanHash(id);
    if (segmentOf(id, segments) !== segment) continue;
    if (hash < startHash || (hash === startHash && id < startId)) continue;
    const rows = source.rows.partition(id);
    const isStart = start !== undefined && id === startId;
    yield* isStart ? rows.slice(partitionPoint(rows, (row) => comparePlaces(row, start) <= 0)) : rows;
  }
}

const segmentOf = (partition: string, segments: number): number =>
  Math.floor((scanHash(partition) * segments) / 2 ** 32);

type StartPlace = Place & { readonly partition: string; readonly item: Item };

function startPlace(
  { table, spec, index }: RowSource,
  { ExclusiveStartKey: key }: QueryInput | ScanInput,
): StartPlace | undefined {
  if (key === undefined) return undefined;
  const item = checkedItem(key);
  const names = new Set([...keyAttributes(table.spec), ...keyAttributes(spec)].map(({ name }) => name));
  if (Object.keys(item).length !== names.size) throw validation("The provided starting key is invalid");
  try {
    checkKey(table.spec, keyOf(table.spec, item));
    checkKey(spec, keyOf(spec, item));
  } catch (error) {
    throw validation(`The provided starting key is invalid: ${error instanceof Error ? error.message : ""}`);
  }
  return {
    item,
    partition: partitionOf(spec, item),
    sort: sortKeyOf(spec, item),
    tie: index === undefined ? "" : identityOf(table.spec, item),
  };
}

/** A query goes on only from a key that it could have ended at itself. */
function checkStart(start: StartPlace, range: KeyRange): void {
  const row: Row = { item: start.item, size: 0, sort: start.sort, tie: start.tie };
  const { from, to } = range.within([row]);
  if (from === to) throw validation("The provided starting key does not match the range key predicate");
  if (start.partition !== range.partition)
    throw validation(
      range.isCut
        ? "The query can return at most one row and cannot be restarted"
        : "The provided starting key is outside query boundaries based on provided conditions",
    );
}
