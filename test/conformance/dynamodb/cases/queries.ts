import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { api, guide } from "../pages.ts";
import { coded, each, type Item, L, M, N, outcome, S, type Scene, said, scene } from "../scene.ts";
import { valuesIn } from "./conditions.ts";

const P = S("p");
const item = (v: number): Item => ({ pk: P, v: N(v), even: { BOOL: v % 2 === 0 }, note: S(`n${v}`) });
const VALUES: Item = {
  ":p": P,
  ":q": S("q"),
  ":one": N(1),
  ":three": N(3),
  ":s": S("s"),
  ":empty": S(""),
  ":yes": { BOOL: true },
};

/** Six items of one partition, and one of another. */
async function fill(t: Scene): Promise<void> {
  await t.putAll(...[5, 0, 3, 1, 4, 2].map(item), { pk: S("q"), v: N(9) });
}

const asked = (condition: string, more: object = {}): object => ({
  KeyConditionExpression: condition,
  ...valuesIn(`${condition} ${JSON.stringify(more)}`, VALUES),
  ...more,
});

/** What each key condition reads, as the sort keys. */
const reads = (
  name: string,
  conditions: readonly string[],
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S v:N",
    async (t) => {
      await fill(t);
      const seen: [string, unknown][] = [];
      for (const condition of conditions) {
        const answer = await t.on("Query", asked(condition));
        seen.push([condition, answer["refused"] === undefined ? sortKeys(answer) : said(answer)]);
      }
      return Object.fromEntries(seen);
    },
    aws,
  );

const sortKeys = ({ Items }: Readonly<Record<string, unknown>>): unknown =>
  Array.isArray(Items) ? Items.map((one) => one.v?.N ?? one.v?.S ?? one) : Items;

/** What becomes of a query of the partition with each of the parameters. */
const queried = (
  name: string,
  parameters: Readonly<Record<string, object>>,
  seen: (answer: Awaited<ReturnType<Scene["on"]>>) => unknown,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
  condition = "pk = :p",
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S v:N",
    async (t) => {
      await fill(t);
      return each(parameters, async (more) => seen(await t.on("Query", asked(condition, more))));
    },
    aws,
  );

const key = (v: number, pk = "p"): Item => ({ pk: S(pk), v: N(v) });
const KEYS = api("Query");

