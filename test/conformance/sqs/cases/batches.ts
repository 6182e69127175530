import type { Case } from "../../harness/case.ts";
import type { Answer, Sqs } from "../client.ts";
import { API, refusalOf, refused, type Scene, scene } from "../scene.ts";

const SEND = `${API}API_SendMessageBatch.html`;
const DELETE = `${API}API_DeleteMessageBatch.html`;
const CHANGE = `${API}API_ChangeMessageVisibilityBatch.html`;

const entry = (Id: string, MessageBody = Id, more: object = {}) => ({ Id, MessageBody, ...more });
const send = (q: Scene, ...Entries: readonly object[]) => q.on("SendMessageBatch", { Entries });

type Entries = readonly { readonly Id: string; readonly Code?: string; readonly SenderFault?: boolean }[];

/** Which entries succeeded, and which failed how. */
const ended = (answer: Answer) => ({
  successful: ((answer["Successful"] ?? []) as Entries).map(({ Id }) => Id).sort(),
  failed: ((answer["Failed"] ?? []) as Entries).map(({ Id, Code, SenderFault }) => ({
    Id,
    Code,
    SenderFault,
  })),
});

export const batches: readonly Case<Sqs>[] = [
  scene(
    "ten messages are sent at once",
    async (q) => {
      const ids = Array.from({ length: 10 }, (_, i) => `m${i}`);
      const done = ended(await send(q, ...ids.map((id) => entry(id))));
      const bodies = (await q.receive({ MaxNumberOfMessages: 10 })).map(({ Body }) => Body);
      return { ...done, bodies: bodies.sort() };
    },
    {
      is: {
        successful: Array.from({ length: 10 }, (_, i) => `m${i}`),
        failed: [],
        bodies: Array.from({ length: 10 }, (_, i) => `m${i}`),
      },
      source: SEND,
    },
  ),
  scene("a batch has an entry", (q) => send(q), { is: refused("EmptyBatchRequest"), source: SEND }),
  scene(
    "a batch has no more than ten entries",
    (q) => send(q, ...Array.from({ length: 11 }, (_, i) => entry(`m${i}`))),
    { is: refused("TooManyEntriesInBatchRequest"), source: SEND },
  ),
  scene("entries have different ids", (q) => send(q, entry("a"), entry("a")), {
    is: refused("BatchEntryIdsNotDistinct"),
    source: SEND,
  }),
  scene(
    "ids have up to 80 letters, digits, hyphens and underscores",
    async (q) => [await send(q, entry("a b")), await send(q, entry("x".repeat(81)))],
    { is: [refused("InvalidBatchEntryId"), refused("InvalidBatchEntryId")], source: SEND },
  ),
  scene(
    "an entry that cannot be fails alone",
    async (q) => ended(await send(q, entry("good"), entry("late", "x", { DelaySeconds: 901 }))),
    {
      is: {
        successful: ["good"],
        failed: [{ Id: "late", Code: "InvalidParameterValue", SenderFault: true }],
      },
      source: SEND,
    },
  ),
  scene(
    "a batch has up to 1 MiB in all",
    async (q) => {
      const half = "x".repeat(524_288);
      return {
        most: refusalOf(await send(q, entry("a", half), entry("b", half))),
        more: refusalOf(await send(q, entry("a", half), entry("b", `${half}x`))),
      };
    },
    { is: { most: {}, more: refused("BatchRequestTooLong") }, source: SEND },
  ),
  scene(
    "messages are deleted in a batch, each on its own",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only();
      const Entries = [
        { Id: "good", ReceiptHandle },
        { Id: "bad", ReceiptHandle: "nonsense" },
      ];
      return ended(await q.on("DeleteMessageBatch", { Entries }));
    },
    {
      is: {
        successful: ["good"],
        failed: [{ Id: "bad", Code: "ReceiptHandleIsInvalid", SenderFault: true }],
      },
      source: DELETE,
    },
  ),
  scene(
    "messages are given back in a batch, each on its own",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only();
      const Entries = [
        { Id: "good", ReceiptHandle, VisibilityTimeout: 0 },
        { Id: "bad", ReceiptHandle: "nonsense", VisibilityTimeout: 0 },
      ];
      const done = ended(await q.on("ChangeMessageVisibilityBatch", { Entries }));
      return { ...done, again: (await q.receive()).length };
    },
    {
      is: {
        successful: ["good"],
        failed: [{ Id: "bad", Code: "ReceiptHandleIsInvalid", SenderFault: true }],
        again: 1,
      },
      source: CHANGE,
    },
  ),
];
