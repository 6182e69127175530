import { expect, test } from "vitest";
import { SqsModel } from "../../../../local/models/sqs/sqs-model.ts";
import { days, seconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

function withQueue(Attributes: Record<string, string> = {}) {
  const clock = new ManualClock();
  const sqs = new SqsModel({ clock, baseUrl: "http://127.0.0.1:4566" });
  const { QueueUrl } = sqs.createQueue({ QueueName: "work", Attributes });
  const bodies = () => sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }).Messages.map((m) => m.Body);
  return { clock, sqs, QueueUrl, bodies };
}

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
  expect(() => sqs.sendMessageBatch({ QueueUrl, Entries: [] })).toThrow(
    expect.objectContaining({ code: "EmptyBatchRequest" }),
  );
});

test("a message that was received too often moves to the dead-letter queue", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue({
    VisibilityTimeout: "1",
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
      maxReceiveCount: 2,
    }),
  });
  const dead = sqs.createQueue({ QueueName: "dead" });
  sqs.sendMessage({ QueueUrl, MessageBody: "poison" });
  for (const expected of [["poison"], ["poison"], []]) {
    expect(bodies()).toEqual(expected);
    clock.advance(seconds(1));
  }
  expect(sqs.receiveMessage(dead).Messages.map((m) => m.Body)).toEqual(["poison"]);
});

test("messages are dropped after their retention, and by a purge", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue({ VisibilityTimeout: "0" });
  sqs.sendMessage({ QueueUrl, MessageBody: "old" });
  clock.advance(days(4));
  sqs.sendMessage({ QueueUrl, MessageBody: "young" });
  expect(bodies()).toEqual(["old", "young"]);
  clock.advance(seconds(1));
  expect(bodies()).toEqual(["young"]);
  sqs.purgeQueue({ QueueUrl });
  expect(bodies()).toEqual([]);
});

test("a queue is found by its name, and a missing one is refused by name", () => {
  const { sqs, QueueUrl } = withQueue();
  expect(sqs.getQueueUrl({ QueueName: "work" })).toEqual({ QueueUrl });
  expect(sqs.listQueues().QueueUrls).toEqual(["http://127.0.0.1:4566/000000000000/work"]);
  expect(() => sqs.getQueueUrl({ QueueName: "none" })).toThrow(
    expect.objectContaining({ code: "QueueDoesNotExist" }),
  );
  expect(() => sqs.createQueue({ QueueName: "work.fifo" })).toThrow(
    expect.objectContaining({ code: "UnsupportedOperation" }),
  );
});

test("attributes that are set hold from then on, the others and the messages stay", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue({ VisibilityTimeout: "10", DelaySeconds: "1" });
  sqs.sendMessage({ QueueUrl, MessageBody: "a", DelaySeconds: 0 });
  sqs.setQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: "60" } });
  expect(bodies()).toEqual(["a"]);
  clock.advance(seconds(59));
  expect(bodies()).toEqual([]);
  clock.advance(seconds(1));
  expect(bodies()).toEqual(["a"]);
  expect(sqs.getQueueAttributes({ QueueUrl }).Attributes).toMatchObject({ DelaySeconds: "1" });
});

test("an empty redrive policy takes the dead-letter queue away", () => {
  const { clock, sqs, QueueUrl, bodies } = withQueue({ VisibilityTimeout: "1" });
  sqs.createQueue({ QueueName: "dead" });
  const policy = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:0:dead", maxReceiveCount: 1 });
  sqs.setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy: policy } });
  sqs.setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy: "" } });
  sqs.sendMessage({ QueueUrl, MessageBody: "a" });
  for (let receive = 0; receive < 3; receive++) {
    expect(bodies()).toEqual(["a"]);
    clock.advance(seconds(1));
  }
});
