import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import {
  anySteps,
  type Call,
  changesOf,
  isChange,
  type Subject,
  told,
  toldWithRestarts,
} from "./restarts.ts";

const urlOf = (name: string) => `http://127.0.0.1/000000000000/${name}`;
const anyQueue = fc.constantFrom("orders", "dead").map((name) => ({ QueueUrl: urlOf(name) }));
const merged = <A extends object, B extends object>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>) =>
  fc.tuple(a, b).map(([left, right]) => ({ ...left, ...right }));
const REDRIVE = JSON.stringify({
  deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
  maxReceiveCount: 2,
});

const anyMessage = fc.record({
  MessageBody: fc.string({ minLength: 1, maxLength: 8 }),
  DelaySeconds: fc.constantFrom(undefined, 0, 2),
  MessageAttributes: fc.constantFrom(undefined, { by: { DataType: "String", StringValue: "me" } }),
});
const anyTimeout = fc.constantFrom(0, 1, 30);
const ids = <T extends object>(entries: readonly T[]) =>
  entries.map((entry, index) => ({ Id: String(index), ...entry }));

/** A handle is only known once a message was received: the last one that the story's receives gave. */
const LAST = "the last handle";
const anyHandle = fc.constant({ ReceiptHandle: LAST });

const CALLS: Readonly<Record<string, fc.Arbitrary<object>>> = {
  createQueue: fc.constantFrom({ QueueName: "dead" }, { QueueName: "orders" }),
  deleteQueue: anyQueue,
  sendMessage: merged(anyQueue, anyMessage),
  sendMessageBatch: merged(
    anyQueue,
    fc.array(anyMessage, { minLength: 1, maxLength: 3 }).map((entries) => ({ Entries: ids(entries) })),
  ),
  receiveMessage: merged(
    anyQueue,
    fc.record({
      MaxNumberOfMessages: fc.constantFrom(1, 3, 10),
      VisibilityTimeout: fc.constantFrom(undefined, 0, 1),
    }),
  ),
  deleteMessage: merged(anyQueue, anyHandle),
  deleteMessageBatch: merged(
    anyQueue,
    anyHandle.map((handle) => ({ Entries: ids([handle]) })),
  ),
  changeMessageVisibility: merged(
    merged(anyQueue, anyHandle),
    anyTimeout.map((VisibilityTimeout) => ({ VisibilityTimeout })),
  ),
  changeMessageVisibilityBatch: merged(
    anyQueue,
    fc.tuple(anyHandle, anyTimeout).map(([handle, VisibilityTimeout]) => ({
      Entries: ids([{ ...handle, VisibilityTimeout }]),
    })),
  ),
  setQueueAttributes: merged(
    anyQueue,
    fc
      .constantFrom<Readonly<Record<string, string>>>(
        { VisibilityTimeout: "1" },
        { MessageRetentionPeriod: "60" },
        { MessageRetentionPeriod: "1209600" },
        { RedrivePolicy: REDRIVE },
        { RedrivePolicy: "" },
      )
      .map((Attributes) => ({ Attributes })),
  ),
  purgeQueue: anyQueue,
  getQueueAttributes: anyQueue,
};

const anyCall = fc.oneof(
  ...Object.entries(CALLS).map(([call, input]) => ({
    weight: call.includes("Message") || call === "purgeQueue" ? 4 : 1,
    arbitrary: input.map((value): Call => ({ call, input: value })),
  })),
);

/** A model whose calls may name the last handle that a receive gave out, over all its lives. */
function subjectWith(): Subject<SqsModel> {
  let last = "none";
  return {
    service: "sqs",
    make: (options) => new SqsModel(options),
    call: (model, { call, input }) => {
      const text = JSON.stringify(input).replaceAll(LAST, last);
      const answer = (model as unknown as Readonly<Record<string, (given: unknown) => unknown>>)[call]?.(
        JSON.parse(text),
      );
      if (call === "receiveMessage") {
        const { Messages } = answer as { readonly Messages: readonly { readonly ReceiptHandle: string }[] };
        last = Messages.at(-1)?.ReceiptHandle ?? last;
      }
      return answer;
    },
    observe: (sqs) =>
      sqs.listQueues().QueueUrls.map((QueueUrl) => ({
        attributes: sqs.getQueueAttributes({ QueueUrl }),
        sources: sqs.listDeadLetterSourceQueues({ QueueUrl }),
        messages: sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
      })),
  };
}

test.prop([anySteps(anyCall)], { numRuns: 100 })(
  "queues answer and hold the same, however often and however their process ends",
  async (steps) => {
    const all = [
      { call: "createQueue", input: { QueueName: "dead" } },
      { call: "createQueue", input: { QueueName: "orders", Attributes: { RedrivePolicy: REDRIVE } } },
      ...steps,
    ];
    expect(await toldWithRestarts(subjectWith(), all)).toEqual(told(subjectWith(), all));
  },
  120_000,
);

test("every operation that changes a queue is tried", () => {
  const model = subjectWith().make({ clock: { now: () => 0 as never } });
  expect(changesOf(model, ["longPoll"])).toEqual(Object.keys(CALLS).filter(isChange).sort());
});
