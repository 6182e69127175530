import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { CONSUMPTION, guide, TRANSACTIONS } from "../pages.ts";
import { each, type Item, N, S, type Scene, scene, type Tabled, type Value } from "../scene.ts";

const INDEXED: Tabled = {
  keys: "pk:S",
  indexes: { gsi: { keys: "g:S", projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["note"] } } },
};
const K = { pk: S("k") };
const body = (bytes: number): Value => S("x".repeat(bytes));
const INDEXES = { ReturnConsumedCapacity: "INDEXES" };
const TOTAL = { ReturnConsumedCapacity: "TOTAL" };
const units = ({ ConsumedCapacity }: Readonly<Record<string, unknown>>): unknown => ConsumedCapacity;
const table = (CapacityUnits: number): object => ({ TableName: "table", CapacityUnits });
const whole = (CapacityUnits: number): object => ({ ...table(CapacityUnits), Table: { CapacityUnits } });

/** Half a unit, all of it of the index. */
const OF_INDEX = {
  ...table(0.5),
  Table: { CapacityUnits: 0 },
  GlobalSecondaryIndexes: { gsi: { CapacityUnits: 0.5 } },
};

/** A transaction of reads. */
const transactGet = (
  t: Scene,
  keys: readonly Item[],
  more: object,
): Promise<Readonly<Record<string, unknown>>> =>
  t.call("TransactGetItems", {
    TransactItems: keys.map((Key) => ({ Get: { TableName: t.table, Key } })),
    ...more,
  });

