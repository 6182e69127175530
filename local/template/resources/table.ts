import type {
  AttributeDefinition,
  CreateTableInput,
  SecondaryIndex,
  TimeToLive,
} from "../../models/dynamodb/dynamodb-api.ts";
import { Properties } from "../properties.ts";
import {
  type Apply,
  inPlace,
  type Request,
  type ResourceKind,
  replacement,
  withoutEffect,
} from "../resource-kind.ts";
import { sameValue } from "../same-value.ts";
import { putTablePolicy } from "./table-policy.ts";

function refuseLocalIndexes({ properties }: Request): void {
  if (properties.list("LocalSecondaryIndexes").length > 0)
    properties.unsupported("LocalSecondaryIndexes", "is not modelled locally");
}

function create(request: Request): ReturnType<ResourceKind["create"]> {
  const { properties, name, services } = request;
  refuseLocalIndexes(request);
  const TableName = properties.optionalText("TableName") ?? name;
  const indexes = indexesOf(properties);
  const { TableDescription } = services.dynamodb.createTable({
    TableName,
    KeySchema: keySchema(properties),
    AttributeDefinitions: definitionsOf(properties),
    BillingMode: billingModeOf(properties),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    DeletionProtectionEnabled: isProtected(request),
    TimeToLiveSpecification: timeToLiveOf(properties),
  });
  const table = { ref: TableName, attributes: { Arn: TableDescription.TableArn } };
  putTablePolicy(request, table);
  return table;
}

/**
 * Makes or deletes the one index in which the table differs from the template. CloudFormation takes no more in one
 * update, and DynamoDB changes no key and no projection of an index
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html).
 */
const reindex: Apply = ({ properties, services: { dynamodb } }, { ref: TableName }) => {
  const { GlobalSecondaryIndexes: made = [] } = dynamodb.describeTable({ TableName }).Table;
  const wanted = indexesOf(properties);
  const isMissing = (from: readonly SecondaryIndex[]) => (index: SecondaryIndex) =>
    from.every(({ IndexName }) => IndexName !== index.IndexName);
  const [added, deleted] = [wanted.filter(isMissing(made)), made.filter(isMissing(wanted))];
  const changed = wanted.find((index) => {
    const old = made.find(({ IndexName }) => IndexName === index.IndexName);
    return (
      old !== undefined &&
      !(sameValue(old.KeySchema, index.KeySchema) && sameValue(old.Projection, index.Projection))
    );
  });
  if (changed !== undefined)
    properties.unsupported(
      "GlobalSecondaryIndexes",
      `change key or projection of "${changed.IndexName}": give it another name`,
    );
  if (added.length + deleted.length > 1)
    properties.unsupported(
      "GlobalSecondaryIndexes",
      "ask for more than one index creation or deletion in a single update",
    );
  dynamodb.updateTable({
    TableName,
    AttributeDefinitions: definitionsOf(properties),
    GlobalSecondaryIndexUpdates: [
      ...added.map((index) => ({ Create: index })),
      ...deleted.map(({ IndexName }) => ({ Delete: { IndexName } })),
    ],
  });
};

const expire: Apply = ({ properties, services: { dynamodb } }, { ref: TableName }) => {
  const { AttributeName: active } = dynamodb.describeTimeToLive({ TableName }).TimeToLiveDescription;
  const wanted = timeToLiveOf(properties);
  const change = wanted?.Enabled ? wanted : active && { AttributeName: active, Enabled: false };
  // DynamoDB takes no update that changes nothing
  if (change && (change.AttributeName !== active || !change.Enabled))
    dynamodb.updateTimeToLive({ TableName, TimeToLiveSpecification: change });
};

const configure: Apply = (request, { ref: TableName }) =>
  request.services.dynamodb.updateTable({
    TableName,
    BillingMode: billingModeOf(request.properties),
    DeletionProtectionEnabled: isProtected(request),
  });

/** Whether an attribute that was defined before has another type now: no key can be given another type. */
function redefines(before: unknown, after: unknown): boolean {
  const typesOf = (definitions: unknown) =>
    new Properties({ definitions: definitions ?? [] }, "AttributeDefinitions")
      .objects("definitions")
      .map((attribute) => [attribute.text("AttributeName"), attribute.text("AttributeType")] as const);
  const types = new Map(typesOf(before));
  return typesOf(after).some(([name, type]) => (types.get(name) ?? type) !== type);
}

