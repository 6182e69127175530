import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { api } from "../pages.ts";
import { each, N, outcome, S, type Scene, said, scene, untilActive } from "../scene.ts";

const put = (pk: string, more: object = {}): object => ({ PutRequest: { Item: { pk: S(pk), ...more } } });
const remove = (pk: string): object => ({ DeleteRequest: { Key: { pk: S(pk) } } });
const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const write = (t: Scene, requests: unknown, more: object = {}) =>
  t.call("BatchWriteItem", { RequestItems: { [t.table]: requests }, ...more });
const read = (t: Scene, Keys: unknown, more: object = {}) =>
  t.call("BatchGetItem", { RequestItems: { [t.table]: { Keys, ...more } } });
const key = (pk: string): object => ({ pk: S(pk) });

export const batches: readonly Case<DynamoDb>[] = [
  scene("a batch puts and deletes up to 25 items, each for itself", "pk:S", async (t) => {
    await t.putAll({ pk: S("gone") });
    return [
      await write(t, [...many(24, (i) => put(`k${i}`)), remove("gone")]),
      (await t.on("Scan", { Select: "COUNT" }))["Count"],
    ];
  }),
  scene("a batch reads up to 100 items, and says nothing of those that are not there", "pk:S", async (t) => {
    for (let i = 0; i < 3; i += 1)
      await write(
        t,
        many(25, (j) => put(`k${25 * i + j}`)),
      );
    const answer = await read(
      t,
      many(100, (i) => key(`k${i}`)),
    );
    const { table } = answer["Responses"] as { readonly table: readonly unknown[] };
    return [table.length, answer["UnprocessedKeys"]];
  }),
  scene("a batch of reads projects and is consistent table by table", "pk:S", async (t) => {
    const other = `${t.table}-other`;
    await t.on("CreateTable", {
      TableName: other,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
    });
    await untilActive(t, other);
    await t.putAll({ pk: S("a"), n: N(1), m: N(2) });
    await t.on("PutItem", { TableName: other, Item: { id: N(7), n: N(3) } });
    return t.call("BatchGetItem", {
      ReturnConsumedCapacity: "TOTAL",
      RequestItems: {
        [t.table]: {
          Keys: [key("a")],
          ConsistentRead: true,
          ProjectionExpression: "#n",
          ExpressionAttributeNames: { "#n": "n" },
        },
        [other]: { Keys: [{ id: N("7.0") }] },
      },
    });
  }),
  scene("a batch of more items, of none, or of one twice is refused", "pk:S", async (t) => ({
    "26 writes": outcome(
      await write(
        t,
        many(26, (i) => put(`k${i}`)),
      ),
    ),
    "no writes": outcome(await write(t, [])),
    "no tables to write": outcome(await t.call("BatchWriteItem", { RequestItems: {} })),
    "a write twice": outcome(await write(t, [put("a"), remove("a")])),
    "101 reads": outcome(
      await read(
        t,
        many(101, (i) => key(`k${i}`)),
      ),
    ),
    "no reads": outcome(await read(t, [])),
    "no tables to read": outcome(await t.call("BatchGetItem", { RequestItems: {} })),
    "a read twice": outcome(await read(t, [key("a"), key("a")])),
    "and nothing was written": (await t.on("Scan"))["Count"],
  })),
  scene("an invalid item keeps all of a batch from being written", "pk:S", async (t) => {
    const invalid = {
      "another key type": { PutRequest: { Item: { pk: N(1) } } },
      "no key": { PutRequest: { Item: { n: N(1) } } },
      "an empty key": put(""),
      "a bad number": put("b", { n: { N: "x" } }),
      "too large": put("b", { x: S("x".repeat(409_600)) }),
      "a key too many": { DeleteRequest: { Key: { pk: S("b"), n: N(1) } } },
    };
    return [
      await each(invalid, async (one) => outcome(await write(t, [put("a"), one]))),
      (await t.on("Scan"))["Count"],
    ];
  }),
  scene("a request of a batch is a put or a delete", "pk:S", async (t) => said(await write(t, [{}]))),
  scene(
    "a request of a batch is not both",
    "pk:S",
    async (t) => outcome(await write(t, [{ ...put("a"), ...remove("b") }])),
    { source: api("WriteRequest"), is: "ValidationException" },
  ),
  scene("a batch names tables that are there", "pk:S", async (t) => {
    const other = { "no-such-table": [put("a")] };
    const items = { [t.table]: [put("a")] };
    return [
      outcome(await t.call("BatchWriteItem", { RequestItems: { ...items, ...other } })),
      outcome(await t.call("BatchGetItem", { RequestItems: { "no-such-table": { Keys: [key("a")] } } })),
      (await t.on("Scan"))["Count"],
    ];
  }),
  scene("a batch reads up to 16 MB and hands the other keys back", "pk:S", async (t) => {
    const body = S("x".repeat(300_000));
    for (let i = 0; i < 60; i += 1) await t.putAll({ pk: S(`k${i}`), body });
    const answer = await read(
      t,
      many(60, (i) => key(`k${i}`)),
    );
    const { table } = answer["Responses"] as { readonly table: readonly unknown[] };
    const { table: left } = answer["UnprocessedKeys"] as {
      readonly table: { readonly Keys: readonly unknown[] };
    };
    const rest = await read(t, left.Keys);
    const { table: others } = rest["Responses"] as { readonly table: readonly unknown[] };
    return [table.length, left.Keys.length, others.length, rest["UnprocessedKeys"]];
  }),
  scene("keys that are handed back keep how they were to be read", "pk:S", async (t) => {
    const body = S("x".repeat(400_000));
    for (let i = 0; i < 43; i += 1) await t.putAll({ pk: S(`k${i}`), body });
    const answer = await read(
      t,
      many(43, (i) => key(`k${i}`)),
      { ConsistentRead: true, ProjectionExpression: "pk" },
    );
    const { table } = answer["UnprocessedKeys"] as { readonly table: { readonly Keys: readonly unknown[] } };
    return { ...table, Keys: table.Keys.length };
  }),
];
