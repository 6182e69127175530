import { describe, expect, test } from "vitest";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import { deployed, doneTo, stackOf, withProperties } from "./formation.ts";
import { services } from "./services.ts";

const stream = { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 1 } };
const queue = { Type: "AWS::SQS::Queue" };
const table = {
  Type: "AWS::DynamoDB::Table",
  Properties: {
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  },
};
const byName = withProperties(table, {
  KeySchema: [{ AttributeName: "name", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "name", AttributeType: "S" }],
});
const bucket = { Type: "AWS::S3::Bucket" };
/** No stream has so many shards at once. */
const tooManyShards = withProperties(stream, { ShardCount: 5 });

describe("an update", () => {
  test("says of each resource what was done to it", async () => {
    const { update } = await deployed({ Kept: queue, Stream: stream, Table: table, Gone: bucket });
    const done = await update({
      Kept: queue,
      Stream: withProperties(stream, { ShardCount: 2, Tags: [] }),
      Table: byName,
      New: bucket,
    });
    expect(done).toMatchObject({
      unchanged: ["Kept"],
      updated: ["Stream"],
      replaced: ["Table"],
      created: ["New"],
      deleted: ["Gone"],
    });
    expect(doneTo(done, "Stream")?.properties).toEqual(["ShardCount", "Tags"]);
    expect(doneTo(done, "Table")?.properties).toEqual(["KeySchema", "AttributeDefinitions"]);
  });

  test("to the same template changes nothing", async () => {
    const resources = { Stream: stream, Table: table, Bucket: bucket };
    const { update } = await deployed(resources);
    expect((await update(resources)).unchanged).toEqual(["Stream", "Table", "Bucket"]);
  });

  test("makes a replacement first, lets others refer to it, and deletes the old one in the end", async () => {
    const dead = (Queue: string) => ({
      Type: "AWS::SQS::Queue",
      Properties: {
        RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [Queue, "Arn"] }, maxReceiveCount: 3 },
      },
    });
    const named = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });
    const { update, into, ref } = await deployed({ Dead: named("first"), Work: dead("Dead") });
    const done = await update({ Dead: named("second"), Work: dead("Dead") });
    expect(done).toMatchObject({ replaced: ["Dead"], updated: ["Work"] });
    const { Attributes } = into.sqs.getQueueAttributes({ QueueUrl: ref("Work") });
    expect(JSON.parse(Attributes["RedrivePolicy"] ?? "")).toMatchObject({
      deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:second",
    });
    expect(into.sqs.listQueues().QueueUrls.map((url) => url.split("/").at(-1))).toEqual([
      "App-Work",
      "second",
    ]);
  });

  test("gives a resource that takes another's place a name of its own", async () => {
    const { update, ref, into } = await deployed({ Table: table });
    expect(ref("Table")).toBe("App-Table");
    await update({ Table: byName });
    expect(ref("Table")).toBe("App-Table-2");
    await update({ Table: table });
    expect(ref("Table")).toBe("App-Table-3");
    expect(into.dynamodb.listTables().TableNames).toEqual(["App-Table-3"]);
  });

  test("makes and deletes what a condition lets come and go", async () => {
    const conditions = (yes: string) => ({ Conditions: { Wanted: { "Fn::Equals": ["yes", yes] } } });
    const resources = { Queue: { ...queue, Condition: "Wanted" }, Stream: stream };
    const { update } = await deployed(resources, conditions("yes"));
    expect(await update(resources, conditions("no"))).toMatchObject({
      deleted: ["Queue"],
      unchanged: ["Stream"],
    });
    expect(await update(resources, conditions("yes"))).toMatchObject({ created: ["Queue"] });
  });

  test("works outputs out anew", async () => {
    const outputs = (Value: unknown) => ({ Outputs: { Out: { Value } } });
    const { update, formation } = await deployed({ Stream: stream }, outputs({ Ref: "Stream" }));
    expect(formation.outputs).toEqual({ Out: "App-Stream" });
    expect((await update({ Stream: stream }, outputs("else"))).outputs).toEqual({ Out: "else" });
  });
});

