import fc from "fast-check";
import type { Answer } from "../client.ts";
import { type Item, N, S, type Scene, type Tabled } from "../scene.ts";
import { anyCondition, anyUpdate, type Part, withExpressions } from "./expressions.ts";
import { anyAttributes, anyText } from "./items.ts";

export const HISTORY: Tabled = {
  keys: "pk:S",
  indexes: {
    all: { keys: "g:S" },
    some: { keys: "g:S", projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["n"] } },
  },
};

/** One call of a history; keys are without the history's own name. */
export type Step = {
  readonly operation: string;
  readonly input: (key: (pk: string) => Item, TableName: string) => object;
};

const PKS = ["1", "2", "3", "4"] as const;
const anyPk = fc.constantFrom(...PKS);
const anyGroup = fc.constantFrom("x", "y", undefined);
const METERED = { ReturnConsumedCapacity: "INDEXES" };

type Body = { readonly rest: Item; readonly g: string | undefined };
const anyBody: fc.Arbitrary<Body> = fc.record({ rest: anyAttributes, g: anyGroup });
const itemOf = (key: Item, { rest, g }: Body): Item => ({
  ...rest,
  ...key,
  ...(g !== undefined && { g: S(g) }),
});

const fixed = (text: string, values: Item = {}): Part => ({ text, names: {}, values });

/** Conditions that often hold, and others. */
const condition: fc.Arbitrary<Part> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(fixed("attribute_exists(pk)")) },
  { weight: 2, arbitrary: fc.constant(fixed("attribute_not_exists(pk)")) },
  { weight: 1, arbitrary: fc.constant(fixed("n < :two", { ":two": N(2) })) },
  { weight: 1, arbitrary: anyCondition },
);

/** Updates that can mostly be done, also of what indexes are made of. */
const update: fc.Arbitrary<Part> = fc.oneof(
  fc.constant(fixed("SET g = :g", { ":g": S("z") })),
  fc.constant(fixed("REMOVE g, n")),
  fc.constant(fixed("SET n = if_not_exists(n, :one)", { ":one": N(1) })),
  anyText.map((text) => fixed("SET a = :a REMOVE b", { ":a": S(text) })),
  anyUpdate,
);

const anyWrite: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constantFrom("PutItem", "UpdateItem", "DeleteItem"),
    pk: anyPk,
    body: anyBody,
    update,
    condition: fc.option(condition, { nil: undefined, freq: 2 }),
    all: fc.boolean(),
    shown: fc.constantFrom("NONE", "ALL_OLD"),
  })
  .map(({ kind, pk, body, update, condition, all, shown }) => ({
    operation: kind,
    input: (key, TableName) => ({
      TableName,
      ...(kind === "PutItem" ? { Item: itemOf(key(pk), body) } : { Key: key(pk) }),
      ...withExpressions({
        UpdateExpression: kind === "UpdateItem" ? update : undefined,
        ConditionExpression: condition,
      }),
      ReturnValues: all ? "ALL_OLD" : "NONE",
      ReturnValuesOnConditionCheckFailure: shown,
      ...METERED,
    }),
  }));

const anyGet: fc.Arbitrary<Step> = fc.record({ pk: anyPk, ConsistentRead: fc.boolean() }).map(
  ({ pk, ConsistentRead }): Step => ({
    operation: "GetItem",
    input: (key, TableName) => ({ TableName, Key: key(pk), ConsistentRead, ...METERED }),
  }),
);

const anyBatch: fc.Arbitrary<Step> = fc
  .uniqueArray(fc.record({ pk: anyPk, body: fc.option(anyBody, { nil: undefined }) }), {
    minLength: 1,
    selector: ({ pk }) => pk,
  })
  .map((requests) => ({
    operation: "BatchWriteItem",
    input: (key, TableName) => ({
      RequestItems: {
        [TableName]: requests.map(({ pk, body }) =>
          body === undefined
            ? { DeleteRequest: { Key: key(pk) } }
            : { PutRequest: { Item: itemOf(key(pk), body) } },
        ),
      },
    }),
  }));

const anyTransaction: fc.Arbitrary<Step> = fc
  .record({
    token: fc.constantFrom("one", "two", undefined, undefined),
    members: fc.uniqueArray(
      fc.record({
        kind: fc.constantFrom("Put", "Update", "Delete", "ConditionCheck"),
        pk: anyPk,
        body: anyBody,
        update,
        condition,
        isSure: fc.boolean(),
        shown: fc.constantFrom("NONE", "ALL_OLD"),
      }),
      { minLength: 1, selector: ({ pk }) => pk },
    ),
  })
  .map(({ token, members }) => ({
    operation: "TransactWriteItems",
    input: (key, TableName) => ({
      ...(token !== undefined && { ClientRequestToken: `${TableName}-${key(token)["pk"]?.["S"]}` }),
      TransactItems: members.map(({ kind, pk, body, update, condition, isSure, shown }) => ({
        [kind]: {
          TableName,
          ...(kind === "Put" ? { Item: itemOf(key(pk), body) } : { Key: key(pk) }),
          ...withExpressions({
            UpdateExpression: kind === "Update" ? update : undefined,
            ConditionExpression: isSure && kind !== "ConditionCheck" ? undefined : condition,
          }),
          ReturnValuesOnConditionCheckFailure: shown,
        },
      })),
    }),
  }));

const anyReads: fc.Arbitrary<Step> = fc
  .record({ pks: fc.uniqueArray(anyPk, { minLength: 1 }), isTransaction: fc.boolean() })
  .map(({ pks, isTransaction }) => ({
    operation: isTransaction ? "TransactGetItems" : "BatchGetItem",
    input: (key, TableName) =>
      isTransaction
        ? { TransactItems: pks.map((pk) => ({ Get: { TableName, Key: key(pk) } })) }
        : { RequestItems: { [TableName]: { Keys: pks.map(key) } } },
  }));

export const anyHistory: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: anyWrite },
    { weight: 1, arbitrary: anyGet },
    { weight: 1, arbitrary: anyBatch },
    { weight: 2, arbitrary: anyTransaction },
    { weight: 1, arbitrary: anyReads },
  ),
  { minLength: 1, maxLength: 12 },
);

/** What every call of a history answers, and what the table and its indexes have in the end. */
export async function answersTo(t: Scene, steps: readonly Step[]): Promise<readonly Answer[]> {
  const key = (pk: string): Item => ({ pk: S(pk) });
  const answers: Answer[] = [];
  for (const { operation, input } of steps) answers.push(await t.call(operation, input(key, t.table)));
  for (const IndexName of [undefined, "all", "some"]) {
    const { Items } = await t.on("Scan", IndexName === undefined ? {} : { IndexName });
    const items = Array.isArray(Items) ? Items : [];
    answers.push(Object.fromEntries(items.map((item) => [item.pk.S, item])));
  }
  return answers;
}
