import fc from "fast-check";
import type { Answer } from "../client.ts";
import { type Item, N, S, type Scene, type Tabled, type Value } from "../scene.ts";
import { anyCondition, anyProjection, type Part, part, valuePart, withExpressions } from "./expressions.ts";
import { anyAttributes, anyBytes, anyNumber, anyText } from "./items.ts";

/** Tables whose sort keys are of each type. The index's sort key differs in every item, so that its order is known. */
export const SORTED: Readonly<Record<string, Tabled>> = Object.fromEntries(
  ["S", "N", "B"].map((type) => [
    type,
    {
      keys: `pk:S v:${type}`,
      indexes: {
        gsi: { keys: "g:S h:N", projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["a", "n"] } },
      },
    },
  ]),
);

const SORT_KEYS: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  S: anyText.filter((text) => text !== "").map(S),
  N: anyNumber.map(N),
  B: anyBytes.filter((bytes) => bytes !== "").map((B) => ({ B })),
};

export type Asked = {
  readonly type: string;
  readonly items: readonly { readonly v: Value; readonly g: string | undefined; readonly rest: Item }[];
  readonly onIndex: boolean;
  readonly on: Part | undefined;
  readonly filter: Part | undefined;
  readonly projection: Part | undefined;
  readonly more: object;
};

const condition = (attribute: string, values: fc.Arbitrary<Value>): fc.Arbitrary<Part> => {
  const value = values.map(valuePart);
  return fc.oneof(
    fc
      .tuple(fc.constantFrom("=", "<", "<=", ">", ">="), value)
      .map(([by, to]) => part`${attribute} ${by} ${to}`),
    fc.tuple(value, value).map(([from, to]) => part`${attribute} BETWEEN ${from} AND ${to}`),
    value.map((to) => part`begins_with(${attribute}, ${to})`),
  );
};

/** Items of one partition and a query for them. */
export const anyQuery: fc.Arbitrary<Asked> = fc.constantFrom(...Object.keys(SORTED)).chain((type) => {
  const keys = SORT_KEYS[type] ?? fc.constant(S("k"));
  return fc.boolean().chain((onIndex) =>
    fc.record({
      type: fc.constant(type),
      onIndex: fc.constant(onIndex),
      items: fc.array(
        fc.record({ v: keys, g: fc.constantFrom("x", "x", "y", undefined), rest: anyAttributes }),
        { maxLength: 8 },
      ),
      on: fc.option(onIndex ? condition("h", fc.integer({ min: -1, max: 8 }).map(N)) : condition("v", keys), {
        nil: undefined,
      }),
      filter: fc.option(anyCondition, { nil: undefined }),
      projection: fc.option(anyProjection, { nil: undefined, freq: 2 }),
      more: fc.record(
        {
          ScanIndexForward: fc.boolean(),
          Limit: fc.integer({ min: 1, max: 5 }),
          ...(onIndex ? {} : { ConsistentRead: fc.boolean() }),
        },
        { requiredKeys: [] },
      ),
    }),
  );
});

/** Puts the items, and asks for page after page. */
export async function pagesOf(t: Scene, partition: string, asked: Asked): Promise<readonly Answer[]> {
  for (const [i, { v, g, rest }] of asked.items.entries())
    await t.put({ ...rest, pk: S(partition), v, ...(g !== undefined && { g: S(partition + g), h: N(i) }) });
  const { onIndex, on, filter, projection, more } = asked;
  const hash = onIndex ? part`g = ${valuePart(S(`${partition}x`))}` : part`pk = ${valuePart(S(partition))}`;
  const query = {
    ...withExpressions({
      KeyConditionExpression: on === undefined ? hash : part`${hash} AND ${on}`,
      FilterExpression: filter,
      ProjectionExpression: projection,
    }),
    ...(onIndex && { IndexName: "gsi" }),
    ...more,
    ReturnConsumedCapacity: "INDEXES",
  };
  const pages: Answer[] = [];
  let from: unknown;
  do {
    const page = await t.on("Query", { ...query, ...(from !== undefined && { ExclusiveStartKey: from }) });
    pages.push(page);
    from = page["LastEvaluatedKey"];
  } while (from !== undefined);
  return pages;
}
