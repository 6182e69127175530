import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { TableSpec } from "../../shared/operators/lookup/spec.ts";
import { tablesOf } from "../../shared/operators/stage.ts";
import { fieldType } from "../../shared/plan/fields.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import type { LookupSource } from "../constructs/lookups.ts";

/** Tables and files that pipelines look up, empty, for a project whose module says nothing of where they are. */
export function lookupSources(scope: Stack, { stages }: Planned): Record<string, LookupSource> {
  const tables = new Map([...stages.values()].flatMap(tablesOf).map((table) => [table.name, table]));
  let bucket: s3.Bucket | undefined;
  const source = (table: TableSpec): LookupSource => {
    if (table.store === "dynamodb") return { table: madeTable(scope, table) };
    bucket ??= new s3.Bucket(scope, "LookupFiles", { removalPolicy: RemovalPolicy.DESTROY });
    return { bucket, key: `${table.name}.${table.format?.kind ?? "jsonl"}` };
  };
  return Object.fromEntries([...tables].map(([name, table]) => [name, source(table)]));
}

const madeTable = (scope: Stack, table: TableSpec): dynamodb.Table =>
  new dynamodb.Table(scope, `Lookup-${table.name}`, {
    // of two letters or one there is no table
    tableName: `lookup-${table.name}`,
    partitionKey: { name: table.key, type: keyType(table) },
    ...(table.version !== undefined && {
      sortKey: { name: table.version, type: dynamodb.AttributeType.NUMBER },
    }),
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    removalPolicy: RemovalPolicy.DESTROY,
  });

function keyType(table: TableSpec): dynamodb.AttributeType {
  const type = fieldType(table, table.key);
  return type === "number" || type === "integer"
    ? dynamodb.AttributeType.NUMBER
    : dynamodb.AttributeType.STRING;
}
