import { fileURLToPath } from "node:url";
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { Stack } from "../../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import type { Services } from "../../../local/template/resource-kind.ts";
import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import type { Resources } from "./formation.ts";
import { services } from "./services.ts";

/** What a template of the family has: each part may be missing, and may be one of a few. */
type Parts = {
  readonly stream:
    | { readonly shards: 1 | 2 | 4 | 8; readonly hours: 24 | 48; readonly name?: "stream-one" | "stream-two" }
    | undefined;
  readonly table:
    | {
        readonly key: "id" | "pk";
        readonly expires: boolean;
        readonly indexes: readonly ("x" | "y")[];
        readonly name?: "named-table";
      }
    | undefined;
  readonly queue: { readonly visibility: 30 | 60; readonly redrives: boolean } | undefined;
  readonly dead: { readonly name?: "named-dead" } | undefined;
  readonly bucket: { readonly name?: "bucket-one" | "bucket-two"; readonly expires: boolean } | undefined;
  readonly fn:
    | { readonly memory: 128 | 256; readonly code: "aaaa" | "bbbb"; readonly name?: "named-fn" }
    | undefined;
  readonly mapping: { readonly size: 10 | 20; readonly position: "LATEST" | "TRIM_HORIZON" } | undefined;
  readonly rule: { readonly every: 1 | 2 } | undefined;
  readonly path: "a" | "b" | undefined;
};

const optional = <T>(
  parts: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
  may: readonly (keyof T)[] = [],
) =>
  fc.option(
    fc.record(parts as { [K in keyof T]: fc.Arbitrary<T[K]> }, {
      requiredKeys: (Object.keys(parts) as (keyof T)[]).filter((key) => !may.includes(key)),
    }),
    { nil: undefined, freq: 5 },
  );

const anyParts = fc.record({
  stream: optional(
    {
      shards: fc.constantFrom(1, 2, 4, 8),
      hours: fc.constantFrom(24, 48),
      name: fc.constantFrom("stream-one", "stream-two"),
    },
    ["name"],
  ),
  table: optional(
    {
      key: fc.constantFrom("id", "pk"),
      expires: fc.boolean(),
      indexes: fc.subarray(["x", "y"] as const),
      name: fc.constant("named-table"),
    },
    ["name"],
  ),
  queue: optional({ visibility: fc.constantFrom(30, 60), redrives: fc.boolean() }),
  dead: optional({ name: fc.constant("named-dead") }, ["name"]),
  bucket: optional({ name: fc.constantFrom("bucket-one", "bucket-two"), expires: fc.boolean() }, ["name"]),
  fn: optional(
    {
      memory: fc.constantFrom(128, 256),
      code: fc.constantFrom("aaaa", "bbbb"),
      name: fc.constant("named-fn"),
    },
    ["name"],
  ),
  mapping: optional({ size: fc.constantFrom(10, 20), position: fc.constantFrom("LATEST", "TRIM_HORIZON") }),
  rule: optional({ every: fc.constantFrom(1, 2) }),
  path: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
}) as fc.Arbitrary<Parts>;

const statement = (what: object) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...what }] });
const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

function resourcesOf({ stream, table, queue, dead, bucket, fn, mapping, rule, path }: Parts): Resources {
  const keys = table && [table.key, ...table.indexes];
  return {
    ...(stream && {
      Stream: {
        Type: "AWS::Kinesis::Stream",
        Properties: {
          ShardCount: stream.shards,
          RetentionPeriodHours: stream.hours,
          ...named("Name", stream.name),
        },
      },
    }),
    ...(table && {
      Table: {
        Type: "AWS::DynamoDB::Table",
        Properties: {
          KeySchema: [{ AttributeName: table.key, KeyType: "HASH" }],
          AttributeDefinitions: keys?.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
          ...(table.indexes.length > 0 && {
            GlobalSecondaryIndexes: table.indexes.map((name) => ({
              IndexName: `by-${name}`,
              KeySchema: [{ AttributeName: name, KeyType: "HASH" }],
              Projection: { ProjectionType: "ALL" },
            })),
          }),
          ...(table.expires && { TimeToLiveSpecification: { AttributeName: "until", Enabled: true } }),
          ...named("TableName", table.name),
        },
      },
    }),
    ...(queue && {
      Queue: {
        Type: "AWS::SQS::Queue",
        Properties: {
          VisibilityTimeout: queue.visibility,
          ...(queue.redrives &&
            dead && { RedrivePolicy: { deadLetterTargetArn: arnOf("Dead"), maxReceiveCount: 3 } }),
        },
      },
    }),
    ...(dead && { Dead: { Type: "AWS::SQS::Queue", Properties: named("QueueName", dead.name) } }),
    ...(bucket && {
      Bucket: {
        Type: "AWS::S3::Bucket",
        Properties: {
          ...named("BucketName", bucket.name),
          ...(bucket.expires && {
            LifecycleConfiguration: { Rules: [{ Status: "Enabled", ExpirationInDays: 3, Prefix: "" }] },
          }),
        },
      },
    }),
    ...(fn && {
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: statement({
            Principal: { Service: "lambda.amazonaws.com" },
            Action: "sts:AssumeRole",
          }),
          Policies: [
            { PolicyName: "reads", PolicyDocument: statement({ Action: "kinesis:*", Resource: "*" }) },
          ],
        },
      },
      Fn: {
        Type: "AWS::Lambda::Function",
        Properties: {
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Code: { S3Key: `${fn.code}.zip` },
          Role: arnOf("Role"),
          MemorySize: fn.memory,
          ...named("FunctionName", fn.name),
        },
      },
    }),
    // disabled: nothing is to start a process here
    ...(mapping &&
      stream &&
      fn && {
        Mapping: {
          Type: "AWS::Lambda::EventSourceMapping",
          Properties: {
            FunctionName: { Ref: "Fn" },
            EventSourceArn: arnOf("Stream"),
            BatchSize: mapping.size,
            StartingPosition: mapping.position,
            Enabled: false,
          },
        },
      }),
    ...(rule &&
      fn && {
        Rule: {
          Type: "AWS::Events::Rule",
          Properties: {
            ScheduleExpression: `rate(${rule.every} days)`.replace("1 days", "1 day"),
            Targets: [{ Id: "0", Arn: arnOf("Fn") }],
          },
        },
      }),
    ...(path && {
      Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "api" } },
      Path: {
        Type: "AWS::ApiGateway::Resource",
        Properties: {
          RestApiId: { Ref: "Api" },
          ParentId: { "Fn::GetAtt": ["Api", "RootResourceId"] },
          PathPart: path,
        },
      },
      Get: {
        Type: "AWS::ApiGateway::Method",
        Properties: {
          RestApiId: { Ref: "Api" },
          ResourceId: { Ref: "Path" },
          HttpMethod: "GET",
          Integration: { Type: "MOCK", IntegrationResponses: [{ StatusCode: path === "a" ? 201 : 202 }] },
        },
      },
    }),
  };
}