describe("a resource that is not wanted any more", () => {
  test("stays where its policy says so, as an orphan", async () => {
    const { update, into } = await deployed({
      Stream: { ...stream, DeletionPolicy: "Retain" },
      Table: { ...table, UpdateReplacePolicy: "Retain" },
    });
    const done = await update({ Table: { ...byName, UpdateReplacePolicy: "Retain" } });
    expect(doneTo(done, "Stream")).toMatchObject({ action: "deleted", kept: "its DeletionPolicy is Retain" });
    expect(doneTo(done, "Table")).toMatchObject({
      action: "replaced",
      kept: "its UpdateReplacePolicy is Retain",
    });
    expect(into.kinesis.listStreams().StreamNames).toEqual(["App-Stream"]);
    expect(into.dynamodb.listTables().TableNames).toEqual(["App-Table", "App-Table-2"]);
    // what comes again is another one
    expect((await update({ Stream: stream, Table: byName })).created).toEqual(["Stream"]);
    expect(into.kinesis.listStreams().StreamNames).toEqual(["App-Stream", "App-Stream-2"]);
  });

  test("stays where its service does not let it go, and the update is complete", async () => {
    const { update, into, ref } = await deployed({
      Bucket: bucket,
      Table: withProperties(table, { DeletionProtectionEnabled: true }),
    });
    into.s3.putObject({ Bucket: ref("Bucket"), Key: "a", Body: new Uint8Array() });
    const done = await update({ Queue: queue });
    expect(done).toMatchObject({ created: ["Queue"], deleted: ["Table", "Bucket"] });
    expect(doneTo(done, "Bucket")?.kept).toContain("not empty");
    expect(doneTo(done, "Table")?.kept).toContain("protected against deletion");
  });

  test("is deleted after all that refers to it", async () => {
    const consumer = {
      Type: "AWS::Kinesis::StreamConsumer",
      Properties: { ConsumerName: "reader", StreamARN: { "Fn::GetAtt": ["Stream", "Arn"] } },
    };
    const { update } = await deployed({ Consumer: consumer, Stream: stream });
    expect((await update({ Queue: queue })).deleted).toEqual(["Consumer", "Stream"]);
  });
});

