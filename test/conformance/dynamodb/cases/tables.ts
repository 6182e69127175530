import type { Case } from "../../harness/case.ts";
import type { Answer, DynamoDb } from "../client.ts";
import { api, guide } from "../pages.ts";
import { bare, each, N, outcome, S, type Scene, said, scene, schemaOf, untilActive } from "../scene.ts";

const attribute = (AttributeName: string, AttributeType = "S"): object => ({ AttributeName, AttributeType });
const index = (IndexName: string, keys: string, Projection: object = { ProjectionType: "ALL" }): object => ({
  IndexName,
  KeySchema: schemaOf(keys),
  Projection,
});
const THROUGHPUT = { ReadCapacityUnits: 5, WriteCapacityUnits: 4 };
const ON_DEMAND = { BillingMode: "PAY_PER_REQUEST" };
const SIMPLE = { KeySchema: schemaOf("pk:S"), AttributeDefinitions: [attribute("pk")] };
const WITH_G = { ...SIMPLE, AttributeDefinitions: [attribute("pk"), attribute("g")] };
const gsis = (...GlobalSecondaryIndexes: readonly object[]): object => ({
  ...WITH_G,
  GlobalSecondaryIndexes,
});

/** What becomes of making each table. */
const made = (
  name: string,
  tables: Readonly<Record<string, object>>,
  seen: typeof outcome,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> =>
  bare(
    name,
    (t) => {
      let number = 0;
      return each(tables, async (input) => {
        number += 1;
        return seen(
          await t.call("CreateTable", {
            TableName: `${t.table}-${number}`,
            ...SIMPLE,
            ...ON_DEMAND,
            ...input,
          }),
        );
      });
    },
    aws,
  );

/** What a description says that is the same everywhere. */
function described(answer: Answer): unknown {
  const table = (answer["Table"] ?? answer["TableDescription"]) as Readonly<Record<string, unknown>>;
  if (table === undefined) return said(answer);
  const { TableName, KeySchema, AttributeDefinitions, ItemCount, DeletionProtectionEnabled } = table;
  const throughput = table["ProvisionedThroughput"] as typeof THROUGHPUT | undefined;
  const billing = table["BillingModeSummary"] as { readonly BillingMode?: string } | undefined;
  const indexes = table["GlobalSecondaryIndexes"] as readonly Readonly<Record<string, unknown>>[] | undefined;
  return {
    TableName,
    KeySchema,
    AttributeDefinitions,
    ItemCount,
    DeletionProtectionEnabled,
    BillingMode: billing?.BillingMode ?? "PROVISIONED",
    reads: throughput?.ReadCapacityUnits,
    writes: throughput?.WriteCapacityUnits,
    indexes: indexes?.map(({ IndexName, KeySchema: keys, Projection, IndexStatus }) => ({
      IndexName,
      KeySchema: keys,
      Projection,
      IndexStatus,
    })),
  };
}

const describe = async (t: Scene): Promise<unknown> => described(await t.on("DescribeTable"));
const refusedAll = (labels: readonly string[]): object =>
  Object.fromEntries(labels.map((label) => [label, "ValidationException"]));

const badKeys = {
  "no hash key": { KeySchema: [{ AttributeName: "pk", KeyType: "RANGE" }] },
  "two hash keys": {
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "a", KeyType: "HASH" },
    ],
    AttributeDefinitions: [attribute("pk"), attribute("a")],
  },
  "one twice": { KeySchema: schemaOf("pk:S pk:S") },
  undefined: { KeySchema: schemaOf("absent:S") },
  "not used": { AttributeDefinitions: [attribute("pk"), attribute("a")] },
  "another type": { AttributeDefinitions: [attribute("pk", "SS")] },
  none: { KeySchema: [] },
  three: {
    KeySchema: [...schemaOf("pk:S a:S"), { AttributeName: "b", KeyType: "RANGE" }],
    AttributeDefinitions: [attribute("pk"), attribute("a"), attribute("b")],
  },
};