const named = (property: string, name: string | undefined) =>
  name === undefined ? {} : { [property]: name };

const assets = new Map(
  ["aaaa", "bbbb"].map((key) => [`${key}.zip`, fileURLToPath(new URL("./app/asset.stage", import.meta.url))]),
);
const stackOf = (parts: Parts): Stack => ({
  name: "App",
  template: { Resources: resourcesOf(parts) },
  assetFolders: assets,
});

/** All that is in the services, under logical ids instead of physical ones. */
function inventory(formation: CloudFormation, into: Services): unknown {
  const { kinesis, dynamodb, sqs, s3, lambda, gateway, sources } = into;
  const { StreamNames } = kinesis.listStreams();
  const all = {
    streams: StreamNames.map((StreamName) => {
      const { OpenShardCount, RetentionPeriodHours } = kinesis.describeStreamSummary({
        StreamName,
      }).StreamDescriptionSummary;
      return { StreamName, OpenShardCount, RetentionPeriodHours };
    }),
    tables: dynamodb.listTables().TableNames.map((TableName) => {
      const {
        KeySchema,
        AttributeDefinitions,
        GlobalSecondaryIndexes = [],
      } = dynamodb.describeTable({ TableName }).Table;
      const attributes = AttributeDefinitions.map(({ AttributeName }) => AttributeName).sort();
      return {
        TableName,
        KeySchema,
        attributes,
        indexes: GlobalSecondaryIndexes.map(({ IndexName }) => IndexName).sort(),
      };
    }),
    queues: sqs.listQueues().QueueUrls.map((QueueUrl) => {
      const { VisibilityTimeout, RedrivePolicy } = sqs.getQueueAttributes({ QueueUrl }).Attributes;
      return { QueueUrl, VisibilityTimeout, RedrivePolicy };
    }),
    buckets: s3.listBuckets().Buckets.map(({ Name }) => Name),
    functions: lambda.functionNames().map((name) => lambda.configOf(name)),
    sources: sources.map(({ id, name, functionName }) => ({ id, name, functionName })),
    routes: gateway.apis().map(({ options, routes }) => ({
      id: options.id,
      answers: ["a", "b"].map((path) => routes.match(`/${path}`, "GET")?.value.integration),
    })),
  };
  let text = JSON.stringify(all);
  const names = formation.resources.map(
    ({ ref, logicalId }) => [ref.split("/").at(-1) ?? ref, logicalId] as const,
  );
  // longer names first: one may begin with another
  for (const [name, logicalId] of names.sort(([a], [b]) => b.length - a.length))
    text = text.replaceAll(name, `<${logicalId}>`);
  const sorted = JSON.parse(text) as Record<string, unknown[]>;
  return Object.fromEntries(
    Object.entries(sorted).map(([name, list]) => [name, list.map((one) => JSON.stringify(one)).sort()]),
  );
}

