import { expect, test } from "vitest";
import { SqsModel } from "../../../../local/models/sqs/sqs-model.ts";
import { days, hours, seconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

function withQueue(Attributes: Record<string, string> = {}) {
  const clock = new ManualClock();
  const sqs = new SqsModel({ clock, baseUrl: "http://127.0.0.1:4566" });
  const { QueueUrl } = sqs.createQueue({ QueueName: "work", Attributes });
  const receive = () => sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }).Messages;
  const bodies = () => receive().map((m) => m.Body);
  return { clock, sqs, QueueUrl, receive, bodies };
}

const coded = (code: string) => expect.objectContaining({ code });

test("a message is hidden while in flight, comes again after that, and is gone once deleted", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue({ VisibilityTimeout: "10" });
  sqs.sendMessage({ QueueUrl, MessageBody: "a" });
  const [first] = sqs.receiveMessage({ QueueUrl }).Messages;
  expect(bodies()).toEqual([]);
  clock.advance(seconds(10));
  const [second] = sqs.receiveMessage({ QueueUrl }).Messages;
  expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: "2" } });
  sqs.deleteMessage({ QueueUrl, ReceiptHandle: first?.ReceiptHandle ?? "" });
  sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle: second?.ReceiptHandle ?? "", VisibilityTimeout: 0 });
  const [third] = sqs.receiveMessage({ QueueUrl }).Messages;
  sqs.deleteMessage({ QueueUrl, ReceiptHandle: third?.ReceiptHandle ?? "" });
  clock.advance(seconds(60));
  expect(bodies()).toEqual([]);
});

test("a message may be hidden for twelve hours since it was received, and only while it is in flight", () => {
  const { clock, sqs, QueueUrl, receive } = withQueue();
  sqs.sendMessage({ QueueUrl, MessageBody: "a" });
  const ReceiptHandle = receive()[0]?.ReceiptHandle ?? "";
  const hide = (VisibilityTimeout: number) =>
    sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout });
  hide(43_200);
  clock.advance(hours(1));
  expect(() => hide(43_200)).toThrow(coded("InvalidParameterValue"));
  hide(11 * 3_600);
  clock.advance(hours(11));
  expect(() => hide(1)).toThrow(coded("MessageNotInflight"));
  sqs.deleteMessage({ QueueUrl, ReceiptHandle });
  expect(() => hide(1)).toThrow(coded("InvalidParameterValue"));
});

test("batches are sent, counted and deleted; a delayed message waits", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue();
  sqs.sendMessageBatch({
    QueueUrl,
    Entries: [
      { Id: "1", MessageBody: "now" },
      { Id: "2", MessageBody: "later", DelaySeconds: 5 },
    ],
  });
  const count = (name: string) =>
    sqs.getQueueAttributes({ QueueUrl }).Attributes[`ApproximateNumberOfMessages${name}`];
  expect([count(""), count("Delayed"), count("NotVisible")]).toEqual(["1", "1", "0"]);
  const [now] = sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }).Messages;
  sqs.deleteMessageBatch({ QueueUrl, Entries: [{ Id: "x", ReceiptHandle: now?.ReceiptHandle ?? "" }] });
  clock.advance(seconds(5));
  expect(bodies()).toEqual(["later"]);
  expect(() => sqs.sendMessageBatch({ QueueUrl, Entries: [] })).toThrow(coded("EmptyBatchRequest"));
});

test("an entry of a batch that cannot be fails alone, with its code", () => {
  const { sqs, QueueUrl, bodies } = withQueue();
  const { Successful, Failed } = sqs.sendMessageBatch({
    QueueUrl,
    Entries: [
      { Id: "late", MessageBody: "x", DelaySeconds: 901 },
      { Id: "good", MessageBody: "y" },
      { Id: "odd", MessageBody: "\u0000" },
    ],
  });
  expect(Successful.map(({ Id }) => Id)).toEqual(["good"]);
  expect(Failed).toMatchObject([
    { Id: "late", Code: "InvalidParameterValue", SenderFault: true },
    { Id: "odd", Code: "InvalidMessageContents", SenderFault: true },
  ]);
  expect(bodies()).toEqual(["y"]);
});