export const tables: readonly Case<DynamoDb>[] = [
  scene(
    "a table is described as it was made",
    { keys: "pk:S v:N", indexes: { gsi: { keys: "g:B v:N", projection: { ProjectionType: "KEYS_ONLY" } } } },
    describe,
  ),
  bare("a provisioned table shows its throughput", async (t) => {
    await t.on("CreateTable", { ...SIMPLE, ProvisionedThroughput: THROUGHPUT });
    await untilActive(t);
    return describe(t);
  }),
  made("keys have definitions, and definitions keys", badKeys, outcome),
  made(
    "keys of tables are refused in AWS's words",
    {
      "no hash key": badKeys["no hash key"],
      "one twice": badKeys["one twice"],
      undefined: badKeys.undefined,
    },
    said,
    {
      source: api("CreateTable"),
      is: {
        "no hash key":
          "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        "one twice":
          "ValidationException: Both the Hash Key and the Range Key element in the KeySchema have the same name",
        undefined:
          "ValidationException: One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [absent], AttributeDefinitions: [pk]",
      },
    },
  ),
  made(
    "a table's name has 3 to 255 of some characters",
    {
      short: { TableName: "ab" },
      long: { TableName: "x".repeat(256) },
      spaces: { TableName: "a b c" },
      slash: { TableName: "a/bc" },
    },
    outcome,
  ),
  made(
    "indexes are checked as tables are",
    {
      none: { GlobalSecondaryIndexes: [] },
      twice: gsis(index("gsi", "g:S"), index("gsi", "g:S")),
      "short name": gsis(index("gs", "g:S")),
      "no definition": { GlobalSecondaryIndexes: [index("gsi", "g:S")] },
      "no projection": gsis({ IndexName: "gsi", KeySchema: schemaOf("g:S") }),
      "an empty projection": gsis(index("gsi", "g:S", {})),
      "another projection": gsis(index("gsi", "g:S", { ProjectionType: "SOME" })),
      "all and more": gsis(index("gsi", "g:S", { ProjectionType: "ALL", NonKeyAttributes: ["a"] })),
      "a key twice": gsis(index("gsi", "g:S g:S")),
      "21": gsis(...Array.from({ length: 21 }, (_, i) => index(`gsi${i}`, "g:S"))),
      "20": gsis(...Array.from({ length: 20 }, (_, i) => index(`gsi${i}`, "g:S"))),
    },
    outcome,
  ),
  made(
    "a table is provisioned, with throughput, unless it is on demand",
    {
      "neither said": { BillingMode: undefined },
      "no throughput": { BillingMode: "PROVISIONED" },
      both: { ProvisionedThroughput: THROUGHPUT },
      "an index with throughput on demand": gsis({
        ...index("gsi", "g:S"),
        ProvisionedThroughput: THROUGHPUT,
      }),
      "an index without": {
        ...gsis(index("gsi", "g:S")),
        BillingMode: "PROVISIONED",
        ProvisionedThroughput: THROUGHPUT,
      },
    },
    outcome,
    {
      source: api("CreateTable"),
      is: refusedAll([
        "neither said",
        "no throughput",
        "both",
        "an index with throughput on demand",
        "an index without",
      ]) as Readonly<Record<string, unknown>>,
    },
  ),
  scene("a table's name is taken once", "pk:S", async (t) =>
    outcome(await t.on("CreateTable", { ...SIMPLE, ...ON_DEMAND })),
  ),
  bare("operations on a table that is not there find nothing", async (t) => ({
    describe: outcome(await t.on("DescribeTable")),
    delete: outcome(await t.on("DeleteTable")),
    update: outcome(await t.on("UpdateTable", ON_DEMAND)),
    ttl: outcome(await t.on("DescribeTimeToLive")),
    put: outcome(await t.put({ pk: S("a") })),
    get: outcome(await t.get({ pk: S("a") })),
    query: outcome(await t.query("pk = :a", { ":a": S("a") })),
    scan: outcome(await t.on("Scan")),
  })),
  bare(
    "operations on a table that is not there find nothing, in AWS's words",
    async (t) => [said(await t.on("DescribeTable")), said(await t.get({ pk: S("a") }))],
    {
      source: guide("Programming.Errors.html"),
      is: [
        "ResourceNotFoundException: Requested resource not found: Table: table not found",
        "ResourceNotFoundException: Requested resource not found",
      ],
    },
  ),
  scene("a deleted table is gone with its items", "pk:S", async (t) => {
    await t.putAll({ pk: S("a") });
    await t.on("DeleteTable");
    const gone = outcome(await t.get({ pk: S("a") }));
    await t.on("CreateTable", { ...SIMPLE, ...ON_DEMAND });
    await untilActive(t);
    return [gone, await t.on("Scan")];
  }),
  scene("a protected table is not deleted until the protection is off", "pk:S", async (t) => {
    await t.on("UpdateTable", { DeletionProtectionEnabled: true });
    await untilActive(t);
    const kept = said(await t.on("DeleteTable"));
    await t.on("UpdateTable", { DeletionProtectionEnabled: false });
    await untilActive(t);
    return [kept, outcome(await t.on("DeleteTable"))];
  }),
  scene("a table changes its billing mode", "pk:S", async (t) => {
    await t.on("UpdateTable", { BillingMode: "PROVISIONED", ProvisionedThroughput: THROUGHPUT });
    await untilActive(t);
    const provisioned = await describe(t);
    await t.on("UpdateTable", ON_DEMAND);
    await untilActive(t);
    return [provisioned, await describe(t)];
  }),
  scene("an index is made, filled, and deleted again", "pk:S", async (t) => {
    await t.putAll({ pk: S("a"), g: S("x") }, { pk: S("b"), g: N(1) }, { pk: S("c") });
    await t.on("UpdateTable", {
      AttributeDefinitions: [attribute("g")],
      GlobalSecondaryIndexUpdates: [{ Create: index("gsi", "g:S") }],
    });
    await untilActive(t);
    const found = await t.query("g = :x", { ":x": S("x") }, { IndexName: "gsi" });
    await t.on("UpdateTable", { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "gsi" } }] });
    await untilActive(t);
    return [
      found,
      outcome(await t.query("g = :x", { ":x": S("x") }, { IndexName: "gsi" })),
      await describe(t),
    ];
  }),
  scene("an update of a table changes something that is there", "pk:S", (t) =>
    each(
      {
        nothing: {},
        "provisioned without throughput": { BillingMode: "PROVISIONED" },
        "no kind of index update": { GlobalSecondaryIndexUpdates: [{}] },
        "an index without definitions": {
          GlobalSecondaryIndexUpdates: [{ Create: index("gsi", "g:S") }],
        },
        "an index that is not there": {
          GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "none" } }],
        },
      },
      async (input) => outcome(await t.on("UpdateTable", input)),
    ),
  ),
  bare("tables are listed in order, page by page", async (t) => {
    const prefix = `aa-${t.table}`;
    for (const letter of ["c", "a", "b"]) {
      const TableName = `${prefix}-${letter}`;
      await t.on("CreateTable", { TableName, ...SIMPLE, ...ON_DEMAND });
      await untilActive(t, TableName);
    }
    const list = (more: object) => t.call("ListTables", { ExclusiveStartTableName: `${prefix}-`, ...more });
    return [
      await list({ Limit: 3 }).then(({ TableNames }) => TableNames),
      await list({ Limit: 2 }),
      await list({ Limit: 1, ExclusiveStartTableName: `${prefix}-a` }),
      await list({ Limit: 2, ExclusiveStartTableName: `${prefix}-aa` }).then(({ TableNames }) => TableNames),
    ];
  }),
  bare("a page of tables has 1 to 100", async (t) => [
    outcome(await t.call("ListTables", { Limit: 0 })),
    outcome(await t.call("ListTables", { Limit: 101 })),
    outcome(await t.call("ListTables", { Limit: 100 })),
  ]),
  scene("time to live is turned on and off, and described", "pk:S", async (t) => {
    const set = (AttributeName: string, Enabled: boolean) =>
      t.on("UpdateTimeToLive", { TimeToLiveSpecification: { AttributeName, Enabled } });
    return [
      await t.on("DescribeTimeToLive"),
      await set("expires", true),
      await t.on("DescribeTimeToLive"),
      await set("expires", false),
      await t.on("DescribeTimeToLive"),
    ];
  }),
  scene(
    "time to live is changed only to something else, and off before another attribute",
    "pk:S",
    async (t) => {
      const set = (AttributeName: string | undefined, Enabled: boolean) =>
        t.on("UpdateTimeToLive", { TimeToLiveSpecification: { AttributeName, Enabled } });
      return {
        "off while off": said(await set("expires", false)),
        on: outcome(await set("expires", true)),
        "on again": said(await set("expires", true)),
        another: said(await set("other", true)),
        "another off": outcome(await set("other", false)),
        "no attribute": outcome(await set(undefined, true)),
        "an empty attribute": outcome(await set("", true)),
      };
    },
    {
      source: api("UpdateTimeToLive"),
      is: {
        "off while off": "ValidationException: TimeToLive is already disabled",
        on: "taken",
        "on again": "ValidationException: TimeToLive is already enabled",
        another:
          "ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is expires",
        "another off": "ValidationException",
        "no attribute": "ValidationException",
        "an empty attribute": "ValidationException",
      },
    },
  ),
  scene("an item that has expired is there until it is deleted", "pk:S", async (t) => {
    await t.on("UpdateTimeToLive", {
      TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
    });
    await t.putAll({ pk: S("a"), expires: N(4_000_000_000) }, { pk: S("b"), expires: S("never") });
    return t.on("Scan", { Select: "COUNT" });
  }),
];