const shared = {
  identity: ["TableName"],
  create,
  remove: ({ name, services }, { ref }) => {
    services.dynamodb.deleteTable({ TableName: ref });
    services.iam.policies.removeOfResources(name);
  },
} satisfies Partial<ResourceKind>;

const changes = {
  ...replacement("KeySchema", "TableName"),
  AttributeDefinitions: { replacedWhen: redefines, apply: reindex },
  ...inPlace(reindex, "GlobalSecondaryIndexes"),
  ...inPlace(configure, "BillingMode"),
  ...inPlace(expire, "TimeToLiveSpecification"),
  ...withoutEffect("SSESpecification", "StreamSpecification", "VectorIndexes", "WarmThroughput"),
};

/** AWS::DynamoDB::Table */
export const table: ResourceKind = {
  ...shared,
  properties: {
    ...replacement("ImportSourceSpecification"),
    ...changes,
    ...inPlace(configure, "DeletionProtectionEnabled"),
    ...inPlace(refuseLocalIndexes, "LocalSecondaryIndexes"),
    ...inPlace(putTablePolicy, "ResourcePolicy"),
    ...withoutEffect(
      "ContributorInsightsSpecification",
      "KinesisStreamSpecification",
      "OnDemandThroughput",
      "PointInTimeRecoverySpecification",
      "ProvisionedThroughput",
      "TableClass",
      "Tags",
    ),
  },
};

/** AWS::DynamoDB::GlobalTable, which has one replica here. */
export const globalTable: ResourceKind = {
  ...shared,
  properties: {
    ...replacement("LocalSecondaryIndexes"),
    ...changes,
    // whether it is protected is a property of a replica, and so is its policy
    Replicas: (request, table) => {
      configure(request, table);
      putTablePolicy(request, table);
    },
    ...withoutEffect(
      "GlobalTableSourceArn",
      "GlobalTableWitnesses",
      "MultiRegionConsistency",
      "ReadOnDemandThroughputSettings",
      "ReadProvisionedThroughputSettings",
      "TableType",
      "WriteOnDemandThroughputSettings",
      "WriteProvisionedThroughputSettings",
    ),
  },
};

const keySchema = (properties: Properties): CreateTableInput["KeySchema"] =>
  properties.objects("KeySchema").map((key) => ({
    AttributeName: key.text("AttributeName"),
    KeyType: oneOf(key, "KeyType", ["HASH", "RANGE"]),
  }));

const definitionsOf = (properties: Properties): readonly AttributeDefinition[] =>
  properties.objects("AttributeDefinitions").map((attribute) => ({
    AttributeName: attribute.text("AttributeName"),
    AttributeType: oneOf(attribute, "AttributeType", ["S", "N", "B"]),
  }));

const indexesOf = (properties: Properties): readonly SecondaryIndex[] =>
  properties.objects("GlobalSecondaryIndexes").map((index) => ({
    IndexName: index.text("IndexName"),
    KeySchema: keySchema(index),
    Projection: projection(index.object("Projection")),
  }));

const projection = (properties: Properties): SecondaryIndex["Projection"] => ({
  ProjectionType: oneOf(properties, "ProjectionType", ["ALL", "KEYS_ONLY", "INCLUDE"] as const),
  ...(properties.has("NonKeyAttributes") && {
    NonKeyAttributes: properties.list("NonKeyAttributes").map(String),
  }),
});

function timeToLiveOf(properties: Properties): TimeToLive | undefined {
  const specification = properties.object("TimeToLiveSpecification");
  if (!specification.has("AttributeName")) return undefined;
  return {
    AttributeName: specification.text("AttributeName"),
    Enabled: specification.flag("Enabled", true),
  };
}

const billingModeOf = (properties: Properties): string =>
  properties.optionalText("BillingMode") ?? "PROVISIONED";

const isProtected = ({ properties, type }: Request): boolean =>
  type === "AWS::DynamoDB::GlobalTable"
    ? properties.objects("Replicas").some((replica) => replica.flag("DeletionProtectionEnabled"))
    : properties.flag("DeletionProtectionEnabled");

function oneOf<T extends string>(properties: Properties, name: string, values: readonly T[]): T {
  const text = properties.text(name);
  return (
    values.find((value) => value === text) ??
    properties.unsupported(name, `must be one of ${values.join(", ")}`)
  );
}
