import { describe, expect, test } from "vitest";
import type { TemplateResource } from "../../../local/template/cloud-assembly.ts";
import { deployed, withProperties } from "./formation.ts";

/** Deploys a resource, and changes it: each with these properties beside or instead of its own. */
async function changed(resource: TemplateResource, properties: Readonly<Record<string, unknown>>) {
  const one = await deployed({ Thing: resource });
  return {
    ...one,
    ref: one.ref("Thing"),
    change: () => one.update({ Thing: withProperties(resource, properties) }),
  };
}

describe("a stream", () => {
  const stream = { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 2 } };
  const summaryOf = ({ into, ref }: Awaited<ReturnType<typeof changed>>) =>
    into.kinesis.describeStreamSummary({ StreamName: ref }).StreamDescriptionSummary;

  test("is scaled, and keeps what was written", async () => {
    const scaled = await changed(stream, { ShardCount: 4 });
    const { kinesis } = scaled.into;
    kinesis.putRecord({ StreamName: scaled.ref, PartitionKey: "k", Data: new Uint8Array() });
    expect((await scaled.change()).updated).toEqual(["Thing"]);
    expect(summaryOf(scaled).OpenShardCount).toBe(4);
    const { Shards } = kinesis.listShards({ StreamName: scaled.ref });
    const records = Shards.flatMap(
      ({ ShardId }) => kinesis.read(scaled.ref, ShardId, undefined, 9, 999).records,
    );
    expect(records).toHaveLength(1);
  });

  test("goes on demand with the shards that it has, and back with those that it is given", async () => {
    const onDemand = { ShardCount: undefined, StreamModeDetails: { StreamMode: "ON_DEMAND" } };
    const switched = await changed(stream, onDemand);
    await switched.change();
    expect(summaryOf(switched)).toMatchObject({
      OpenShardCount: 2,
      StreamModeDetails: { StreamMode: "ON_DEMAND" },
    });
    await switched.update({ Thing: withProperties(stream, { ShardCount: 3 }) });
    expect(summaryOf(switched)).toMatchObject({
      OpenShardCount: 3,
      StreamModeDetails: { StreamMode: "PROVISIONED" },
    });
  });

  test("keeps its records longer or shorter, and by default a day", async () => {
    const kept = await changed(stream, { RetentionPeriodHours: 168 });
    await kept.change();
    expect(summaryOf(kept).RetentionPeriodHours).toBe(168);
    await kept.update({ Thing: stream });
    expect(summaryOf(kept).RetentionPeriodHours).toBe(24);
  });
});