/** Puts something into all that can hold something; the bucket only where it will not be deleted, for it could not be. */
function fill(
  formation: CloudFormation,
  { kinesis, dynamodb, sqs, s3 }: Services,
  key: string,
  withBucket: boolean,
): void {
  const ref = new Map(formation.resources.map(({ logicalId, ref }) => [logicalId, ref]));
  const [stream, table, queue, bucket] = ["Stream", "Table", "Queue", "Bucket"].map((id) => ref.get(id));
  if (stream !== undefined)
    kinesis.putRecord({ StreamName: stream, PartitionKey: "k", Data: new Uint8Array([1]) });
  if (table !== undefined)
    dynamodb.putItem({ TableName: table, Item: { [key]: { S: "k" }, x: { S: "x" }, y: { S: "y" } } });
  if (queue !== undefined) sqs.sendMessage({ QueueUrl: queue, MessageBody: "k" });
  if (bucket !== undefined && withBucket) s3.putObject({ Bucket: bucket, Key: "k", Body: new Uint8Array() });
}

/** How much each resource holds, by logical id. */
function contents(
  formation: CloudFormation,
  { kinesis, dynamodb, sqs, s3 }: Services,
): Record<string, number> {
  const countOf: Record<string, (ref: string) => number> = {
    Stream: (StreamName) =>
      kinesis
        .listShards({ StreamName })
        .Shards.reduce(
          (count, { ShardId }) =>
            count + kinesis.read(StreamName, ShardId, undefined, 10, 1_000).records.length,
          0,
        ),
    Table: (TableName) => dynamodb.scan({ TableName }).Count,
    Queue: (QueueUrl) =>
      Number(sqs.getQueueAttributes({ QueueUrl }).Attributes["ApproximateNumberOfMessages"]),
    Bucket: (Bucket) => s3.listObjectsV2({ Bucket }).KeyCount,
  };
  return Object.fromEntries(
    formation.resources.flatMap(({ logicalId, ref }) => {
      const count = countOf[logicalId]?.(ref);
      return count === undefined ? [] : [[logicalId, count]];
    }),
  );
}

async function closeAll({ sources, lambda }: Services): Promise<void> {
  for (const source of sources) await source.close();
  await lambda.close();
}

test.prop([anyParts, anyParts], { numRuns: 300 })(
  "an update leads to what a fresh deployment leads to and keeps what was not replaced; one that fails changes nothing",
  async (before, after) => {
    const [into, fresh] = [services(), services()];
    const [updated, deployed] = [new CloudFormation(into), new CloudFormation(fresh)];
    await updated.update([stackOf(before)]);
    await deployed.update([stackOf(after)]);
    const sameBucket =
      before.bucket !== undefined && after.bucket !== undefined && before.bucket.name === after.bucket.name;
    fill(updated, into, before.table?.key ?? "", sameBucket);
    const [was, held] = [inventory(updated, into), contents(updated, into)];
    try {
      const done = await updated.update([stackOf(after)]);
      expect(isRefused(before, after)).toBe(false);
      expect(inventory(updated, into)).toEqual(inventory(deployed, fresh));
      const holds = contents(updated, into);
      const stayed = [...done.unchanged, ...done.updated].filter((id) => id in held);
      expect(stayed.map((id) => [id, holds[id]])).toEqual(stayed.map((id) => [id, held[id]]));
      expect(mustStay(before, after).filter((id) => !stayed.includes(id))).toEqual([]);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      expect(error.code).toBe("LOCAL_UPDATE_ROLLED_BACK");
      expect(isRefused(before, after), error.message).toBe(true);
      expect([inventory(updated, into), contents(updated, into)]).toEqual([was, held]);
    } finally {
      await closeAll(into);
      await closeAll(fresh);
    }
  },
);

/** Resources with data that no change of the family replaces but that of a name or a key. */
const mustStay = (before: Parts, after: Parts): readonly string[] => [
  ...(before.stream && after.stream && before.stream.name === after.stream.name ? ["Stream"] : []),
  ...(before.table &&
  after.table &&
  before.table.name === after.table.name &&
  before.table.key === after.table.key
    ? ["Table"]
    : []),
  ...(before.queue && after.queue ? ["Queue"] : []),
  ...(before.bucket && after.bucket && before.bucket.name === after.bucket.name ? ["Bucket"] : []),
];

/** The changes of the family that AWS refuses. */
function isRefused(before: Parts, after: Parts): boolean {
  const [streams, tables] = [
    [before.stream, after.stream],
    [before.table, after.table],
  ] as const;
  const [oldStream, stream] = streams;
  const scaled = oldStream && stream && oldStream.name === stream.name ? stream.shards / oldStream.shards : 1;
  const [oldTable, table] = tables;
  const sameTable = oldTable && table && oldTable.name === table.name;
  const indexed = (name: "x" | "y") => oldTable?.indexes.includes(name) !== table?.indexes.includes(name);
  const mapped = (parts: Parts) => parts.mapping && parts.stream && parts.fn;
  return (
    scaled > 2 ||
    scaled < 0.5 ||
    (sameTable === true && oldTable.key !== table.key && table.name !== undefined) ||
    (sameTable === true && oldTable.key === table.key && indexed("x") && indexed("y")) ||
    // two mappings of a stream to a function cannot be there at once
    (mapped(before) !== undefined &&
      mapped(after) !== undefined &&
      before.mapping?.position !== after.mapping?.position &&
      before.stream?.name === after.stream?.name &&
      before.fn?.name === after.fn?.name)
  );
}
