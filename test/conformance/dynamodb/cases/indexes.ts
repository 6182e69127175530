import type { Case } from "../../harness/case.ts";
import type { Answer, DynamoDb } from "../client.ts";
import { api, guide } from "../pages.ts";
import { each, type Item, N, outcome, S, type Scene, said, scene, type Tabled } from "../scene.ts";

const TABLE: Tabled = {
  keys: "pk:S",
  indexes: {
    all: { keys: "g:S r:N" },
    keys: { keys: "g:S r:N", projection: { ProjectionType: "KEYS_ONLY" } },
    some: { keys: "h:S", projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["note"] } },
  },
};
const item = (pk: string, r: number, more: Item = {}): Item => ({
  pk: S(pk),
  g: S("g"),
  r: N(r),
  note: S("n"),
  body: S("b"),
  ...more,
});

const of = (t: Scene, IndexName: string, more: object = {}): Promise<Answer> =>
  t.query("g = :g", { ":g": S("g") }, { IndexName, ...more });

export const indexes: readonly Case<DynamoDb>[] = [
  scene("an index has the items that have its key, in its order, with what it projects", TABLE, async (t) => {
    await t.putAll(
      item("a", 3),
      item("b", 1),
      { pk: S("c"), g: S("g") },
      { pk: S("d"), h: S("h"), note: S("n"), body: S("b") },
    );
    return {
      all: await of(t, "all"),
      keys: await of(t, "keys"),
      some: await t.query("h = :h", { ":h": S("h") }, { IndexName: "some" }),
      scanned: await t.on("Scan", { IndexName: "some" }),
    };
  }),
  scene("an index follows every kind of write", TABLE, async (t) => {
    const key = { pk: S("a") };
    const seen = async () => (await of(t, "all", { ProjectionExpression: "pk, r" })) as object;
    const steps: unknown[] = [];
    await t.putAll(item("a", 1));
    steps.push(await seen());
    await t.update(key, "SET r = :r", { ExpressionAttributeValues: { ":r": N(2) } });
    steps.push(await seen());
    await t.update(key, "REMOVE r");
    steps.push(await seen());
    await t.update(key, "SET r = :r", { ExpressionAttributeValues: { ":r": N(3) } });
    await t.delete(key);
    steps.push(await seen());
    await t.transact([{ Put: { Item: item("a", 4) } }]);
    steps.push(await seen());
    await t.call("BatchWriteItem", { RequestItems: { [t.table]: [{ DeleteRequest: { Key: key } }] } });
    steps.push(await seen());
    return steps;
  }),
  scene("a query of an index ends at its limit with both keys, and goes on there", TABLE, async (t) => {
    await t.putAll(item("a", 1), item("b", 2), item("c", 3));
    const page = await of(t, "all", { Limit: 2, ScanIndexForward: false });
    const { LastEvaluatedKey } = page as { LastEvaluatedKey?: object };
    return [page, await of(t, "all", { ScanIndexForward: false, ExclusiveStartKey: LastEvaluatedKey })];
  }),
  scene("items with the same index key are all there", TABLE, async (t) => {
    for (const pk of ["a", "b", "c"]) await t.putAll(item(pk, 7));
    await t.delete({ pk: S("b") });
    return of(t, "all", { Select: "COUNT" });
  }),
  scene(
    "a value of another type is no key of an index, nor is an empty text",
    TABLE,
    (t) =>
      each(
        {
          "another type": { g: N(1) },
          "empty text": { g: S("") },
          "another type of the sort key": { g: S("g"), r: S("1") },
        },
        async (more) => ({
          put: outcome(await t.put({ pk: S("a"), ...more })),
          update: outcome(
            await t.update({ pk: S("a") }, "SET g = :g, r = :r", {
              ExpressionAttributeValues: { ":g": more.g, ":r": "r" in more ? more.r : N(1) },
            }),
          ),
        }),
      ),
    {
      source: guide("GSI.html"),
      is: Object.fromEntries(
        ["another type", "empty text", "another type of the sort key"].map((label) => [
          label,
          { put: "ValidationException", update: "ValidationException" },
        ]),
      ),
    },
  ),
  scene(
    "a value of another type is no key of an index, in AWS's words",
    TABLE,
    async (t) => [said(await t.put({ pk: S("a"), h: N(1) })), said(await t.put({ pk: S("a"), h: S("") }))],
    {
      source: guide("GSI.html"),
      is: [
        "ValidationException: One or more parameter values were invalid: Type mismatch for Index Key h Expected: S Actual: N IndexName: some",
        "ValidationException: One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: some, IndexKey: h",
      ],
    },
  ),
  scene(
    "a key of an index is not too long",
    TABLE,
    async (t) => [
      outcome(await t.put({ pk: S("a"), h: S("x".repeat(2_048)) })),
      outcome(await t.put({ pk: S("a"), h: S("x".repeat(2_049)) })),
    ],
    { source: guide("Constraints.html"), is: ["taken", "ValidationException"] },
  ),
  scene("an index is read eventually only", TABLE, async (t) => [
    outcome(await of(t, "all", { ConsistentRead: true })),
    outcome(await t.on("Scan", { IndexName: "all", ConsistentRead: true })),
  ]),
  scene("an index gives no attributes that it does not project", TABLE, async (t) => {
    await t.putAll(item("a", 1));
    return {
      all: said(await of(t, "keys", { Select: "ALL_ATTRIBUTES" })),
      projected: await of(t, "keys", { Select: "ALL_PROJECTED_ATTRIBUTES" }),
      "all of an index with all": await of(t, "all", { Select: "ALL_ATTRIBUTES" }),
    };
  }),
  scene(
    "a projection asks an index for no attribute that it does not have",
    TABLE,
    async (t) => {
      await t.putAll(item("a", 1));
      return outcome(await of(t, "keys", { ProjectionExpression: "pk, body" }));
    },
    { source: api("Query"), is: "ValidationException" },
  ),
  scene(
    "a query's filter asks an index for no attribute that it does not have",
    TABLE,
    async (t) => {
      await t.putAll(item("a", 1));
      const filter = { FilterExpression: "attribute_exists(body.x) OR pk = :h OR note = :h" };
      return said(await t.query("h = :h", { ":h": S("h") }, { IndexName: "some", ...filter }));
    },
    {
      source: guide("GSI.html"),
      is: "ValidationException: One or more parameter values were invalid: Secondary index some does not project one or more filter attributes: [body]",
    },
  ),
  scene("the key of a query is the index's", TABLE, async (t) => {
    await t.putAll(item("a", 1));
    return {
      "the table's": outcome(await t.query("pk = :a", { ":a": S("a") }, { IndexName: "all" })),
      "a filter on the table's": await of(t, "all", {
        FilterExpression: "pk = :a",
        ExpressionAttributeValues: { ":g": S("g"), ":a": S("a") },
        Select: "COUNT",
      }),
      "a filter on its own": outcome(
        await of(t, "all", {
          FilterExpression: "r = :r",
          ExpressionAttributeValues: { ":g": S("g"), ":r": N(1) },
        }),
      ),
    };
  }),
  scene("a parallel scan of an index is all of it", TABLE, async (t) => {
    for (let i = 0; i < 12; i += 1) await t.putAll(item(`k${i}`, i, { g: S(`g${i % 5}`) }));
    const counts = await Promise.all(
      [0, 1, 2].map(
        async (Segment) =>
          (await t.on("Scan", { IndexName: "keys", Segment, TotalSegments: 3, Select: "COUNT" }))["Count"],
      ),
    );
    return counts.reduce((sum: number, count) => sum + Number(count), 0);
  }),
];