describe("an update that fails", () => {
  test("is taken back: made, changed and replaced resources are as they were", async () => {
    const { update, into, ref, formation } = await deployed({ First: stream, Table: table, Last: stream });
    into.dynamodb.putItem({ TableName: ref("Table"), Item: { id: { S: "a" } } });
    const before = formation.resources;
    await expect(
      update({
        New: queue,
        First: withProperties(stream, { ShardCount: 2, RetentionPeriodHours: 48 }),
        Table: byName,
        Last: tooManyShards,
      }),
    ).rejects.toMatchObject({
      code: "LOCAL_UPDATE_ROLLED_BACK",
      message: expect.stringMatching(
        /^Last \(AWS::Kinesis::Stream\)\.ShardCount: .*double.*; the templates of before are in force again$/,
      ),
    });
    expect(formation.resources).toEqual(before);
    const { OpenShardCount, RetentionPeriodHours } = into.kinesis.describeStreamSummary({
      StreamName: ref("First"),
    }).StreamDescriptionSummary;
    expect([OpenShardCount, RetentionPeriodHours]).toEqual([1, 24]);
    expect(into.sqs.listQueues().QueueUrls).toEqual([]);
    expect(into.dynamodb.listTables().TableNames).toEqual(["App-Table"]);
    expect(into.dynamodb.scan({ TableName: "App-Table" }).Count).toBe(1);
    expect(await update({ First: stream, Table: table, Last: stream })).toMatchObject({
      unchanged: ["First", "Table", "Last"],
    });
  });

  test("has what was made last taken back first: it refers to what was made before", async () => {
    const { update, into } = await deployed({ Last: stream });
    const consumer = {
      Type: "AWS::Kinesis::StreamConsumer",
      Properties: { ConsumerName: "reader", StreamARN: { "Fn::GetAtt": ["New", "Arn"] } },
    };
    await expect(update({ New: stream, Consumer: consumer, Last: tooManyShards })).rejects.toMatchObject({
      code: "LOCAL_UPDATE_ROLLED_BACK",
    });
    expect(into.kinesis.listStreams().StreamNames).toEqual(["App-Last"]);
  });

  test("has changes taken back in their order: what needs a right gets it back before", async () => {
    const allow = (what: object) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...what }] });
    const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
    const trust = allow({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
    const application = (actions: string, BatchSize: number) => ({
      Stream: stream,
      Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: trust } },
      Policy: {
        Type: "AWS::IAM::Policy",
        Properties: {
          PolicyName: "reads",
          PolicyDocument: allow({ Action: actions, Resource: "*" }),
          Roles: [{ Ref: "Role" }],
        },
      },
      Reader: {
        Type: "AWS::Lambda::Function",
        Properties: {
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Code: { S3Key: "code" },
          Role: arnOf("Role"),
        },
      },
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        DependsOn: ["Policy"],
        Properties: {
          FunctionName: { Ref: "Reader" },
          EventSourceArn: arnOf("Stream"),
          StartingPosition: "LATEST",
          Enabled: false,
          BatchSize,
        },
      },
    });
    const into = services();
    const formation = new CloudFormation(into);
    const assetFolders = new Map([["code", import.meta.dirname]]);
    const update = (actions: string, size: number) =>
      formation.update([{ ...stackOf(application(actions, size)), assetFolders }]);
    await update("kinesis:*", 10);
    await expect(update("kinesis:PutRecords", 20)).rejects.toMatchObject({
      code: "LOCAL_UPDATE_ROLLED_BACK",
      message: expect.stringContaining("Mapping (AWS::Lambda::EventSourceMapping)"),
    });
    expect(await update("kinesis:*", 20)).toMatchObject({ updated: ["Mapping"] });
    for (const source of into.sources) await source.close();
  });

  test("leaves behind what it made with the policy Retain, as AWS does, but not with RetainExceptOnCreate", async () => {
    const { update, into } = await deployed({ Last: stream });
    const made = {
      A: { ...queue, DeletionPolicy: "Retain" },
      B: { ...queue, DeletionPolicy: "RetainExceptOnCreate" },
    };
    await expect(update({ ...made, Last: tooManyShards })).rejects.toThrow(
      "by their DeletionPolicy stay A (AWS::SQS::Queue)",
    );
    expect(into.sqs.listQueues().QueueUrls.map((url) => url.split("/").at(-1))).toEqual(["App-A"]);
    expect((await update({ ...made, Last: stream })).created).toEqual(["A", "B"]);
  });

  test("of a new stack leaves nothing of it", async () => {
    const into = services();
    const formation = new CloudFormation(into);
    const second = {
      Type: "AWS::S3::Bucket",
      Properties: { NotificationConfiguration: { EventBridgeConfiguration: {} } },
    };
    await expect(formation.update([stackOf({ Stream: stream, Second: second })])).rejects.toMatchObject({
      code: "LOCAL_RESOURCE_UNSUPPORTED",
      message: expect.stringContaining("Second (AWS::S3::Bucket).NotificationConfiguration"),
    });
    expect(into.kinesis.listStreams().StreamNames).toEqual([]);
    await formation.update([stackOf({ Stream: stream })]);
    expect(formation.resources.map(({ ref }) => ref)).toEqual(["App-Stream-2"]);
  });

  test("and cannot be taken back says so, and stops all further updates", async () => {
    const { update, into, ref } = await deployed({ First: stream, Last: stream });
    const spoilt = update({
      First: withProperties(stream, { RetentionPeriodHours: 48 }),
      Last: tooManyShards,
    });
    into.kinesis.deleteStream({ StreamName: ref("First") });
    await expect(spoilt).rejects.toMatchObject({ code: "LOCAL_ROLLBACK_FAILED" });
    await expect(update({ First: stream, Last: stream })).rejects.toMatchObject({
      code: "LOCAL_ROLLBACK_FAILED",
      message: expect.stringContaining("First (AWS::Kinesis::Stream): "),
    });
  });

  test.each([
    [
      "a table",
      { ...table, Properties: { ...table.Properties, TableName: "rows" } },
      {
        KeySchema: byName.Properties?.["KeySchema"],
        AttributeDefinitions: byName.Properties?.["AttributeDefinitions"],
      },
      "KeySchema",
    ],
    [
      "a bucket",
      { ...bucket, Properties: { BucketName: "files" } },
      { ObjectLockEnabled: true },
      "ObjectLockEnabled",
    ],
  ])(
    "refuses to replace %s that the template names, as CloudFormation does",
    async (_, named, changed, property) => {
      const { update } = await deployed({ Thing: named });
      await expect(update({ Thing: withProperties(named, changed) })).rejects.toThrow(
        `Thing (${named.Type}).${property} asks for a replacement, which cannot be made beside the old one`,
      );
    },
  );
});

describe("before anything is changed", () => {
  test.each([
    [
      "a type that cannot be run",
      { Cache: { Type: "AWS::ElastiCache::CacheCluster" } },
      '"Cache" (AWS::ElastiCache::CacheCluster)',
    ],
    [
      "another type under a known name",
      { Stream: queue },
      "Stream (AWS::Kinesis::Stream) cannot become a AWS::SQS::Queue",
    ],
  ])("%s is refused by its name", async (_, resources, message) => {
    const { update, into } = await deployed({ Stream: stream });
    await expect(update({ New: queue, ...resources })).rejects.toThrow(message);
    expect(into.sqs.listQueues().QueueUrls).toEqual([]);
    expect((await update({ Stream: stream })).unchanged).toEqual(["Stream"]);
  });
});