describe("a table", () => {
  const key = (AttributeName: string) => [{ AttributeName, KeyType: "HASH" }];
  const text = (...names: readonly string[]) =>
    names.map((AttributeName) => ({ AttributeName, AttributeType: "S" }));
  const index = (name: string, ProjectionType = "ALL") => ({
    IndexName: `by-${name}`,
    KeySchema: key(name),
    Projection: { ProjectionType },
  });
  const table = {
    Type: "AWS::DynamoDB::Table",
    Properties: { KeySchema: key("id"), AttributeDefinitions: text("id") },
  };
  const indexed = { AttributeDefinitions: text("id", "a"), GlobalSecondaryIndexes: [index("a")] };

  test("gets an index with the items that it has", async () => {
    const { into, ref, change } = await changed(table, indexed);
    into.dynamodb.putItem({ TableName: ref, Item: { id: { S: "1" }, a: { S: "x" } } });
    expect((await change()).updated).toEqual(["Thing"]);
    const found = into.dynamodb.query({
      TableName: ref,
      IndexName: "by-a",
      KeyConditionExpression: "a = :a",
      ExpressionAttributeValues: { ":a": { S: "x" } },
    });
    expect(found.Count).toBe(1);
  });

  test.each([
    [
      "two new indexes",
      table,
      { AttributeDefinitions: text("id", "a", "b"), GlobalSecondaryIndexes: [index("a"), index("b")] },
      "ask for more than one index creation or deletion in a single update",
    ],
    [
      "one for another",
      withProperties(table, indexed),
      { AttributeDefinitions: text("id", "b"), GlobalSecondaryIndexes: [index("b")] },
      "ask for more than one index creation or deletion in a single update",
    ],
    [
      "another projection",
      withProperties(table, indexed),
      { GlobalSecondaryIndexes: [index("a", "KEYS_ONLY")] },
      'change key or projection of "by-a"',
    ],
  ])("refuses %s, as CloudFormation does, and stays as it is", async (_, before, properties, message) => {
    const { into, ref, change } = await changed(before, properties);
    const { Table } = into.dynamodb.describeTable({ TableName: ref });
    await expect(change()).rejects.toThrow(`Thing (AWS::DynamoDB::Table).GlobalSecondaryIndexes ${message}`);
    expect(into.dynamodb.describeTable({ TableName: ref }).Table).toEqual(Table);
  });

  test("is replaced where a key gets another type", async () => {
    const { change } = await changed(table, {
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
    });
    expect((await change()).replaced).toEqual(["Thing"]);
  });

  test("is protected from now on, and no longer", async () => {
    const { into, ref, change, update } = await changed(table, { DeletionProtectionEnabled: true });
    await change();
    expect(() => into.dynamodb.deleteTable({ TableName: ref })).toThrow("protected against deletion");
    await update({ Thing: table });
    into.dynamodb.deleteTable({ TableName: ref });
  });

  test("lets items expire by an attribute, and no longer", async () => {
    const { into, ref, change, update } = await changed(table, {
      TimeToLiveSpecification: { AttributeName: "until", Enabled: true },
    });
    const longAgo = String(Math.floor(into.clock.now() / 1_000) - 86_400);
    into.dynamodb.putItem({ TableName: ref, Item: { id: { S: "1" }, until: { N: longAgo } } });
    into.dynamodb.deleteExpired();
    expect(into.dynamodb.scan({ TableName: ref }).Count).toBe(1);
    await change();
    await update({ Thing: table });
    into.dynamodb.deleteExpired();
    expect(into.dynamodb.scan({ TableName: ref }).Count).toBe(1);
    await change();
    into.dynamodb.deleteExpired();
    expect(into.dynamodb.scan({ TableName: ref }).Count).toBe(0);
  });
});

test("a queue gets attributes, and their defaults back where the template says nothing any more", async () => {
  const queue = { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout: 60 } };
  const { into, ref, change } = await changed(queue, { VisibilityTimeout: undefined, DelaySeconds: 7 });
  into.sqs.sendMessage({ QueueUrl: ref, MessageBody: "stays" });
  expect((await change()).updated).toEqual(["Thing"]);
  expect(into.sqs.getQueueAttributes({ QueueUrl: ref, AttributeNames: ["All"] }).Attributes).toMatchObject({
    VisibilityTimeout: "30",
    DelaySeconds: "7",
    ApproximateNumberOfMessages: "1",
  });
});

test("a queue of a name that there is already is refused: CloudFormation makes no queue twice", async () => {
  const queue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "work" } };
  const { update } = await deployed({ Queue: queue });
  await expect(update({ Queue: queue, Other: queue })).rejects.toThrow(
    'Other (AWS::SQS::Queue).QueueName is "work"',
  );
});

