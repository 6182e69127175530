import { sqsFilter } from "../../../../local/sources/record-filter.ts";
import { minutes, seconds } from "../../../../shared/time/time.ts";
import type { Case } from "../../harness/case.ts";
import { FILTERING, MAPPINGS, SQS, SQS_ERRORS, SQS_PARAMETERS, SQS_SCALING } from "../pages.ts";
import { queueCase, type Scenes } from "../scenes.ts";
import { reports } from "../stream-scene.ts";

const FOREVER = new AbortController().signal;
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`);

/** A queue as a source. */
export const queues: readonly Case<Scenes>[] = [
  queueCase(
    "messages that the function takes are deleted",
    {
      source: SQS,
      says: "If your function successfully processes the batch, Lambda deletes the messages from the queue.",
      is: { bodies: ["m0", "m1"], left: { queue: 0, deadLetters: 0 } },
    },
    async (scene) => {
      scene.send("m0", "m1");
      scene.map();
      await scene.pass(seconds(1));
      return { bodies: scene.calls.flatMap(({ bodies }) => bodies), left: scene.left() };
    },
  ),
  queueCase(
    "a batch has at most ten messages by default",
    {
      source: SQS_PARAMETERS,
      says: "BatchSize: default 10. For standard queues, the maximum is 10,000. For FIFO queues, the maximum is 10.",
      is: [10, 10, 5],
    },
    async (scene) => {
      scene.send(...numbered(25));
      scene.map();
      await scene.pass(seconds(1));
      return scene.calls.map(({ bodies }) => bodies.length).toSorted((a, b) => b - a);
    },
  ),
  queueCase(
    "with a window a batch may have more, gathered until the window is over",
    {
      source: MAPPINGS,
      says: "For Kinesis, DynamoDB, and Amazon SQS event sources: … If you configure a MaximumBatchingWindowInSeconds, the next batching window begins as soon as the previous function invocation completes.",
      is: [{ at: 20, count: 30 }],
    },
    async (scene) => {
      scene.map({ batchSize: 100, batchingWindow: seconds(20), maximumConcurrency: 1 });
      scene.send(...numbered(10));
      await scene.pass(seconds(5));
      scene.send(...numbered(20));
      await scene.pass(seconds(30));
      return scene.calls.map(({ at, bodies }) => ({ at, count: bodies.length }));
    },
  ),
  queueCase(
    "a failed batch becomes visible again after the visibility timeout",
    {
      source: SQS,
      says: "By default, if your function encounters an error while processing a batch, all messages in that batch become visible in the queue again after the visibility timeout expires.",
      is: [
        { receives: [1, 1], again: false },
        { receives: [2, 2], again: true },
      ],
    },
    async (scene) => {
      scene.send("m0", "m1");
      scene.map({ maximumConcurrency: 1 }, (_, call) => (call === 1 ? "throw" : "take"));
      await scene.pass(minutes(1));
      return scene.calls.map(({ receives, at }) => ({ receives, again: at >= 30 }));
    },
  ),
  queueCase(
    "with ReportBatchItemFailures only the reported messages come again",
    {
      source: SQS_ERRORS,
      says: "To avoid reprocessing successfully processed messages in a failed batch, you can configure your event source mapping to make only the failed messages visible again.",
      is: [["m0", "m1", "m2"], ["m1"]],
    },
    async (scene) => {
      scene.send("m0", "m1", "m2");
      scene.map({ reportBatchItemFailures: true, maximumConcurrency: 1 }, (messages, call) =>
        call === 1 ? reports(messages[1]?.messageId) : "take",
      );
      await scene.pass(minutes(1));
      return scene.calls.map(({ bodies }) => bodies);
    },
  ),
  queueCase(
    "a reported message that is none of the batch fails all of it",
    {
      source: SQS_ERRORS,
      says: "Lambda treats a batch as a complete failure if your function returns any of the following: … An itemIdentifier value with a message ID that doesn't exist",
      is: [2, 2],
    },
    async (scene) => {
      scene.send("m0", "m1");
      scene.map({ reportBatchItemFailures: true, maximumConcurrency: 1 }, (_, call) =>
        call === 1 ? reports("no message") : "take",
      );
      await scene.pass(minutes(1));
      return scene.calls.map(({ bodies }) => bodies.length);
    },
  ),
  queueCase(
    "a function that throws fails the whole batch, also with ReportBatchItemFailures",
    {
      source: SQS_ERRORS,
      says: "If your function throws an exception, the entire batch is considered a complete failure.",
      is: [2, 2],
    },
    async (scene) => {
      scene.send("m0", "m1");
      scene.map({ reportBatchItemFailures: true, maximumConcurrency: 1 }, (_, call) =>
        call === 1 ? "throw" : "take",
      );
      await scene.pass(minutes(1));
      return scene.calls.map(({ bodies }) => bodies.length);
    },
  ),
  queueCase(
    "a message that keeps failing ends in the dead-letter queue after maxReceiveCount receives",
    {
      source: SQS_ERRORS,
      says: "If your function code caused the error, Lambda will stop processing and retrying the invocation. … After your queue's visibility timeout runs out, the message will again reappear in the queue.",
      is: { receives: [[1], [2], [3]], left: { queue: 0, deadLetters: 1 } },
    },
    async (scene) => {
      scene.send("m0");
      scene.map({ maximumConcurrency: 1 }, () => "throw");
      await scene.pass(minutes(5));
      return { receives: scene.calls.map(({ receives }) => receives), left: scene.left() };
    },
  ),
  queueCase(
    "a throttled batch is tried again without being received again, until its visibility timeout",
    {
      source: SQS_ERRORS,
      says: "If the invocation fails due to throttling, … Lambda continues to retry the message until the message's timestamp exceeds your queue's visibility timeout, at which point Lambda drops the message.",
      is: { first: [1], last: [2], firstUntil: true, taken: true },
    },
    async (scene) => {
      scene.send("m0");
      scene.map({ maximumConcurrency: 1 }, (messages) =>
        messages[0]?.attributes.ApproximateReceiveCount === "1" ? "throttle" : "take",
      );
      await scene.pass(minutes(2));
      const ofFirst = scene.calls.filter(({ receives }) => receives[0] === 1);
      return {
        first: ofFirst.at(-1)?.receives,
        last: scene.calls.at(-1)?.receives,
        firstUntil: ofFirst.length > 5 && (ofFirst.at(-1)?.at ?? 31) <= 30,
        taken: scene.left().queue === 0,
      };
    },
  ),
  queueCase(
    "MaximumConcurrency limits invocations at once, and throttles nothing",
    {
      source: SQS_SCALING,
      says: "The maximum concurrency setting limits the number of concurrent instances of the function that an Amazon SQS event source can invoke.",
      is: { most: 2, taken: 60 },
    },
    async (scene) => {
      scene.send(...numbered(60));
      scene.map({ maximumConcurrency: 2 }, async () => {
        await scene.time.wait(seconds(1), FOREVER);
        return "take" as const;
      });
      await scene.pass(minutes(1));
      return { most: scene.mostRunning, taken: scene.calls.flatMap(({ bodies }) => bodies).length };
    },
  ),
  queueCase(
    "an event stays under 6 MB",
    {
      source: MAPPINGS,
      says: "The payload size reaches 6 MB. You cannot modify this limit.",
      is: { counts: [6, 4], atMost6MB: true },
    },
    async (scene) => {
      scene.send(...Array.from({ length: 10 }, () => "x".repeat(1_000_000)));
      scene.map({ maximumConcurrency: 1 });
      await scene.pass(seconds(1));
      return {
        counts: scene.calls.map(({ bodies }) => bodies.length),
        atMost6MB: scene.calls.every(({ bytes }) => bytes <= 6 * 1024 * 1024),
      };
    },
  ),
  queueCase(
    "a message that fits no filter is deleted",
    {
      source: FILTERING,
      says: "If an Amazon SQS message doesn't satisfy your filter criteria, Lambda automatically removes the message from the queue.",
      is: { bodies: ['{"kind":"order"}'], left: { queue: 0, deadLetters: 0 } },
    },
    async (scene) => {
      scene.send('{"kind":"order"}', '{"kind":"offer"}', "order");
      scene.map({ filter: sqsFilter(['{"body":{"kind":["order"]}}']) });
      await scene.pass(seconds(1));
      return { bodies: scene.calls.flatMap(({ bodies }) => bodies), left: scene.left() };
    },
  ),
  queueCase(
    "a filter for plain text lets no JSON through",
    {
      source: FILTERING,
      says: "Incoming message body format Valid JSON, filter pattern body format Plain string: Lambda drops the message.",
      is: { bodies: ["order"], left: { queue: 0, deadLetters: 0 } },
    },
    async (scene) => {
      scene.send('{"order":1}', "order", "offer");
      scene.map({ filter: sqsFilter(['{"body":["order"]}']) });
      await scene.pass(seconds(1));
      return { bodies: scene.calls.flatMap(({ bodies }) => bodies), left: scene.left() };
    },
  ),
  queueCase(
    "a mapping that is switched off leaves the messages where they are",
    {
      source: SQS_PARAMETERS,
      says: "Enabled: default true",
      is: { meanwhile: 0, waiting: 2, after: 2 },
    },
    async (scene) => {
      const source = scene.map();
      await source.disable();
      await scene.pass(seconds(1));
      scene.send("m0", "m1");
      await scene.pass(minutes(1));
      const [meanwhile, waiting] = [scene.calls.length, scene.left().queue];
      source.enable();
      await scene.pass(seconds(1));
      return { meanwhile, waiting, after: scene.calls.flatMap(({ bodies }) => bodies).length };
    },
  ),
  queueCase(
    "an event of messages looks as documented",
    {
      source: SQS,
      says: "Example standard queue message event",
      is: {
        Records: [
          {
            messageId: "text",
            receiptHandle: "text",
            body: "m0",
            attributes: {
              ApproximateReceiveCount: "1",
              SentTimestamp: "1700000000000",
              SenderId: "text",
              ApproximateFirstReceiveTimestamp: "1700000000000",
            },
            messageAttributes: {},
            md5OfBody: "ced6bfe1f650f6b338594d37eb7850d2",
            eventSource: "aws:sqs",
            eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:jobs",
            awsRegion: "us-east-1",
          },
        ],
      },
    },
    async (scene) => {
      scene.send("m0");
      scene.map();
      await scene.pass(seconds(1));
      const { Records } = JSON.parse(scene.events[0] ?? "");
      const [{ attributes, ...record }] = Records;
      return {
        Records: [
          {
            ...record,
            messageId: typeof record.messageId === "string" && "text",
            receiptHandle: typeof record.receiptHandle === "string" && "text",
            attributes: { ...attributes, SenderId: typeof attributes.SenderId === "string" && "text" },
          },
        ],
      };
    },
  ),
];
