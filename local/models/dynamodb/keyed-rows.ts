import type { AttributeValue, Item } from "./attribute-value.ts";
import { compareValues } from "./compare-values.ts";

/** One item where it lies in a table or an index. */
export type Row = {
  readonly item: Item;
  /** Bytes. */
  readonly size: number;
  readonly sort: AttributeValue | undefined;
  /** In an index, where sort keys repeat: the identity of the item; empty in a table. */
  readonly tie: string;
};

/** A place among the rows of a partition. */
export type Place = { readonly sort: AttributeValue | undefined; readonly tie: string };

/** Rows by partition, sorted within each. A row behind all others of its partition is added in O(1). */
export class KeyedRows {
  readonly #partitions = new Map<string, Row[]>();
  #scanOrder: readonly string[] | undefined;
  #items = 0;
  #bytes = 0;

  get items(): number {
    return this.#items;
  }

  /** Of all items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The rows of a partition in the order of their sort keys; not to be kept, they change. */
  partition(id: string): readonly Row[] {
    return this.#partitions.get(id) ?? [];
  }

  find(partition: string, place: Place): Row | undefined {
    const rows = this.partition(partition);
    const row = rows[lowerBound(rows, place)];
    return row !== undefined && comparePlaces(row, place) === 0 ? row : undefined;
  }

  put(partition: string, row: Row): void {
    const rows = this.#partitions.get(partition);
    this.#items += 1;
    this.#bytes += row.size;
    if (rows === undefined) {
      this.#partitions.set(partition, [row]);
      this.#scanOrder = undefined;
      return;
    }
    const at = lowerBound(rows, row);
    const there = rows[at];
    if (there === undefined) rows.push(row);
    else if (comparePlaces(there, row) === 0) {
      this.#forget(there);
      rows[at] = row;
    } else rows.splice(at, 0, row);
  }

  delete(partition: string, place: Place): void {
    const rows = this.#partitions.get(partition);
    if (rows === undefined) return;
    const at = lowerBound(rows, place);
    const there = rows[at];
    if (there === undefined || comparePlaces(there, place) !== 0) return;
    this.#forget(there);
    rows.splice(at, 1);
    if (rows.length > 0) return;
    this.#partitions.delete(partition);
    this.#scanOrder = undefined;
  }

  /** The partitions in the order in which a scan visits them: by a hash, as DynamoDB does, not by key. */
  scanOrder(): readonly string[] {
    this.#scanOrder ??= [...this.#partitions.keys()]
      .map((id) => ({ id, hash: scanHash(id) }))
      .sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id);
    return this.#scanOrder;
  }

  #forget(row: Row): void {
    this.#items -= 1;
    this.#bytes -= row.size;
  }
}

/** The index of the first row that is not before the place. */
function lowerBound(rows: readonly Row[], place: Place): number {
  const last = rows.at(-1);
  if (last === undefined || comparePlaces(last, place) < 0) return rows.length;
  return partitionPoint(rows, (row) => comparePlaces(row, place) < 0);
}

/** The index of the first row for which `before` is false; it must be true up to there and false from there. */
export function partitionPoint(rows: readonly Row[], before: (row: Row) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && before(row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A partition's place in a scan, 32 bits (FNV-1a). */
export function scanHash(partition: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < partition.length; i += 1)
    hash = Math.imul(hash ^ partition.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** Orders two places of one partition. */
export function comparePlaces(a: Place, b: Place): number {
  const bySort = a.sort === undefined || b.sort === undefined ? 0 : (compareValues(a.sort, b.sort) ?? 0);
  if (bySort !== 0 || a.tie === b.tie) return bySort;
  return a.tie < b.tie ? -1 : 1;
}