test("entries that are made to fail are not done", () => {
  const sqs = new SqsModel({
    clock: new ManualClock(),
    faults: {
      before: (_service, operation) =>
        operation === "SendMessageBatch" ? { kind: "partial", failed: [0] } : undefined,
    },
  });
  const { QueueUrl } = sqs.createQueue({ QueueName: "work" });
  const Entries = ["a", "b"].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  expect(sqs.sendMessageBatch({ QueueUrl, Entries })).toMatchObject({
    Successful: [{ Id: "b" }],
    Failed: [{ Id: "a", Code: "InternalError", SenderFault: false }],
  });
  expect(sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 2 }).Messages).toHaveLength(1);
});

test("a message that was received too often is looked up in the dead-letter queue, with its age and its past", () => {
  const clock = new ManualClock();
  const sqs = new SqsModel({ clock });
  const dead = sqs.createQueue({ QueueName: "dead" });
  const { QueueUrl } = sqs.createQueue({
    QueueName: "work",
    Attributes: {
      VisibilityTimeout: "1",
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
        maxReceiveCount: 2,
      }),
    },
  });
  const sentAt = clock.now();
  const { MessageId } = sqs.sendMessage({ QueueUrl, MessageBody: "poison" });
  for (const expected of [["poison"], ["poison"], []]) {
    expect(sqs.receiveMessage({ QueueUrl }).Messages.map((m) => m.Body)).toEqual(expected);
    clock.advance(seconds(1));
  }
  expect(sqs.receiveMessage(dead).Messages).toMatchObject([
    {
      MessageId,
      Body: "poison",
      Attributes: {
        SentTimestamp: String(sentAt),
        ApproximateReceiveCount: "3",
        DeadLetterQueueSourceArn: "arn:aws:sqs:us-east-1:000000000000:work",
      },
    },
  ]);
  expect(sqs.listDeadLetterSourceQueues(dead).queueUrls).toEqual([QueueUrl]);
});

test("a redrive policy that names no queue, or one that does not want it, is refused", () => {
  const { sqs, QueueUrl } = withQueue();
  const policy = (deadLetterTargetArn: string, more: object = { maxReceiveCount: 1 }) => ({
    QueueUrl,
    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, ...more }) },
  });
  const arn = "arn:aws:sqs:us-east-1:000000000000:dead";
  expect(() => sqs.setQueueAttributes(policy(arn))).toThrow("Dead letter target does not exist");
  const closed = { RedriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) };
  const dead = sqs.createQueue({ QueueName: "dead", Attributes: closed });
  expect(() => sqs.setQueueAttributes(policy(arn))).toThrow("does not allow");
  sqs.setQueueAttributes({ ...dead, Attributes: { RedriveAllowPolicy: "" } });
  expect(() => sqs.setQueueAttributes(policy(arn, {}))).toThrow("mandatory attribute");
  expect(() => sqs.setQueueAttributes(policy(arn, { maxReceiveCount: 1_001 }))).toThrow("maxReceiveCount");
  sqs.setQueueAttributes(policy(arn));
  expect(sqs.listDeadLetterSourceQueues(dead).queueUrls).toEqual([QueueUrl]);
  sqs.setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy: "" } });
  expect(sqs.listDeadLetterSourceQueues(dead).queueUrls).toEqual([]);
});

test("messages are dropped after their retention, and by a purge, which is not repeated within a minute", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue({ VisibilityTimeout: "0" });
  sqs.sendMessage({ QueueUrl, MessageBody: "old" });
  clock.advance(days(4));
  sqs.sendMessage({ QueueUrl, MessageBody: "young" });
  expect(bodies()).toEqual(["old", "young"]);
  clock.advance(seconds(1));
  expect(bodies()).toEqual(["young"]);
  sqs.purgeQueue({ QueueUrl });
  expect(bodies()).toEqual([]);
  clock.advance(seconds(59));
  expect(() => sqs.purgeQueue({ QueueUrl })).toThrow(coded("PurgeQueueInProgress"));
  clock.advance(seconds(1));
  sqs.purgeQueue({ QueueUrl });
});

test("a queue is found by its name, and a missing one is refused by name", () => {
  const { sqs, QueueUrl } = withQueue();
  expect(sqs.getQueueUrl({ QueueName: "work" })).toEqual({ QueueUrl });
  expect(sqs.listQueues().QueueUrls).toEqual(["http://127.0.0.1:4566/000000000000/work"]);
  expect(() => sqs.getQueueUrl({ QueueName: "none" })).toThrow(coded("QueueDoesNotExist"));
  expect(() => sqs.createQueue({ QueueName: "work.fifo" })).toThrow(coded("UnsupportedOperation"));
});