export const capacity: readonly Case<DynamoDb>[] = [
  scene("a write costs a unit for each KB begun of the larger item", "pk:S", async (t) => ({
    small: units(await t.put(K, TOTAL)),
    "5 KB": units(await t.put({ ...K, a: body(5_000) }, TOTAL)),
    "smaller again": units(await t.put(K, TOTAL)),
    update: units(
      await t.update(K, "SET a = :a", { ExpressionAttributeValues: { ":a": body(2_000) }, ...TOTAL }),
    ),
    delete: units(await t.delete(K, TOTAL)),
    "delete of nothing": units(await t.delete(K, TOTAL)),
    "update of nothing": units(await t.update(K, "REMOVE a", TOTAL)),
    none: units(await t.put(K, { ReturnConsumedCapacity: "NONE" })),
    "not asked": units(await t.put(K)),
  })),
  scene(
    "a read costs a unit for each 4 KB begun, and half of it where not consistent",
    "pk:S",
    async (t) => {
      await t.putAll({ ...K, a: body(5_000) });
      return {
        consistent: units(await t.get(K, TOTAL)),
        eventual: units(await t.get(K, { ...TOTAL, ConsistentRead: false })),
        nothing: units(await t.get({ pk: S("none") }, TOTAL)),
        "nothing, eventual": units(await t.get({ pk: S("none") }, { ...TOTAL, ConsistentRead: false })),
        projected: units(await t.get(K, { ...INDEXES, ProjectionExpression: "pk" })),
      };
    },
    {
      source: CONSUMPTION,
      is: {
        consistent: table(2),
        eventual: table(1),
        nothing: table(1),
        "nothing, eventual": table(0.5),
        projected: whole(2),
      },
    },
  ),
  scene("a page costs what its items are together", "pk:S v:N", async (t) => {
    for (let v = 0; v < 5; v += 1) await t.putAll({ pk: S("p"), v: N(v), a: body(1_500) });
    const query = async (more: object) =>
      units(await t.query("pk = :p", { ":p": S("p") }, { ...TOTAL, ...more }));
    return {
      eventual: await query({}),
      consistent: await query({ ConsistentRead: true }),
      filtered: await query({ FilterExpression: "attribute_exists(none)" }),
      limited: await query({ Limit: 1 }),
      counted: await query({ Select: "COUNT", ...INDEXES }),
      scan: units(await t.on("Scan", { ...INDEXES, ConsistentRead: true })),
    };
  }),
  scene(
    "a page without items costs the least that a read costs",
    "pk:S",
    async (t) => [
      units(await t.query("pk = :p", { ":p": S("p") }, INDEXES)),
      units(await t.query("pk = :p", { ":p": S("p") }, { ...INDEXES, ConsistentRead: true })),
      units(await t.on("Scan", TOTAL)),
    ],
    { source: CONSUMPTION, is: [whole(0.5), whole(1), table(0.5)] },
  ),
  scene(
    "an index costs what changes in it: nothing, a write, or two where its key changes",
    INDEXED,
    async (t) => {
      const item = { ...K, g: S("1"), note: S("n"), other: S("o") };
      const set = async (name: string, value: string) =>
        units(
          await t.update(K, `SET ${name} = :v`, {
            ExpressionAttributeValues: { ":v": S(value) },
            ...INDEXES,
          }),
        );
      return {
        "a put": units(await t.put(item, INDEXES)),
        "the same again": units(await t.put(item, INDEXES)),
        "a projected attribute": await set("note", "m"),
        "an attribute that is not projected": await set("extra", "p"),
        "its key": await set("g", "2"),
        "out of it": units(await t.update(K, "REMOVE g", INDEXES)),
        "beside it": units(
          await t.update(K, "SET note = :v", { ExpressionAttributeValues: { ":v": S("x") }, ...INDEXES }),
        ),
        "into it": await set("g", "3"),
        "a delete": units(await t.delete(K, INDEXES)),
        total: units(await t.put(item, TOTAL)),
      };
    },
  ),
  scene("an index costs by the sizes of its own entries", INDEXED, async (t) => ({
    "large beside it": units(await t.put({ ...K, g: S("1"), other: body(5_000) }, INDEXES)),
    "large in it": units(await t.put({ ...K, g: S("1"), note: body(2_500) }, INDEXES)),
    "smaller again": units(await t.put({ ...K, g: S("1") }, INDEXES)),
  })),
  scene(
    "a read of an index costs nothing of the table",
    INDEXED,
    async (t) => {
      await t.putAll({ ...K, g: S("1"), other: body(9_000) });
      const query = { IndexName: "gsi" };
      return [
        units(await t.query("g = :g", { ":g": S("1") }, { ...query, ...INDEXES })),
        units(await t.query("g = :g", { ":g": S("1") }, { ...query, ...TOTAL })),
        units(await t.on("Scan", { ...query, ...INDEXES })),
      ];
    },
    {
      source: guide("GSI.html"),
      is: [OF_INDEX, table(0.5), OF_INDEX],
    },
  ),
  scene("a batch costs what its items cost, by table", INDEXED, async (t) => {
    const puts = [
      { PutRequest: { Item: { ...K, g: S("1"), a: body(1_500) } } },
      { PutRequest: { Item: { pk: S("l"), g: S("2") } } },
    ];
    const write = (more: object) => t.call("BatchWriteItem", { RequestItems: { [t.table]: puts }, ...more });
    return [units(await write(INDEXES)), units(await write(TOTAL)), units(await write({}))];
  }),
  scene(
    "a delete of nothing in a batch costs one unit",
    "pk:S",
    async (t) =>
      units(
        await t.call("BatchWriteItem", {
          RequestItems: { [t.table]: [{ DeleteRequest: { Key: K } }] },
          ...TOTAL,
        }),
      ),
    { source: CONSUMPTION, is: [table(1)] },
  ),
  scene("a batch of reads rounds each item up", "pk:S", async (t) => {
    await t.putAll({ pk: S("a"), x: body(1_500) }, { pk: S("b"), x: body(6_500) });
    const read = async (more: object) =>
      units(
        await t.call("BatchGetItem", {
          RequestItems: { [t.table]: { Keys: [{ pk: S("a") }, { pk: S("b") }], ...more } },
          ...TOTAL,
        }),
      );
    return [await read({}), await read({ ConsistentRead: true })];
  }),
  scene(
    "what a batch does not find costs the least that a read costs",
    "pk:S",
    async (t) => {
      await t.putAll({ pk: S("a") });
      const Keys = [{ pk: S("a") }, { pk: S("none") }];
      return units(await t.call("BatchGetItem", { RequestItems: { [t.table]: { Keys } }, ...INDEXES }));
    },
    { source: CONSUMPTION, is: [whole(1)] },
  ),
  scene(
    "a transaction costs twice as much, and says for what",
    "pk:S",
    async (t) => {
      const write = (more: object) =>
        t.transact([{ Put: { Item: { ...K, a: body(1_500) } } }, { Put: { Item: { pk: S("l") } } }], more);
      return [units(await write(TOTAL)), units(await write({}))];
    },
    {
      source: TRANSACTIONS,
      is: [[{ ...table(6), WriteCapacityUnits: 6 }], undefined],
    },
  ),
  scene(
    "a transaction shows what the table and its indexes cost, which are written once",
    INDEXED,
    async (t) => {
      await t.putAll({ pk: S("l"), g: S("2") });
      return units(
        await t.transact(
          [
            { Put: { Item: { ...K, g: S("1") } } },
            {
              Update: {
                Key: { pk: S("l") },
                UpdateExpression: "SET g = :g",
                ExpressionAttributeValues: { ":g": S("3") },
              },
            },
            { ConditionCheck: { Key: { pk: S("none") }, ConditionExpression: "attribute_not_exists(pk)" } },
          ],
          INDEXES,
        ),
      );
    },
    {
      source: TRANSACTIONS,
      is: [
        {
          TableName: "table",
          CapacityUnits: 9,
          WriteCapacityUnits: 9,
          Table: { CapacityUnits: 6, WriteCapacityUnits: 6 },
          GlobalSecondaryIndexes: { gsi: { CapacityUnits: 3, WriteCapacityUnits: 3 } },
        },
      ],
    },
  ),
  scene(
    "a check and a delete in a transaction cost by the item that is there",
    "pk:S",
    async (t) => {
      await t.putAll({ pk: S("a"), x: body(2_500) }, { pk: S("b"), x: body(2_500) });
      return units(
        await t.transact(
          [
            { ConditionCheck: { Key: { pk: S("a") }, ConditionExpression: "attribute_exists(pk)" } },
            { Delete: { Key: { pk: S("b") } } },
          ],
          TOTAL,
        ),
      );
    },
    {
      source: TRANSACTIONS,
      is: [{ TableName: "table", CapacityUnits: 12, WriteCapacityUnits: 12 }],
    },
  ),
  scene(
    "a repeated transaction costs two reads of each item",
    "pk:S",
    async (t) => {
      await t.putAll({ ...K, x: body(9_000) });
      const repeat = () =>
        t.transact([{ Delete: { Key: K } }], { ClientRequestToken: `repeat-${t.table}`, ...INDEXES });
      return [units(await repeat()), units(await repeat())];
    },
    {
      source: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html",
      is: [
        [
          {
            TableName: "table",
            CapacityUnits: 18,
            WriteCapacityUnits: 18,
            Table: { CapacityUnits: 18, WriteCapacityUnits: 18 },
          },
        ],
        [
          {
            TableName: "table",
            CapacityUnits: 6,
            ReadCapacityUnits: 6,
            Table: { CapacityUnits: 6, ReadCapacityUnits: 6 },
          },
        ],
      ],
    },
  ),
  scene(
    "a transaction of reads costs two units for each 4 KB begun of each item",
    "pk:S",
    async (t) => {
      await t.putAll({ ...K, x: body(5_000) });
      return each({ TOTAL, INDEXES }, async (more) =>
        units(await transactGet(t, [K, { pk: S("none") }], more)),
      );
    },
    {
      source: TRANSACTIONS,
      is: {
        TOTAL: [{ TableName: "table", CapacityUnits: 6, ReadCapacityUnits: 6 }],
        INDEXES: [
          {
            TableName: "table",
            CapacityUnits: 6,
            ReadCapacityUnits: 6,
            Table: { CapacityUnits: 6, ReadCapacityUnits: 6 },
          },
        ],
      },
    },
  ),
  scene("item collection metrics may be asked for, and are none without a local index", "pk:S", async (t) => {
    const metrics = { ReturnItemCollectionMetrics: "SIZE" };
    return [
      await t.put(K, metrics),
      await t.delete(K, metrics),
      await t.transact([{ Put: { Item: K } }], metrics),
      await t.call("BatchWriteItem", {
        RequestItems: { [t.table]: [{ DeleteRequest: { Key: K } }] },
        ...metrics,
      }),
    ];
  }),
];
