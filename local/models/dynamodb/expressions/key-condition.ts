import type { AttributeValue } from "../attribute-value.ts";
import { compareValues, typeOf } from "../compare-values.ts";
import { checkKeyValue, type KeyAttribute, type KeySpec, partitionOf } from "../key-spec.ts";
import { partitionPoint, type Row } from "../keyed-rows.ts";
import { validation } from "../validation.ts";
import { type Condition, type Operand, parseCondition } from "./condition.ts";
import { beginsWith } from "./evaluate-condition.ts";
import type { Placeholders } from "./placeholders.ts";

/** The rows that a Query reads: one partition, and there the indexes from `from` to before `to`. */
export type KeyRange = {
  readonly partition: string;
  readonly within: (rows: readonly Row[]) => { readonly from: number; readonly to: number };
};

/** Reads a KeyConditionExpression: the hash key equals a value, and at most one condition on the sort key. */
export function keyRangeOf(spec: KeySpec, expression: string, placeholders: Placeholders): KeyRange {
  const terms = conjuncts(parseCondition("KeyConditionExpression", expression, placeholders)).map(
    attributeFirst,
  );
  const hashTerms = terms.filter((term) => attributeOf(term) === spec.hash.name);
  const sortTerms = terms.filter((term) => attributeOf(term) !== spec.hash.name);
  const [hashTerm, sortTerm] = [hashTerms[0], sortTerms[0]];
  if (hashTerm === undefined)
    throw validation(`Query condition missed key schema element: ${spec.hash.name}`);
  if (hashTerm.kind !== "compare" || hashTerm.by !== "=")
    throw validation("Query key condition not supported");
  if (hashTerms.length > 1 || sortTerms.length > 1)
    throw validation("KeyConditionExpressions must only contain one condition per key");
  const value = constant(hashTerm.right, spec.hash);
  checkKeyValue(spec.hash, value, true);
  const partition = partitionOf(spec, { [spec.hash.name]: value });
  if (sortTerm === undefined) return { partition, within: (rows) => ({ from: 0, to: rows.length }) };
  if (spec.range === undefined || attributeOf(sortTerm) !== spec.range.name)
    throw validation(`Query condition missed key schema element: ${spec.range?.name ?? spec.hash.name}`);
  return { partition, within: sortRange(sortTerm, spec.range) };
}

function sortRange(term: Condition, key: KeyAttribute): KeyRange["within"] {
  const before = (value: AttributeValue) => (row: Row) => order(row, value) < 0;
  const upTo = (value: AttributeValue) => (row: Row) => order(row, value) <= 0;
  if (term.kind === "between") {
    const [low, high] = [constant(term.low, key), constant(term.high, key)];
    return (rows) => ({ from: partitionPoint(rows, before(low)), to: partitionPoint(rows, upTo(high)) });
  }
  if (term.kind === "begins_with") {
    const prefix = constant(term.prefix, key);
    return (rows) => ({
      from: partitionPoint(rows, before(prefix)),
      to: partitionPoint(rows, (row) => order(row, prefix) < 0 || beginsWith(row.sort, prefix)),
    });
  }
  if (term.kind !== "compare" || term.by === "<>")
    throw validation("Invalid operator used in KeyConditionExpression");
  const value = constant(term.right, key);
  const { by } = term;
  return (rows) => ({
    from:
      by === "=" || by === ">="
        ? partitionPoint(rows, before(value))
        : by === ">"
          ? partitionPoint(rows, upTo(value))
          : 0,
    to:
      by === "=" || by === "<="
        ? partitionPoint(rows, upTo(value))
        : by === "<"
          ? partitionPoint(rows, before(value))
          : rows.length,
  });
}

const order = (row: Row, value: AttributeValue): number =>
  row.sort === undefined ? 0 : (compareValues(row.sort, value) ?? 0);

function conjuncts(condition: Condition): Condition[] {
  if (condition.kind === "and") return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  if (condition.kind === "or" || condition.kind === "not")
    throw validation(`Invalid operator used in KeyConditionExpression: ${condition.kind.toUpperCase()}`);
  return [condition];
}

const MIRRORED = { "=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/** `:v < key` as `key > :v`. */
function attributeFirst(term: Condition): Condition {
  if (term.kind !== "compare" || term.left.kind !== "value") return term;
  return { kind: "compare", by: MIRRORED[term.by], left: term.right, right: term.left };
}

function attributeOf(term: Condition): string | undefined {
  const operand =
    term.kind === "compare"
      ? term.left
      : term.kind === "between" || term.kind === "begins_with"
        ? term.of
        : undefined;
  if (operand?.kind !== "path" || operand.path.length !== 1)
    throw validation("Invalid KeyConditionExpression: only a key attribute can be compared");
  return String(operand.path[0]);
}

function constant(operand: Operand, { type }: KeyAttribute): AttributeValue {
  if (operand.kind !== "value")
    throw validation("Invalid KeyConditionExpression: a key attribute is compared with a value");
  if (typeOf(operand.value) !== type)
    throw validation(
      "One or more parameter values were invalid: Condition parameter type does not match schema type",
    );
  return operand.value;
}
