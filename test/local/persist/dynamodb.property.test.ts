import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import {
  anySteps,
  type Call,
  changesOf,
  isChange,
  type Subject,
  told,
  toldWithRestarts,
} from "./restarts.ts";

/** Within it no table is swept by itself: when that happens counts from a process's start. */
const LONGEST_WAIT_MS = 60_000;
const START_SECONDS = 1_356_998_400;

const anyTable = fc.constantFrom("plain", "sorted");
const anyId = fc.constantFrom("a", "b", "ü").map((S) => ({ S }));
const anyPlace = fc.integer({ min: 0, max: 3 }).map((n) => ({ N: String(n) }));
const anyValue = fc.oneof(
  fc.string({ maxLength: 5 }).map((S) => ({ S })),
  fc.uint8Array({ maxLength: 5 }).map((B) => ({ B })),
  fc.constant({ L: [{ BOOL: true }, { NULL: true }] }),
  fc.constant({ NS: ["1", "2.5"] }),
);
/** A table and a key of it. */
const anyKey = fc
  .record({ table: anyTable, id: anyId, at: anyPlace })
  .map(({ table, id, at }) => ({ TableName: table, Key: table === "plain" ? { id } : { id, at } }));
/** The attribute of an index may be of another type, as long as there is no such index. */
const anyGroup = fc.oneof({ weight: 4, arbitrary: anyId }, { weight: 1, arbitrary: anyPlace });
const expires = fc.integer({ min: 0, max: 120 }).map((after) => ({ N: String(START_SECONDS + after) }));
const anyItem = fc.record(
  { value: anyValue, group: anyGroup, expires },
  { requiredKeys: [] },
) as fc.Arbitrary<object>;

const GROUPS = {
  IndexName: "groups",
  KeySchema: [{ AttributeName: "group", KeyType: "HASH" }],
  Projection: { ProjectionType: "ALL" },
};
const definition = (AttributeName: string, AttributeType = "S") => ({ AttributeName, AttributeType });
const hashKey = { AttributeName: "id", KeyType: "HASH" };
const PLAIN = {
  TableName: "plain",
  KeySchema: [hashKey],
  AttributeDefinitions: [definition("id"), definition("group")],
  GlobalSecondaryIndexes: [GROUPS],
  BillingMode: "PAY_PER_REQUEST",
};
const SORTED = {
  TableName: "sorted",
  KeySchema: [hashKey, { AttributeName: "at", KeyType: "RANGE" }],
  AttributeDefinitions: [definition("id"), definition("at", "N")],
  BillingMode: "PAY_PER_REQUEST",
};

const put = fc
  .record({ key: anyKey, item: anyItem, isNew: fc.boolean() })
  .map(({ key: { TableName, Key }, item, isNew }) => ({
    TableName,
    Item: { ...item, ...Key },
    ...(isNew && { ConditionExpression: "attribute_not_exists(id)" }),
  }));
const update = fc.record({ key: anyKey, value: anyValue }).map(({ key, value }) => ({
  ...key,
  UpdateExpression: "SET #v = :v ADD #n :one",
  ExpressionAttributeNames: { "#v": "value", "#n": "count" },
  ExpressionAttributeValues: { ":v": value, ":one": { N: "1" } },
}));

const CALLS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  createTable: fc.constantFrom(PLAIN, SORTED),
  deleteTable: fc.record({ TableName: anyTable }),
  updateTable: fc.constantFrom(
    { TableName: "plain", GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "groups" } }] },
    {
      TableName: "plain",
      AttributeDefinitions: [definition("id"), definition("group")],
      GlobalSecondaryIndexUpdates: [{ Create: GROUPS }],
    },
    { TableName: "sorted", DeletionProtectionEnabled: true },
    { TableName: "sorted", DeletionProtectionEnabled: false },
  ),
  updateTimeToLive: fc.record({
    TableName: anyTable,
    TimeToLiveSpecification: fc.record({ AttributeName: fc.constant("expires"), Enabled: fc.boolean() }),
  }),
  putItem: put,
  deleteItem: anyKey,
  updateItem: update,
  batchWriteItem: fc.array(put, { minLength: 1, maxLength: 4 }).map((puts) => ({
    RequestItems: Object.groupBy(
      puts.map(({ TableName, Item }) => ({ TableName, PutRequest: { Item } })),
      ({ TableName }) => TableName,
    ),
  })),
  transactWriteItems: fc
    .record({ put, update, token: fc.constantFrom(undefined, "one", "two") })
    .map(({ put: Put, update: Update, token }) => ({
      TransactItems: [{ Put }, { Update }],
      ClientRequestToken: token,
    })),
  deleteExpired: fc.constant(undefined),
  getItem: anyKey,
  describeTable: fc.record({ TableName: anyTable }),
};

const anyCall = fc.oneof(
  ...Object.entries(CALLS).map(([call, input]) => ({
    weight: call.includes("Table") || call.includes("Time") ? 1 : 3,
    arbitrary: input.map((value): Call => ({ call, input: value })),
  })),
);

const subject: Subject<DynamoDbModel> = {
  service: "dynamodb",
  make: (options) => new DynamoDbModel(options),
  observe: (dynamodb) =>
    dynamodb.listTables().TableNames.map((TableName) => ({
      table: dynamodb.describeTable({ TableName }),
      timeToLive: dynamodb.describeTimeToLive({ TableName }),
      items: dynamodb.scan({ TableName }),
      groups: (dynamodb.describeTable({ TableName }).Table.GlobalSecondaryIndexes ?? []).map(
        ({ IndexName }) => dynamodb.scan({ TableName, IndexName }),
      ),
    })),
};

test.prop([anySteps(anyCall, LONGEST_WAIT_MS)], { numRuns: 100 })(
  "tables answer and hold the same, however often and however their process ends",
  async (steps) => {
    const all = [...[PLAIN, SORTED].map((input) => ({ call: "createTable", input })), ...steps];
    expect(await toldWithRestarts(subject, all)).toEqual(told(subject, all));
  },
  120_000,
);

test("every operation that changes a table is tried", () => {
  const model = subject.make({ clock: { now: () => 0 as never } });
  expect(changesOf(model, ["hashKeyOf"])).toEqual(Object.keys(CALLS).filter(isChange).sort());
});
