/** How DynamoDB's requests look on the wire, as far as the model reads them. */
export type Shape =
  | {
      readonly is: "string";
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: string;
      readonly among?: readonly string[];
    }
  | { readonly is: "integer"; readonly min?: number; readonly max?: number }
  | { readonly is: "boolean" }
  | { readonly is: "binary" }
  | { readonly is: "value" }
  | { readonly is: "list" | "map"; readonly of: Shape; readonly min?: number; readonly max?: number }
  | {
      readonly is: "structure";
      readonly members: Readonly<Record<string, Shape>>;
      readonly required: readonly string[];
      /** What it may have on AWS and not here, with what to use instead. */
      readonly refused: Readonly<Record<string, string>>;
    };

const text: Shape = { is: "string" };
const flag: Shape = { is: "boolean" };
const among = (...values: readonly string[]): Shape => ({ is: "string", among: values });
const integer = (min: number, max?: number): Shape => ({
  is: "integer",
  min,
  ...(max !== undefined && { max }),
});
const list = (of: Shape, min?: number, max?: number): Shape => ({
  is: "list",
  of,
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
});
const map = (of: Shape, min?: number): Shape => ({ is: "map", of, ...(min !== undefined && { min }) });

type Members = Readonly<Record<string, Shape>>;

/** A structure; a `!` behind the name of a member says that it must be there. */
function structure(members: Members, refused: Readonly<Record<string, string>> = {}): Shape {
  const names = Object.keys(members);
  return {
    is: "structure",
    members: Object.fromEntries(
      Object.entries(members).map(([name, shape]) => [name.replace("!", ""), shape]),
    ),
    required: names.filter((name) => name.endsWith("!")).map((name) => name.slice(0, -1)),
    refused,
  };
}

