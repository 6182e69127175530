import { expect, test } from "vitest";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import { sqsFilter } from "../../../local/sources/record-filter.ts";
import { type SqsMapping, SqsSource } from "../../../local/sources/sqs-source.ts";
import { milliseconds, seconds } from "../../../shared/time/time.ts";
import { failedFrom, noWait, steppingClock, TAKEN, THROWN } from "./kinesis-fixture.ts";

type SqsRecord = {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
  readonly [name: string]: unknown;
};

function setUp(
  answer: (records: readonly SqsRecord[], call: number) => InvokeOutcome,
  mapping: Partial<SqsMapping> = {},
) {
  const clock = steppingClock();
  const sqs = new SqsModel({ clock });
  const { QueueUrl } = sqs.createQueue({ QueueName: "jobs", Attributes: { VisibilityTimeout: "30" } });
  const queueArn = sqs.getQueueAttributes({ QueueUrl }).Attributes["QueueArn"] ?? "";
  const batches: (readonly SqsRecord[])[] = [];
  const start = () =>
    new SqsSource({
      sqs,
      clock,
      wait: noWait,
      invoke: async (payload) => {
        const { Records } = JSON.parse(String(payload)) as { readonly Records: readonly SqsRecord[] };
        batches.push(Records);
        return answer(Records, batches.length);
      },
      mapping: {
        uuid: "11111111-2222-3333-4444-555555555555",
        queueArn,
        queueUrl: QueueUrl,
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:worker",
        batchSize: 10,
        batchingWindow: milliseconds(0),
        reportBatchItemFailures: true,
        filter: undefined,
        maximumConcurrency: 1,
        ...mapping,
      },
    });
  const send = (...bodies: readonly string[]) => {
    for (const MessageBody of bodies) sqs.sendMessage({ QueueUrl, MessageBody });
  };
  return { clock, queueArn, batches, start, send };
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise(setImmediate);
};

test("messages that the function takes are deleted", async () => {
  const { batches, start, send, queueArn } = setUp(() => TAKEN);
  send("a", "b");
  const source = start();
  await until(() => source.caughtUp());
  await source.close();
  expect(batches.flat().map(({ body }) => body)).toEqual(["a", "b"]);
  expect(batches[0]?.[0]).toMatchObject({
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: "us-east-1",
    receiptHandle: expect.any(String),
    attributes: { ApproximateReceiveCount: "1" },
  });
  expect(source.stats()).toEqual({ invocations: 1, failedInvocations: 0, delivered: 2, discarded: 0 });
});

test("a batch larger than one receive call is put together from several", async () => {
  const { batches, start, send } = setUp(() => TAKEN, { batchSize: 25 });
  send(...Array.from({ length: 25 }, (_, index) => String(index)));
  const source = start();
  await until(() => source.caughtUp());
  await source.close();
  expect(batches.map((batch) => batch.length)).toEqual([25]);
});

test("messages reported as failed come again when their visibility timeout is over", async () => {
  const { batches, start, send, clock } = setUp((records, call) =>
    call === 1 ? failedFrom(records[1]?.messageId ?? "") : TAKEN,
  );
  send("a", "b");
  const source = start();
  await until(() => batches.length === 1);
  clock.advance(30_001);
  await until(() => source.caughtUp());
  await source.close();
  expect(batches.map((batch) => batch.map(({ body }) => body))).toEqual([["a", "b"], ["b"]]);
});

test("a function that throws keeps all its messages in the queue", async () => {
  const { batches, start, send, clock } = setUp((_, call) => (call === 1 ? THROWN : TAKEN));
  send("a", "b");
  const source = start();
  await until(() => batches.length === 1);
  clock.advance(30_001);
  await until(() => source.caughtUp());
  await source.close();
  expect(batches[1]?.map(({ body }) => body)).toEqual(["a", "b"]);
  expect(source.stats().failedInvocations).toBe(1);
});

test("a throttled batch is tried again until its visibility timeout is over", async () => {
  let call = 0;
  const { batches, start, send, clock } = setUp(() => {
    call += 1;
    if (call < 3) throw new Error("throttled");
    if (call === 3) {
      clock.advance(30_001);
      throw new Error("throttled");
    }
    return TAKEN;
  });
  send("a");
  const source = start();
  await until(() => source.caughtUp());
  await source.close();
  const counts = batches.flat().map(({ attributes }) => attributes.ApproximateReceiveCount);
  expect(counts).toEqual(["1", "1", "1", "2"]);
});

test("messages that the filter does not let through are deleted", async () => {
  const filter = sqsFilter(['{"body":{"wanted":[true]}}']);
  const { batches, start, send } = setUp(() => TAKEN, { filter });
  send('{"wanted":false}', '{"wanted":true}', "plain");
  const source = start();
  await until(() => source.caughtUp());
  await source.close();
  expect(batches.flat().map(({ body }) => body)).toEqual(['{"wanted":true}']);
});

test("an event stays under 6 MB; what does not fit comes with the next one", async () => {
  const { batches, start, send } = setUp(() => TAKEN);
  const megabyte = "x".repeat(1_000_000);
  send(...Array.from({ length: 8 }, () => megabyte));
  const source = start();
  await until(() => source.caughtUp());
  await source.close();
  expect(batches.map((batch) => batch.length)).toEqual([6, 2]);
});

test("a batching window gathers what comes within it", async () => {
  const { batches, start, send, clock } = setUp(() => TAKEN, { batchingWindow: seconds(10), batchSize: 100 });
  send("a");
  const source = start();
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  send("b");
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(batches).toEqual([]);
  clock.advance(10_000);
  await until(() => source.caughtUp());
  await source.close();
  expect(batches.map((batch) => batch.map(({ body }) => body))).toEqual([["a", "b"]]);
});
