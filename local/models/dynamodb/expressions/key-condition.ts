import type { AttributeValue } from "../attribute-value.ts";
import { compareValues, typeOf } from "../compare-values.ts";
import { checkKeyValue, type KeyAttribute, type KeySpec, partitionOf } from "../key-spec.ts";
import { partitionPoint, type Row } from "../keyed-rows.ts";
import { validation } from "../validation.ts";
import { beginsWith } from "./evaluate-condition.ts";
import type { KeyTerm } from "./key-terms.ts";

/** The rows that a Query reads: one partition, and there the indexes from `from` to before `to`. */
export type KeyRange = {
  readonly partition: string;
  readonly within: (rows: readonly Row[]) => { readonly from: number; readonly to: number };
  /** Whether there is a condition on the sort key. */
  readonly isCut: boolean;
};

/** The range of a KeyConditionExpression: the hash key equals a value, and at most one condition on the sort key. */
export function keyRangeOf(spec: KeySpec, terms: readonly KeyTerm[]): KeyRange {
  const { hash, range } = spec;
  const hashTerm = terms.find(({ attribute }) => attribute === hash.name);
  if (range === undefined && terms.length > 1) throw validation("Query key condition not supported");
  if (hashTerm === undefined) throw validation(`Query condition missed key schema element: ${hash.name}`);
  checkTypes(hash, hashTerm);
  if (hashTerm.by !== "=") throw validation("Query key condition not supported");
  const [value] = hashTerm.values;
  checkKeyValue(hash, value, true, spec.indexName);
  const partition = partitionOf(spec, { [hash.name]: value });
  const sortTerm = terms.find((term) => term !== hashTerm);
  if (sortTerm === undefined)
    return { partition, within: (rows) => ({ from: 0, to: rows.length }), isCut: false };
  if (range === undefined || sortTerm.attribute !== range.name)
    throw validation(`Query condition missed key schema element: ${range?.name ?? hash.name}`);
  checkTypes(range, sortTerm);
  for (const bound of sortTerm.values) checkKeyValue(range, bound, false, spec.indexName);
  return { partition, within: sortRange(sortTerm), isCut: true };
}

function checkTypes({ type }: KeyAttribute, { values }: KeyTerm): void {
  if (values.some((value) => typeOf(value) !== type))
    throw validation(
      "One or more parameter values were invalid: Condition parameter type does not match schema type",
    );
}

function sortRange({ by, values: [value, high = value] }: KeyTerm): KeyRange["within"] {
  const before = (bound: AttributeValue) => (row: Row) => order(row, bound) < 0;
  const upTo = (bound: AttributeValue) => (row: Row) => order(row, bound) <= 0;
  switch (by) {
    case "BETWEEN":
      return (rows) => ({ from: partitionPoint(rows, before(value)), to: partitionPoint(rows, upTo(high)) });
    case "begins_with":
      return (rows) => ({
        from: partitionPoint(rows, before(value)),
        to: partitionPoint(rows, (row) => order(row, value) < 0 || beginsWith(row.sort, value)),
      });
    case "=":
      return (rows) => ({ from: partitionPoint(rows, before(value)), to: partitionPoint(rows, upTo(value)) });
    case "<":
      return (rows) => ({ from: 0, to: partitionPoint(rows, before(value)) });
    case "<=":
      return (rows) => ({ from: 0, to: partitionPoint(rows, upTo(value)) });
    case ">":
      return (rows) => ({ from: partitionPoint(rows, upTo(value)), to: rows.length });
    case ">=":
      return (rows) => ({ from: partitionPoint(rows, before(value)), to: rows.length });
  }
}

const order = (row: Row, value: AttributeValue): number =>
  row.sort === undefined ? 0 : (compareValues(row.sort, value) ?? 0);
