import type { CreateTableInput } from "../../models/dynamodb/dynamodb-api.ts";
import type { Properties } from "../properties.ts";
import type { ResourceKind } from "../resource-kind.ts";

/** AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable, which has one replica here. */
export const table: ResourceKind = ({ properties, name, services: { dynamodb } }) => {
  if (properties.has("LocalSecondaryIndexes"))
    properties.unsupported("LocalSecondaryIndexes", "is not modelled locally");
  const TableName = properties.optionalText("TableName") ?? name;
  const indexes = properties.objects("GlobalSecondaryIndexes");
  const timeToLive = properties.object("TimeToLiveSpecification");
  const { TableDescription } = dynamodb.createTable({
    TableName,
    KeySchema: keySchema(properties),
    AttributeDefinitions: properties.objects("AttributeDefinitions").map((attribute) => ({
      AttributeName: attribute.text("AttributeName"),
      AttributeType: oneOf(attribute, "AttributeType", ["S", "N", "B"]),
    })),
    BillingMode: properties.optionalText("BillingMode"),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.text("IndexName"),
        KeySchema: keySchema(index),
        Projection: projection(index.object("Projection")),
      })),
    }),
    ...(timeToLive.has("AttributeName") && {
      TimeToLiveSpecification: {
        AttributeName: timeToLive.text("AttributeName"),
        Enabled: timeToLive.flag("Enabled", true),
      },
    }),
  });
  return { ref: TableName, attributes: { Arn: TableDescription.TableArn } };
};

const keySchema = (properties: Properties): CreateTableInput["KeySchema"] =>
  properties.objects("KeySchema").map((key) => ({
    AttributeName: key.text("AttributeName"),
    KeyType: oneOf(key, "KeyType", ["HASH", "RANGE"]),
  }));

const projection = (properties: Properties) => ({
  ProjectionType: oneOf(properties, "ProjectionType", ["ALL", "KEYS_ONLY", "INCLUDE"]),
  ...(properties.has("NonKeyAttributes") && {
    NonKeyAttributes: properties.list("NonKeyAttributes").map(String),
  }),
});

function oneOf<T extends string>(properties: Properties, name: string, values: readonly T[]): T {
  const text = properties.text(name);
  return (
    values.find((value) => value === text) ??
    properties.unsupported(name, `must be one of ${values.join(", ")}`)
  );
}