const name = (max: number): Shape => ({ is: "string", min: 3, max, pattern: "[a-zA-Z0-9_.-]+" });
/** Of a table, or its ARN. */
const tableName: Shape = { is: "string", min: 1, max: 1_024 };
const item = map({ is: "value" });
const capacity = { ReturnConsumedCapacity: among("INDEXES", "TOTAL", "NONE") };
const metrics = { ReturnItemCollectionMetrics: among("SIZE", "NONE") };
const names = { ExpressionAttributeNames: map(text) };
const values = { ...names, ExpressionAttributeValues: item };
const conditional = {
  ...values,
  ConditionExpression: text,
  ReturnValuesOnConditionCheckFailure: among("ALL_OLD", "NONE"),
};
const returned = {
  ReturnValues: among("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
};
const projecting = { ...names, ProjectionExpression: text };

const expected = { Expected: "ConditionExpression", ConditionalOperator: "ConditionExpression" };
const attributesToGet = { AttributesToGet: "ProjectionExpression" };

const paging = {
  ...values,
  ...projecting,
  ...capacity,
  "TableName!": tableName,
  IndexName: name(255),
  ConsistentRead: flag,
  ExclusiveStartKey: item,
  FilterExpression: text,
  Limit: integer(1),
  Select: among("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
};

const keySchema = list(structure({ "AttributeName!": text, "KeyType!": among("HASH", "RANGE") }), 1, 2);
const definitions = list(structure({ "AttributeName!": text, "AttributeType!": among("B", "N", "S") }));
const throughput = structure({ "ReadCapacityUnits!": integer(1), "WriteCapacityUnits!": integer(1) });
const index = structure({
  "IndexName!": name(255),
  "KeySchema!": keySchema,
  "Projection!": structure({
    ProjectionType: among("ALL", "INCLUDE", "KEYS_ONLY"),
    NonKeyAttributes: list(text, 1),
  }),
  ProvisionedThroughput: throughput,
});
const settings = {
  AttributeDefinitions: definitions,
  BillingMode: among("PROVISIONED", "PAY_PER_REQUEST"),
  ProvisionedThroughput: throughput,
  DeletionProtectionEnabled: flag,
  StreamSpecification: structure({ "StreamEnabled!": flag }),
};
const NOT_LOCAL = "nothing: the local DynamoDB has none";

const named = structure({ "TableName!": tableName });
const written = {
  Put: structure({ "TableName!": tableName, "Item!": item, ...conditional }),
  Delete: structure({ "TableName!": tableName, "Key!": item, ...conditional }),
  Update: structure({
    "TableName!": tableName,
    "Key!": item,
    "UpdateExpression!": text,
    ...conditional,
  }),
  ConditionCheck: structure({
    "TableName!": tableName,
    "Key!": item,
    ...conditional,
    "ConditionExpression!": text,
  }),
};

/** The requests by their operations. */
export const REQUESTS: Readonly<Record<string, Shape>> = {
  CreateTable: structure(
    {
      "TableName!": name(255),
      "KeySchema!": keySchema,
      ...settings,
      "AttributeDefinitions!": definitions,
      GlobalSecondaryIndexes: list(index),
    },
    { LocalSecondaryIndexes: "GlobalSecondaryIndexes" },
  ),
  UpdateTable: structure(
    {
      "TableName!": tableName,
      ...settings,
      GlobalSecondaryIndexUpdates: list(
        structure({
          Create: index,
          Update: structure({ "IndexName!": name(255), "ProvisionedThroughput!": throughput }),
          Delete: structure({ "IndexName!": name(255) }),
        }),
      ),
    },
    { ReplicaUpdates: NOT_LOCAL },
  ),
  DeleteTable: named,
  DescribeTable: named,
  ListTables: structure({ ExclusiveStartTableName: name(255), Limit: integer(1, 100) }),
  DescribeTimeToLive: named,
  UpdateTimeToLive: structure({
    "TableName!": tableName,
    "TimeToLiveSpecification!": structure({
      "AttributeName!": { is: "string", min: 1, max: 255 },
      "Enabled!": flag,
    }),
  }),
  PutItem: structure(
    { "TableName!": tableName, "Item!": item, ...conditional, ...returned, ...capacity, ...metrics },
    expected,
  ),
  DeleteItem: structure(
    { "TableName!": tableName, "Key!": item, ...conditional, ...returned, ...capacity, ...metrics },
    expected,
  ),
  UpdateItem: structure(
    {
      "TableName!": tableName,
      "Key!": item,
      UpdateExpression: text,
      ...conditional,
      ...returned,
      ...capacity,
      ...metrics,
    },
    { ...expected, AttributeUpdates: "UpdateExpression" },
  ),
  GetItem: structure(
    { "TableName!": tableName, "Key!": item, ConsistentRead: flag, ...projecting, ...capacity },
    attributesToGet,
  ),
  Query: structure(
    { ...paging, KeyConditionExpression: text, ScanIndexForward: flag },
    {
      ...attributesToGet,
      KeyConditions: "KeyConditionExpression",
      QueryFilter: "FilterExpression",
      ConditionalOperator: "FilterExpression",
    },
  ),
  Scan: structure(
    { ...paging, Segment: integer(0, 999_999), TotalSegments: integer(1, 1_000_000) },
    { ...attributesToGet, ScanFilter: "FilterExpression", ConditionalOperator: "FilterExpression" },
  ),
  BatchGetItem: structure({
    "RequestItems!": map(
      structure({ "Keys!": list(item, 1, 100), ConsistentRead: flag, ...projecting }, attributesToGet),
      1,
    ),
    ...capacity,
  }),
  BatchWriteItem: structure({
    "RequestItems!": map(
      list(
        structure({
          PutRequest: structure({ "Item!": item }),
          DeleteRequest: structure({ "Key!": item }),
        }),
        1,
        25,
      ),
      1,
    ),
    ...capacity,
    ...metrics,
  }),
  TransactWriteItems: structure({
    "TransactItems!": list(structure(written), 1, 100),
    ClientRequestToken: { is: "string", min: 0, max: 36 },
    ...capacity,
    ...metrics,
  }),
  TransactGetItems: structure({
    "TransactItems!": list(
      structure({ "Get!": structure({ "TableName!": tableName, "Key!": item, ...projecting }) }),
      1,
      100,
    ),
    ...capacity,
  }),
};