test("a name is free again a minute after its queue was deleted, and old receipt handles are not known there", () => {
  const { clock, sqs, QueueUrl, receive } = withQueue();
  sqs.sendMessage({ QueueUrl, MessageBody: "a" });
  const ReceiptHandle = receive()[0]?.ReceiptHandle ?? "";
  sqs.deleteQueue({ QueueUrl });
  const create = () => sqs.createQueue({ QueueName: "work" });
  clock.advance(seconds(59));
  expect(create).toThrow(coded("QueueDeletedRecently"));
  clock.advance(seconds(1));
  create();
  expect(() => sqs.deleteMessage({ QueueUrl, ReceiptHandle })).toThrow(coded("ReceiptHandleIsInvalid"));
});

test("queues are listed in pages", () => {
  const { sqs } = withQueue();
  for (const QueueName of ["jobs-c", "jobs-a", "jobs-b"]) sqs.createQueue({ QueueName });
  const names = ({ QueueUrls }: { readonly QueueUrls: readonly string[] }) =>
    QueueUrls.map((url) => url.split("/").at(-1));
  const first = sqs.listQueues({ QueueNamePrefix: "jobs", MaxResults: 2 });
  expect(names(first)).toEqual(["jobs-a", "jobs-b"]);
  const next = { QueueNamePrefix: "jobs", MaxResults: 2, NextToken: first.NextToken };
  expect(names(sqs.listQueues(next))).toEqual(["jobs-c"]);
  expect(() => sqs.listQueues({ MaxResults: 1_001 })).toThrow(coded("InvalidParameterValue"));
});

test("attributes are checked, and a queue is the same only with the same ones", () => {
  const { sqs, QueueUrl } = withQueue({ VisibilityTimeout: "10" });
  const again = (Attributes: Record<string, string>) => () =>
    sqs.createQueue({ QueueName: "work", Attributes });
  expect(again({})()).toEqual({ QueueUrl });
  expect(again({ VisibilityTimeout: "11" })).toThrow(coded("QueueNameExists"));
  expect(again({ Nonsense: "1" })).toThrow(coded("InvalidAttributeName"));
  for (const [name, value] of [
    ["VisibilityTimeout", "43201"],
    ["DelaySeconds", "-1"],
    ["MessageRetentionPeriod", "59"],
    ["MaximumMessageSize", "1048577"],
    ["ReceiveMessageWaitTimeSeconds", "2.5"],
  ] as const)
    expect(() => sqs.setQueueAttributes({ QueueUrl, Attributes: { [name]: value } })).toThrow(
      coded("InvalidAttributeValue"),
    );
});

test("a batch is refused as a whole for its number of entries and their ids", () => {
  const { sqs, QueueUrl } = withQueue();
  const send = (...ids: string[]) =>
    sqs.sendMessageBatch({ QueueUrl, Entries: ids.map((Id) => ({ Id, MessageBody: "x" })) });
  expect(() => send("a", "b", "a")).toThrow(coded("BatchEntryIdsNotDistinct"));
  expect(() => send("a b")).toThrow(coded("InvalidBatchEntryId"));
  expect(() => send(...Array.from({ length: 11 }, (_, i) => `m${i}`))).toThrow(
    coded("TooManyEntriesInBatchRequest"),
  );
  const MessageBody = "x".repeat(524_288);
  const Entries = [
    { Id: "a", MessageBody },
    { Id: "b", MessageBody: `${MessageBody}x` },
  ];
  expect(() => sqs.sendMessageBatch({ QueueUrl, Entries })).toThrow(coded("BatchRequestTooLong"));
});

test("a message beyond its retention is gone, also while it is in flight", () => {
  const { clock, sqs, QueueUrl, receive } = withQueue({
    MessageRetentionPeriod: "60",
    VisibilityTimeout: "600",
  });
  sqs.sendMessage({ QueueUrl, MessageBody: "x" });
  const [message] = receive();
  const hide = { QueueUrl, ReceiptHandle: message?.ReceiptHandle ?? "", VisibilityTimeout: 1 };
  clock.advance(seconds(60));
  sqs.changeMessageVisibility({ ...hide, VisibilityTimeout: 600 });
  clock.advance(seconds(1));
  expect(() => sqs.changeMessageVisibility(hide)).toThrow(coded("InvalidParameterValue"));
});