export const queries: readonly Case<DynamoDb>[] = [
  reads("a query reads the range of its key condition, in the order of the sort keys", [
    "pk = :p",
    ":p = pk",
    "(pk = :p)",
    "pk = :p AND v = :three",
    "pk = :p AND v < :three",
    "pk = :p AND v <= :three",
    "pk = :p AND v > :three",
    "pk = :p AND v >= :three",
    "pk = :p AND :three < v",
    "pk = :p AND v BETWEEN :one AND :three",
    "(pk = :p) AND (v > :three)",
    "v > :three AND pk = :p",
  ]),
  reads(
    "a key condition is on the key, with = for the hash key",
    [
      "pk > :p",
      "begins_with(pk, :p)",
      "pk = :one",
      "pk = :p AND v = :s",
      "pk = :p AND begins_with(v, :s)",
      "pk = :p AND begins_with(v, :one)",
      "pk = :p AND pk = :p",
      "pk = :p AND v > :one AND v < :three",
      "pk = :p AND v BETWEEN :three AND :one",
    ],
    {
      source: KEYS,
      is: {
        "pk > :p": "ValidationException: Query key condition not supported",
        "begins_with(pk, :p)": "ValidationException: Query key condition not supported",
        "pk = :one":
          "ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type",
        "pk = :p AND v = :s":
          "ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type",
        "pk = :p AND begins_with(v, :s)":
          "ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type",
        "pk = :p AND begins_with(v, :one)":
          "ValidationException: Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        "pk = :p AND pk = :p":
          "ValidationException: KeyConditionExpressions must only contain one condition per key",
        "pk = :p AND v > :one AND v < :three":
          "ValidationException: KeyConditionExpressions must only contain one condition per key",
        "pk = :p AND v BETWEEN :three AND :one":
          "ValidationException: Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:3}, upper bound operand: AttributeValue: {N:1}",
      },
    },
  ),
  reads("a key condition without the hash key is refused", ["v = :one", "note = :s AND v = :one"], {
    source: KEYS,
    is: {
      "v = :one": "ValidationException: Query condition missed key schema element: pk",
      "note = :s AND v = :one": "ValidationException: Query condition missed key schema element: pk",
    },
  }),
  reads(
    "a key condition has no other operators than those for keys",
    [
      "pk = :p OR v = :one",
      "pk = :p AND NOT v = :one",
      "pk = :p AND v <> :one",
      "pk = :p AND v IN (:one)",
      "pk = :p AND attribute_exists(v)",
      "pk = :p AND contains(v, :one)",
      "pk = :p AND size(v) = :one",
      "pk = v",
      ":p = :p",
      "pk = :p AND begins_with(:s, v)",
      "pk = :p AND :one BETWEEN v AND :three",
    ],
    {
      source: KEYS,
      is: {
        "pk = :p OR v = :one": "ValidationException: Invalid operator used in KeyConditionExpression: OR",
        "pk = :p AND NOT v = :one":
          "ValidationException: Invalid operator used in KeyConditionExpression: NOT",
        "pk = :p AND v <> :one": "ValidationException: Invalid operator used in KeyConditionExpression: <>",
        "pk = :p AND v IN (:one)": "ValidationException: Invalid operator used in KeyConditionExpression: IN",
        "pk = :p AND attribute_exists(v)":
          "ValidationException: Invalid operator used in KeyConditionExpression: attribute_exists",
        "pk = :p AND contains(v, :one)":
          "ValidationException: Invalid operator used in KeyConditionExpression: contains",
        "pk = :p AND size(v) = :one":
          "ValidationException: KeyConditionExpressions cannot contain nested operations",
        "pk = v":
          "ValidationException: Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        ":p = :p":
          "ValidationException: Invalid condition in KeyConditionExpression: No key attribute specified",
        "pk = :p AND begins_with(:s, v)":
          "ValidationException: Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand",
        "pk = :p AND :one BETWEEN v AND :three":
          "ValidationException: Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand",
      },
    },
  ),
  queried(
    "without a key condition there is no query",
    { none: { KeyConditionExpression: undefined, ExpressionAttributeValues: undefined } },
    said,
    {
      source: KEYS,
      is: {
        none: "ValidationException: Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
      },
    },
  ),
  scene("text sorts by its UTF-8 bytes, and is found by its beginning", "pk:S v:S", async (t) => {
    for (const v of ["b", "a\u{1F600}", "a\uFFFD", "a", "B", "ä", "ab"]) await t.putAll({ pk: P, v: S(v) });
    return [
      sortKeys(await t.query("pk = :p", { ":p": P })),
      sortKeys(await t.query("pk = :p AND begins_with(v, :a)", { ":p": P, ":a": S("a") })),
    ];
  }),
  scene("numbers sort by value, however long they are", "pk:S v:N", async (t) => {
    const numbers = ["1e-130", "-1e125", "0", "10", "9", "-2", "12345678901234567890123456789012345678"];
    for (const v of [...numbers, "12345678901234567890123456789012345679", "-1e-130"])
      await t.putAll({ pk: P, v: N(v) });
    return [
      sortKeys(await t.query("pk = :p", { ":p": P })),
      sortKeys(
        await t.query("pk = :p AND v > :v", {
          ":p": P,
          ":v": N("1.2345678901234567890123456789012345678E37"),
        }),
      ),
    ];
  }),
  queried(
    "a limit counts what is read, backwards too, and says where to go on even at the end",
    {
      two: { Limit: 2 },
      "two backwards": { Limit: 2, ScanIndexForward: false },
      all: { Limit: 6 },
      more: { Limit: 7 },
      "two, filtered": { Limit: 2, FilterExpression: "even = :yes" },
    },
    (answer) => answer,
  ),
  queried(
    "a query goes on behind its starting key, which need not be there",
    {
      behind: { ExclusiveStartKey: key(2) },
      "between two": { ExclusiveStartKey: key(2.5) },
      backwards: { ExclusiveStartKey: key(2), ScanIndexForward: false },
      "behind the last": { ExclusiveStartKey: key(5) },
    },
    sortKeys,
  ),
  queried(
    "a starting key that the query could not have given is refused",
    {
      "another partition": { ExclusiveStartKey: key(2, "q") },
      "no sort key": { ExclusiveStartKey: { pk: P } },
      "one more": { ExclusiveStartKey: { ...key(2), note: S("x") } },
      "another type": { ExclusiveStartKey: { pk: P, v: S("2") } },
      nothing: { ExclusiveStartKey: {} },
    },
    outcome,
    {
      source: guide("Query.Pagination.html"),
      is: {
        "another partition": "ValidationException",
        "no sort key": "ValidationException",
        "one more": "ValidationException",
        "another type": "ValidationException",
        nothing: "ValidationException",
      },
    },
  ),
  queried(
    "a starting key outside the range of the sort key is refused",
    {
      before: { ExclusiveStartKey: key(1) },
      "just before": { ExclusiveStartKey: key(3) },
      inside: { ExclusiveStartKey: key(4) },
    },
    outcome,
    {
      source: guide("Query.Pagination.html"),
      is: { before: "ValidationException", "just before": "ValidationException", inside: "taken" },
    },
    "pk = :p AND v > :three",
  ),
  queried(
    "filters leave items out, and keep both counts",
    {
      even: { FilterExpression: "even = :yes" },
      none: { FilterExpression: "note = :s" },
      counted: { FilterExpression: "even = :yes", Select: "COUNT" },
    },
    (answer) => answer,
  ),
  queried(
    "a filter is not on the key",
    {
      hash: { FilterExpression: "attribute_exists(pk)" },
      sort: { FilterExpression: "v = :one" },
      both: { FilterExpression: "even = :yes AND v > :one" },
    },
    said,
  ),
  queried(
    "Select goes together with the projection",
    {
      COUNT: { Select: "COUNT" },
      SPECIFIC: { Select: "SPECIFIC_ATTRIBUTES", ProjectionExpression: "v" },
      "SPECIFIC without a projection": { Select: "SPECIFIC_ATTRIBUTES" },
      "ALL with a projection": { Select: "ALL_ATTRIBUTES", ProjectionExpression: "v" },
      "COUNT with a projection": { Select: "COUNT", ProjectionExpression: "v" },
      "PROJECTED without an index": { Select: "ALL_PROJECTED_ATTRIBUTES" },
      projected: { ProjectionExpression: "v" },
    },
    (answer) => (answer["refused"] === undefined ? answer : said(answer)),
  ),
  queried(
    "a limit is at least 1, Select one of four, an index there",
    { zero: { Limit: 0 }, minus: { Limit: -1 }, select: { Select: "SOME" }, index: { IndexName: "none" } },
    outcome,
    {
      source: KEYS,
      is: {
        zero: "ValidationException",
        minus: "ValidationException",
        select: "ValidationException",
        index: "ValidationException",
      },
    },
  ),
  scene(
    "a page ends with the item that reaches 1 MB",
    "pk:S v:N",
    async (t) => {
      for (let v = 0; v < 5; v += 1) await t.putAll({ pk: P, v: N(v), body: S("x".repeat(300_000)) });
      const counted = { Select: "COUNT", ReturnConsumedCapacity: "TOTAL" };
      return {
        query: await t.query("pk = :p", { ":p": P }, counted),
        scan: await t.on("Scan", counted),
        limited: await t.query("pk = :p", { ":p": P }, { ...counted, Limit: 2 }),
      };
    },
    {
      // "if the processed dataset size exceeds 1 MB before DynamoDB reaches this limit, it stops the operation"
      source: KEYS,
      is: {
        query: {
          Count: 4,
          ScannedCount: 4,
          LastEvaluatedKey: key(3),
          ConsumedCapacity: { TableName: "table", CapacityUnits: 146.5 },
        },
        scan: {
          Count: 4,
          ScannedCount: 4,
          LastEvaluatedKey: key(3),
          ConsumedCapacity: { TableName: "table", CapacityUnits: 146.5 },
        },
        limited: {
          Count: 2,
          ScannedCount: 2,
          LastEvaluatedKey: key(1),
          ConsumedCapacity: { TableName: "table", CapacityUnits: 73.5 },
        },
      },
    },
  ),
  scene("pages put together are the whole partition", "pk:S v:N", async (t) => {
    await fill(t);
    const seen: unknown[] = [];
    let from: unknown;
    do {
      const page = await t.query(
        "pk = :p",
        { ":p": P },
        { Limit: 4, ...(from !== undefined && { ExclusiveStartKey: from }) },
      );
      seen.push(sortKeys(page));
      from = page["LastEvaluatedKey"];
    } while (from !== undefined);
    return seen;
  }),
  scene("projections give parts of items, nested as they were", "pk:S", async (t) => {
    await t.putAll({
      pk: S("k"),
      els: L(S("a"), S("b"), M({ c: S("c"), d: S("d") })),
      doc: M({ a: S("1"), b: M({ c: S("2"), d: S("3") }) }),
      s: S("s"),
    });
    const projections = [
      "s",
      "doc.a, pk",
      "doc.b.c, doc.b.d",
      "els[0], els[2]",
      "els[2], els[0]",
      "els[2].c, els[2].d",
      "absent",
      "absent.a, s",
      "s.a",
      "els[9]",
      "#d.a",
    ];
    return each(Object.fromEntries(projections.map((text) => [text, text])), async (text) => {
      const names = text.includes("#") ? { ExpressionAttributeNames: { "#d": "doc" } } : {};
      return t.get({ pk: S("k") }, { ProjectionExpression: text, ...names });
    });
  }),
  scene("projections are refused where they make no sense", "pk:S", (t) =>
    each(
      Object.fromEntries(
        ["", "s,", "s m", "(s)", ":s", "doc, doc.a", "s, s", "status", "#x", "doc..a"].map((text) => [
          text,
          text,
        ]),
      ),
      async (text) => coded(await t.get({ pk: S("k") }, { ProjectionExpression: text })),
    ),
  ),
];
