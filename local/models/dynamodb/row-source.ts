import { checkedItem } from "./check-values.ts";
import type { QueryInput, ScanInput } from "./dynamodb-api.ts";
import type { KeyRange } from "./expressions/key-condition.ts";
import { hasKey, identityOf, type KeySpec, keyAttributes, partitionOf, sortKeyOf } from "./key-spec.ts";
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

/** What a page is read from: a table or one of its indexes. */
export type RowSource = {
  readonly table: Table;
  readonly rows: KeyedRows;
  readonly spec: KeySpec;
  readonly isIndex: boolean;
};

export function rowSourceOf(table: Table, input: QueryInput | ScanInput): RowSource {
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

/** The rows of a query in the order in which it reads them, behind its starting key. */
export function* queriedRows(source: RowSource, range: KeyRange, input: QueryInput): Generator<Row> {
  const rows = source.rows.partition(range.partition);
  let { from, to } = range.within(rows);
  const forward = input.ScanIndexForward !== false;
  const start = startPlace(source, input);
  if (start !== undefined) {
    const at = partitionPoint(rows, (row) => comparePlaces(row, start) < (forward ? 1 : 0));
    if (start.partition !== range.partition || at < from || at > to)
      throw validation("The provided starting key is outside query boundaries based on provided conditions");
    if (forward) from = at;
    else to = at;
  }
  for (let i = 0; i < to - from; i += 1) {
    const row = rows[forward ? from + i : to - 1 - i];
    if (row !== undefined) yield row;
  }
}

/** The rows of a scan's segment, partition by partition, behind its starting key. */
export function* scannedRows(source: RowSource, input: ScanInput): Generator<Row> {
  const { Segment: segment = 0, TotalSegments: segments = 1 } = input;
  const start = startPlace(source, input);
  const startId = start?.partition ?? "";
  const startHash = start === undefined ? -1 : scanHash(startId);
  for (const id of source.rows.scanOrder()) {
    const hash = scanHash(id);
    if (Math.floor((hash * segments) / 2 ** 32) !== segment) continue;
    if (hash < startHash || (hash === startHash && id < startId)) continue;
    const rows = source.rows.partition(id);
    const isStart = start !== undefined && id === startId;
    yield* isStart ? rows.slice(partitionPoint(rows, (row) => comparePlaces(row, start) <= 0)) : rows;
  }
}

function startPlace(
  source: RowSource,
  { ExclusiveStartKey: key }: QueryInput | ScanInput,
): (Place & { readonly partition: string }) | undefined {
  if (key === undefined) return undefined;
  const start = checkedItem(key);
  const { table, spec, isIndex } = source;
  const names = new Set([...keyAttributes(table.spec), ...keyAttributes(spec)].map(({ name }) => name));
  if (!hasKey(table.spec, start) || !hasKey(spec, start) || Object.keys(start).length !== names.size)
    throw validation("The provided starting key is invalid");
  return {
    partition: partitionOf(spec, start),
    sort: sortKeyOf(spec, start),
    tie: isIndex ? identityOf(table.spec, start) : "",
  };
}
