import { expect, test } from "vitest";
import type { Template } from "../../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import type { Services } from "../../../local/template/resource-kind.ts";
import { services } from "./services.ts";

async function deploy(
  Resources: Template["Resources"],
  into: Services = services(),
): Promise<CloudFormation> {
  const formation = new CloudFormation(into);
  await formation.update([{ name: "App", template: { Resources }, assetFolders: new Map() }]);
  return formation;
}

test("a type that the local cloud cannot run is refused by name, before anything is made", async () => {
  const into = services();
  const resources = {
    Words: { Type: "AWS::Kinesis::Stream" },
    Notifications: { Type: "Custom::S3BucketNotifications" },
    Cache: { Type: "AWS::ElastiCache::CacheCluster" },
  };
  await expect(deploy(resources, into)).rejects.toThrow(
    expect.objectContaining({
      code: "LOCAL_RESOURCE_UNSUPPORTED",
      message:
        'the local cloud cannot run "Notifications" (Custom::S3BucketNotifications), "Cache" (AWS::ElastiCache::CacheCluster)',
    }),
  );
  expect(into.kinesis.listStreams().StreamNames).toEqual([]);
});

test("a resource without effect can be referred to, and says why it has none", async () => {
  const { resources } = await deploy({
    Key: { Type: "AWS::KMS::Key" },
    Topic: { Type: "AWS::SNS::Topic" },
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: { "Fn::Select": [5, { "Fn::Split": [":", { Ref: "Topic" }] }] },
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        Tags: [{ Key: "key", Value: { "Fn::GetAtt": ["Key", "Arn"] } }],
      },
    },
  });
  expect(resources.map(({ logicalId, noEffect }) => [logicalId, noEffect === undefined])).toEqual([
    ["Key", false],
    ["Topic", true],
    ["Table", true],
  ]);
  expect(resources[2]?.ref).toBe("App-Topic");
});

test("an on-demand stream starts with four shards, a provisioned one with what it says", async () => {
  const into = services();
  await deploy(
    {
      OnDemand: {
        Type: "AWS::Kinesis::Stream",
        Properties: { StreamModeDetails: { StreamMode: "ON_DEMAND" } },
      },
      Provisioned: { Type: "AWS::Kinesis::Stream", Properties: { Name: "two", ShardCount: "2" } },
    },
    into,
  );
  const shards = (StreamName: string) => into.kinesis.listShards({ StreamName }).Shards.length;
  expect([shards("App-OnDemand"), shards("two")]).toEqual([4, 2]);
});

test("a stream's consumer has an ARN below the stream's, and is there only where the stream is", async () => {
  const { resources } = await deploy({
    Words: { Type: "AWS::Kinesis::Stream", Properties: { Name: "words" } },
    Reader: {
      Type: "AWS::Kinesis::StreamConsumer",
      Properties: { ConsumerName: "reader", StreamARN: { "Fn::GetAtt": ["Words", "Arn"] } },
    },
  });
  const [words, reader] = resources;
  expect(reader?.ref).toMatch(/^arn:aws:kinesis:us-east-1:0+:stream\/words\/consumer\/reader:\d+$/);
  expect(reader?.attributes).toEqual({
    ConsumerARN: reader?.ref,
    ConsumerName: "reader",
    ConsumerStatus: "ACTIVE",
    StreamARN: words?.attributes["Arn"],
  });
  const alone = { ConsumerName: "reader", StreamARN: words?.attributes["Arn"] };
  await expect(
    deploy({ Reader: { Type: "AWS::Kinesis::StreamConsumer", Properties: alone } }),
  ).rejects.toThrow("Stream words");
});

test.each([
  [
    "a function of another runtime",
    "AWS::Lambda::Function",
    { Runtime: "python3.13" },
    "Runtime is python3.13",
  ],
  [
    "a function whose code is no asset",
    "AWS::Lambda::Function",
    { Runtime: "nodejs24.x", Handler: "index.handler", Code: { S3Key: "none.zip" } },
    'S3Key is "none.zip"',
  ],
  [
    "a schedule that is neither rate nor cron nor at",
    "AWS::Events::Rule",
    { ScheduleExpression: "cron(0 * * * *)" },
    "no rate, cron or at expression",
  ],
  ["a rule for events", "AWS::Events::Rule", { EventPattern: {} }, "EventPattern"],
  [
    "a stream with a shard count that is none",
    "AWS::Kinesis::Stream",
    { ShardCount: "many" },
    "Thing (AWS::Kinesis::Stream).ShardCount is no number",
  ],
])("%s is refused with the property's name", async (_, Type, Properties, message) => {
  await expect(deploy({ Thing: { Type, Properties } })).rejects.toThrow(message);
});

test("a bucket gets the lifecycle rules of its template, and refuses what it cannot do with objects", async () => {
  const into = services();
  const bucketWith = (rule: object) => ({
    Lake: {
      Type: "AWS::S3::Bucket",
      Properties: { BucketName: "lake", LifecycleConfiguration: { Rules: [{ Status: "Enabled", ...rule }] } },
    },
  });
  const AbortIncompleteMultipartUpload = { DaysAfterInitiation: 1 };
  await deploy(bucketWith({ Id: "orphaned-uploads", AbortIncompleteMultipartUpload }), into);
  expect(into.s3.getBucketLifecycleConfiguration({ Bucket: "lake" }).Rules).toMatchObject([
    { ID: "orphaned-uploads", Status: "Enabled", AbortIncompleteMultipartUpload },
  ]);
  await expect(deploy(bucketWith({ Transitions: [{ StorageClass: "GLACIER" }] }))).rejects.toThrow(
    expect.objectContaining({ code: "LOCAL_RESOURCE_UNSUPPORTED" }),
  );
});
