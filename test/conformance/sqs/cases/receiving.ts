import type { Case } from "../../harness/case.ts";
import type { Sqs } from "../client.ts";
import { API, GUIDE, refused, type Scene, scene } from "../scene.ts";

const RECEIVE = `${API}API_ReceiveMessage.html`;
const CHANGE = `${API}API_ChangeMessageVisibility.html`;
const DELETE = `${API}API_DeleteMessage.html`;
const VISIBILITY = `${GUIDE}sqs-visibility-timeout.html`;
const POLLING = `${GUIDE}sqs-short-and-long-polling.html`;

const change = (q: Scene, ReceiptHandle: string, VisibilityTimeout: number) =>
  q.on("ChangeMessageVisibility", { ReceiptHandle, VisibilityTimeout });

export const receiving: readonly Case<Sqs>[] = [
  scene("a queue without messages gives none", async (q) => q.receive(), { is: [], source: RECEIVE }),
  scene(
    "one message comes where no number is asked for, and up to ten",
    async (q) => {
      for (let i = 0; i < 12; i++) await q.send(String(i));
      const one = await q.receive();
      return { one: one.length, ten: (await q.receive({ MaxNumberOfMessages: 10 })).length };
    },
    { is: { one: 1, ten: 10 }, source: RECEIVE },
  ),
  scene(
    "fewer than one message or more than ten cannot be asked for",
    async (q) => [
      await q.on("ReceiveMessage", { MaxNumberOfMessages: 0 }),
      await q.on("ReceiveMessage", { MaxNumberOfMessages: 11 }),
    ],
    { is: [refused("InvalidParameterValue"), refused("InvalidParameterValue")], source: RECEIVE },
  ),
  scene(
    "timeouts and waits outside of their spans are refused",
    async (q) => [
      await q.on("ReceiveMessage", { VisibilityTimeout: 43_201 }),
      await q.on("ReceiveMessage", { WaitTimeSeconds: 21 }),
      await q.on("ReceiveMessage", { WaitTimeSeconds: -1 }),
    ],
    {
      is: [
        refused("InvalidParameterValue"),
        refused("InvalidParameterValue"),
        refused("InvalidParameterValue"),
      ],
      source: RECEIVE,
    },
  ),
  scene(
    "a message in flight is hidden until its timeout is over, and then comes again",
    async (q) => {
      await q.send("x");
      const first = await q.only({ VisibilityTimeout: 1 });
      const hidden = await q.receive();
      const again = await q.only({ MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
      return {
        hidden: hidden.length,
        isSame: again.MessageId === first.MessageId,
        isOtherHandle: again.ReceiptHandle !== first.ReceiptHandle,
        receives: again.Attributes?.["ApproximateReceiveCount"],
      };
    },
    { is: { hidden: 0, isSame: true, isOtherHandle: true, receives: "2" }, source: VISIBILITY },
  ),
  scene(
    "a queue has a visibility timeout of its own",
    async (q) => {
      await q.send("x");
      await q.only();
      return (await q.receive()).length;
    },
    { is: 1, source: VISIBILITY },
    { VisibilityTimeout: "0" },
  ),
  scene(
    "a message can be given back",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only();
      const changed = await change(q, ReceiptHandle, 0);
      return { changed, again: (await q.receive()).length };
    },
    { is: { changed: {}, again: 1 }, source: CHANGE },
  ),
  scene(
    "a message can be hidden longer",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only({ VisibilityTimeout: 1 });
      await change(q, ReceiptHandle, 60);
      return (await q.receive({ WaitTimeSeconds: 2 })).length;
    },
    { is: 0, source: CHANGE },
  ),
  scene(
    "a message can be hidden for twelve hours at most",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only();
      return change(q, ReceiptHandle, 43_201);
    },
    { is: refused("InvalidParameterValue"), source: CHANGE },
  ),
  scene(
    "a message that is not in flight any more cannot be hidden",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only({ VisibilityTimeout: 0 });
      return change(q, ReceiptHandle, 10);
    },
    { is: refused("MessageNotInflight"), source: CHANGE },
  ),
  scene(
    "a deleted message does not come again",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only({ VisibilityTimeout: 1 });
      const deleted = await q.on("DeleteMessage", { ReceiptHandle });
      return { deleted, again: (await q.receive({ WaitTimeSeconds: 2 })).length };
    },
    { is: { deleted: {}, again: 0 }, source: DELETE },
  ),
  scene(
    "a message whose timeout is over can be deleted all the same",
    async (q) => {
      await q.send("x");
      const { ReceiptHandle } = await q.only({ VisibilityTimeout: 0 });
      await q.on("DeleteMessage", { ReceiptHandle });
      return (await q.receive()).length;
    },
    { is: 0, source: DELETE },
  ),
  scene(
    "a receipt handle that is none is refused",
    async (q) => [
      (await q.on("DeleteMessage", { ReceiptHandle: "nonsense" }))["refused"],
      (await change(q, "nonsense", 1))["refused"],
    ],
    { is: ["ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"], source: DELETE },
  ),
  scene(
    "a receipt handle of another queue is refused",
    async (q) => {
      const other = await q.another("other");
      await other.send("x");
      const { ReceiptHandle } = await other.only();
      return (await q.on("DeleteMessage", { ReceiptHandle }))["refused"];
    },
    { is: "ReceiptHandleIsInvalid", source: DELETE },
  ),
  scene(
    "a long poll ends with the message that arrives",
    async (q) => {
      const polled = q.receive({ WaitTimeSeconds: 20 });
      await q.send("arrives");
      return (await polled).map(({ Body }) => Body);
    },
    { is: ["arrives"], source: POLLING },
  ),
  scene(
    "a queue may have all polls wait",
    async (q) => {
      const polled = q.receive();
      await q.send("arrives");
      return (await polled).map(({ Body }) => Body);
    },
    { is: ["arrives"], source: POLLING },
    { ReceiveMessageWaitTimeSeconds: "20" },
  ),
];
