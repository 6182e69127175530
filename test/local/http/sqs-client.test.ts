import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seconds } from "../../../shared/time/time.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let local: LocalServices;
let sqs: SQSClient;

beforeAll(async () => {
  local = await startLocalServices();
  sqs = new SQSClient({
    endpoint: local.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  sqs.destroy();
  await local.close();
});

async function queue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl ?? "";
}

const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];

test("a message comes with the attributes that were asked for, and with no others", async () => {
  const QueueUrl = await queue("attributes");
  const MessageAttributes = {
    raw: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 1, 255) },
    "app.kind": { DataType: "String", StringValue: "test" },
  };
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hi", MessageAttributes }));
  const [bare] = await receive(QueueUrl, { VisibilityTimeout: 0 });
  expect(bare?.Attributes).toBeUndefined();
  expect(bare?.MessageAttributes).toBeUndefined();
  const [all] = await receive(QueueUrl, {
    MessageSystemAttributeNames: ["SentTimestamp"],
    MessageAttributeNames: ["All"],
  });
  expect(all).toMatchObject({
    Body: "hi",
    MD5OfBody: sent.MD5OfMessageBody,
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    MessageAttributes,
    Attributes: { SentTimestamp: String(local.clock.now()) },
  });
});

test("a dead letter can be looked up, with what was wrong with it", async () => {
  const dead = await queue("dead");
  const arn = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ["QueueArn"] }));
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: arn.Attributes?.["QueueArn"],
    maxReceiveCount: 1,
  });
  const QueueUrl = await queue("source", { VisibilityTimeout: "5", RedrivePolicy });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: "poison",
      MessageAttributes: { why: { DataType: "String", StringValue: "test" } },
    }),
  );
  expect(await receive(QueueUrl)).toHaveLength(1);
  local.clock.advance(seconds(5));
  expect(await receive(QueueUrl)).toEqual([]);
  expect(
    await receive(dead, { MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] }),
  ).toMatchObject([
    {
      Body: "poison",
      Attributes: {
        ApproximateReceiveCount: "2",
        DeadLetterQueueSourceArn: expect.stringMatching(/:source$/),
      },
      MessageAttributes: { why: { StringValue: "test" } },
    },
  ]);
  const { queueUrls } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
  expect(queueUrls).toEqual([QueueUrl]);
});

test("a long poll ends with the message that arrives", async () => {
  const QueueUrl = await queue("polled", { ReceiveMessageWaitTimeSeconds: "20" });
  const polled = receive(QueueUrl);
  const other = receive(QueueUrl, { WaitTimeSeconds: 20 });
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: "1", MessageBody: "one" },
        { Id: "2", MessageBody: "two" },
      ],
    }),
  );
  const bodies = [...(await polled), ...(await other)].map(({ Body }) => Body);
  expect(bodies.sort()).toEqual(["one", "two"]);
  expect(await receive(QueueUrl, { WaitTimeSeconds: 0 })).toEqual([]);
});

test("a long poll ends when a message in flight is given back", async () => {
  const QueueUrl = await queue("given-back");
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "again" }));
  const [first] = await receive(QueueUrl);
  const polled = receive(QueueUrl, { WaitTimeSeconds: 20 });
  const { ReceiptHandle } = first ?? {};
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  expect((await polled)[0]?.MessageId).toBe(first?.MessageId);
});

test("errors are the client's own classes, and carry the query protocol's codes", async () => {
  const missing = sqs.send(new GetQueueUrlCommand({ QueueName: "none" }));
  await expect(missing).rejects.toBeInstanceOf(QueueDoesNotExist);
  await expect(missing).rejects.toMatchObject({
    name: "QueueDoesNotExist",
    Error: { Code: "AWS.SimpleQueueService.NonExistentQueue" },
  });
  const QueueUrl = await queue("errors");
  await expect(
    sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "nonsense" })),
  ).rejects.toBeInstanceOf(ReceiptHandleIsInvalid);
  await expect(receive(QueueUrl, { MaxNumberOfMessages: 11 })).rejects.toMatchObject({
    name: "InvalidParameterValue",
    $metadata: { httpStatusCode: 400 },
  });
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
    name: "PurgeQueueInProgress",
    $metadata: { httpStatusCode: 403 },
  });
});

test("attributes of a queue are changed and read, none where none is asked for", async () => {
  const QueueUrl = await queue("changed");
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "7" } }));
  const read = async (...AttributeNames: ("All" | "VisibilityTimeout")[]) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
  expect(await read("VisibilityTimeout")).toEqual({ VisibilityTimeout: "7" });
  expect(await read()).toBeUndefined();
  expect(await read("All")).toMatchObject({
    MaximumMessageSize: "1048576",
    MessageRetentionPeriod: "345600",
    QueueArn: "arn:aws:sqs:us-east-1:000000000000:changed",
  });
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "chang" }));
  expect(QueueUrls).toEqual([QueueUrl]);
});