describe("a bucket", () => {
  const bucket = { Type: "AWS::S3::Bucket" };

  test("takes lifecycle rules over and drops them, with its objects in it", async () => {
    const { into, ref, change, update } = await changed(bucket, {
      LifecycleConfiguration: { Rules: [{ Status: "Enabled", ExpirationInDays: 3, Prefix: "" }] },
    });
    into.s3.putObject({ Bucket: ref, Key: "a", Body: new Uint8Array() });
    await change();
    expect(into.s3.getBucketLifecycleConfiguration({ Bucket: ref }).Rules).toHaveLength(1);
    await update({ Thing: bucket });
    expect(() => into.s3.getBucketLifecycleConfiguration({ Bucket: ref })).toThrow("does not exist");
    expect(into.s3.listObjectsV2({ Bucket: ref }).KeyCount).toBe(1);
  });

  test("that is to tell of its objects is refused: nobody would hear it", async () => {
    const { change } = await changed(bucket, {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    await expect(change()).rejects.toThrow(
      "Thing (AWS::S3::Bucket).NotificationConfiguration is not modelled locally",
    );
  });
});

test("a consumer is not replaced under the name that it has", async () => {
  const stream = { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 1 } };
  const consumer = {
    Type: "AWS::Kinesis::StreamConsumer",
    Properties: { ConsumerName: "reader", StreamARN: { "Fn::GetAtt": ["Stream", "Arn"] } },
  };
  const { update } = await deployed({ Stream: stream, Consumer: consumer });
  const tagged = withProperties(consumer, { Tags: [{ Key: "a", Value: "b" }] });
  await expect(update({ Stream: stream, Consumer: tagged })).rejects.toThrow(
    "Consumer (AWS::Kinesis::StreamConsumer).Tags asks for a replacement",
  );
  const renamed = withProperties(consumer, { ConsumerName: "other" });
  expect((await update({ Stream: stream, Consumer: renamed })).replaced).toEqual(["Consumer"]);
});

test("a log group keeps its lines when it is to keep them for another time", async () => {
  const group = { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: 7 } };
  const { into, ref, change, update } = await changed(group, { RetentionInDays: undefined });
  into.logs.append(ref, "stream", "line");
  const retentionOf = () => into.logs.describeLogGroups().logGroups[0]?.["retentionInDays"];
  expect(retentionOf()).toBe(7);
  await change();
  expect(retentionOf()).toBeUndefined();
  await update({ Thing: group });
  expect(retentionOf()).toBe(7);
  expect(into.logs.filterLogEvents({ logGroupName: ref }).events).toHaveLength(1);
});

test("an alarm goes on in the state that it is in", async () => {
  const alarm = {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      Namespace: "App",
      MetricName: "Errors",
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "ignore",
    },
  };
  const { into, ref, change } = await changed(alarm, { Threshold: 5 });
  into.cloudwatch.setAlarmState({ AlarmName: ref, StateValue: "ALARM", StateReason: "test" });
  await change();
  expect(into.cloudwatch.describeAlarms({ AlarmNames: [ref] }).MetricAlarms[0]).toMatchObject({
    Threshold: 5,
    StateValue: "ALARM",
  });
});

test("a subscription delivers another way from now on", async () => {
  const queue = { Type: "AWS::SQS::Queue" };
  const topic = { Type: "AWS::SNS::Topic" };
  const subscription = {
    Type: "AWS::SNS::Subscription",
    Properties: { TopicArn: { Ref: "Topic" }, Protocol: "sqs", Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] } },
  };
  const { update, into, ref } = await deployed({ Topic: topic, Queue: queue, Subscription: subscription });
  const raw = withProperties(subscription, { RawMessageDelivery: true });
  expect((await update({ Topic: topic, Queue: queue, Subscription: raw })).updated).toEqual(["Subscription"]);
  into.sns.publish(ref("Topic"), "hello");
  const { Messages = [] } = into.sqs.receiveMessage({ QueueUrl: ref("Queue"), MaxNumberOfMessages: 10 });
  expect(Messages.map(({ Body }) => Body)).toEqual(["hello"]);
  await update({ Topic: topic, Queue: queue });
  into.sns.publish(ref("Topic"), "to nobody");
  expect(into.sqs.receiveMessage({ QueueUrl: ref("Queue") }).Messages ?? []).toEqual([]);
});
