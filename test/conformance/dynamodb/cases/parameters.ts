import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { api, CONSTRAINTS, guide } from "../pages.ts";
import { bare, coded, each, N, outcome, S, said, scene } from "../scene.ts";

const K = { pk: S("k") };
const CHECKED = { ConditionExpression: "attribute_not_exists(a)" };

/** What becomes of a put with each of the parameters. */
const put = (
  name: string,
  parameters: Readonly<Record<string, object>>,
  seen: typeof outcome,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> =>
  scene(name, "pk:S", (t) => each(parameters, async (more) => seen(await t.put(K, more))), aws);

export const parameters: readonly Case<DynamoDb>[] = [
  put(
    "placeholders are for expressions",
    {
      "names without one": { ExpressionAttributeNames: { "#a": "a" } },
      "values without one": { ExpressionAttributeValues: { ":a": S("a") } },
      "no names": { ...CHECKED, ExpressionAttributeNames: {} },
      "no values": { ...CHECKED, ExpressionAttributeValues: {} },
      "a name without #": { ...CHECKED, ExpressionAttributeNames: { a: "b" } },
      "a value without :": { ...CHECKED, ExpressionAttributeValues: { a: S("b") } },
      "an unused name": { ...CHECKED, ExpressionAttributeNames: { "#a": "b" } },
      "an unused value": { ...CHECKED, ExpressionAttributeValues: { ":a": S("b") } },
    },
    said,
  ),
  put(
    "a placeholder's value is one of ten types",
    {
      "of none": { ConditionExpression: "a = :a", ExpressionAttributeValues: { ":a": {} } },
      "of two": {
        ConditionExpression: "a = :a",
        ExpressionAttributeValues: { ":a": { ...S("a"), ...N(1) } },
      },
    },
    said,
    {
      source: api("AttributeValue"),
      is: {
        "of none":
          "ValidationException: ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :a",
        "of two":
          "ValidationException: ExpressionAttributeValues contains invalid value: Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes for key :a",
      },
    },
  ),
  put(
    "placeholders stand for something",
    {
      name: { ConditionExpression: "#a = b" },
      value: { ConditionExpression: "a = :a" },
    },
    said,
    {
      source: guide("Expressions.ExpressionAttributeNames.html"),
      is: {
        name: "ValidationException: Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #a",
        value:
          "ValidationException: Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :a",
      },
    },
  ),
  scene("placeholders without expressions are refused in reads and updates too", "pk:S", async (t) => ({
    get: said(await t.get(K, { ExpressionAttributeNames: { "#a": "a" } })),
    scan: said(await t.on("Scan", { ExpressionAttributeValues: { ":a": S("a") } })),
    update: outcome(await t.on("UpdateItem", { Key: K, ExpressionAttributeValues: { ":a": S("a") } })),
  })),
  put(
    "an expression has up to 4 KB",
    {
      "4 KB": { ConditionExpression: `attribute_not_exists(${"a".repeat(4_096 - 22)})` },
      more: { ConditionExpression: `attribute_not_exists(${"a".repeat(4_097 - 22)})` },
    },
    said,
  ),
  put(
    "an expression has up to 300 operators, an IN 100 operands",
    {
      "301 operators": {
        ConditionExpression: Array.from({ length: 301 }, () => "a=b").join(" OR "),
      },
      "101 operands": {
        ConditionExpression: `a IN (${Array.from({ length: 101 }, (_, i) => `:v${i}`).join()})`,
        ExpressionAttributeValues: Object.fromEntries(
          Array.from({ length: 101 }, (_, i) => [`:v${i}`, N(i)]),
        ),
      },
      "100 operands": {
        ConditionExpression: `NOT a IN (${Array.from({ length: 100 }, (_, i) => `:v${i}`).join()})`,
        ExpressionAttributeValues: Object.fromEntries(
          Array.from({ length: 100 }, (_, i) => [`:v${i}`, N(i)]),
        ),
      },
    },
    said,
    {
      source: CONSTRAINTS,
      is: {
        "301 operators":
          "ValidationException: Invalid ConditionExpression: The expression contains too many operators; operator count: 301",
        "101 operands":
          "ValidationException: Invalid ConditionExpression: The IN operator is provided with too many operands; number of operands: 101",
        "100 operands": "taken",
      },
    },
  ),
  put(
    "parameters have values of their own",
    {
      ReturnValues: { ReturnValues: "SOME" },
      "ReturnValues of an update": { ReturnValues: "ALL_NEW" },
      ReturnConsumedCapacity: { ReturnConsumedCapacity: "SOME" },
      ReturnItemCollectionMetrics: { ReturnItemCollectionMetrics: "SOME" },
    },
    outcome,
    {
      source: api("PutItem"),
      is: {
        ReturnValues: "ValidationException",
        "ReturnValues of an update": "ValidationException",
        ReturnConsumedCapacity: "ValidationException",
        ReturnItemCollectionMetrics: "ValidationException",
      },
    },
  ),
  scene(
    "parameters are refused together, in AWS's words",
    "pk:S",
    async (t) => ({
      both: said(await t.put(K, { ReturnValues: "X", ReturnConsumedCapacity: "Y" })).includes(
        "2 validation errors detected: ",
      ),
      update: said(await t.put(K, { ReturnValues: "ALL_NEW" })),
      "no table": said(await t.on("PutItem", { TableName: undefined, Item: K })),
      "no key": said(await t.on("GetItem")),
    }),
    {
      source: api("PutItem"),
      is: {
        both: true,
        update: "ValidationException: ReturnValues can only be ALL_OLD or NONE",
        "no table":
          "ValidationException: 1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
        "no key":
          "ValidationException: 1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null",
      },
    },
  ),
  scene("parameters from before there were expressions do not go with them", "pk:S", async (t) => ({
    Expected: outcome(await t.put(K, { ...CHECKED, Expected: { a: { Exists: false } } })),
    AttributeUpdates: outcome(
      await t.update(K, "REMOVE a", { AttributeUpdates: { a: { Action: "DELETE" } } }),
    ),
    AttributesToGet: outcome(await t.get(K, { ProjectionExpression: "a", AttributesToGet: ["a"] })),
    QueryFilter: outcome(
      await t.query("pk = :k", { ":k": S("k") }, { QueryFilter: { a: { ComparisonOperator: "NULL" } } }),
    ),
    ScanFilter: outcome(
      await t.on("Scan", {
        FilterExpression: "attribute_exists(a)",
        ScanFilter: { a: { ComparisonOperator: "NULL" } },
      }),
    ),
  })),
  scene(
    "paths do not lead into keys",
    "pk:S",
    async (t) => ({
      condition: said(await t.put(K, { ConditionExpression: "attribute_not_exists(pk.a)" })),
      projection: said(await t.get(K, { ProjectionExpression: "pk[0]" })),
      filter: said(await t.on("Scan", { FilterExpression: "attribute_exists(pk.a)" })),
    }),
    {
      source: guide("Expressions.Attributes.html"),
      is: Object.fromEntries(
        ["condition", "projection", "filter"].map((label) => [
          label,
          "ValidationException: Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
        ]),
      ),
    },
  ),
  bare("an operation that is not there is unknown", async (t) => coded(await t.call("DoWhatever", {})), {
    source: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html",
    is: { refused: "UnknownOperationException", status: 400 },
  }),
];
