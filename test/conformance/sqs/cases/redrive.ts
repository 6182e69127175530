import type { Case } from "../../harness/case.ts";
import type { Sqs } from "../client.ts";
import { API, GUIDE, refused, type Scene, scene } from "../scene.ts";

const REDRIVE = `${GUIDE}sqs-dead-letter-queues.html`;
const SET = `${API}API_SetQueueAttributes.html`;
const RECEIVE = `${API}API_ReceiveMessage.html`;

const policy = (deadLetterTargetArn: string, maxReceiveCount: unknown) => ({
  Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }) },
});

/** A dead-letter queue behind the queue. */
async function dead(q: Scene, maxReceiveCount: number): Promise<Scene> {
  const queue = await q.another("dead");
  const { QueueArn = "" } = await queue.attributes("QueueArn");
  await q.on("SetQueueAttributes", policy(QueueArn, maxReceiveCount));
  return queue;
}

/** Sends a message and receives it in vain until it is given up. */
async function poisoned(q: Scene, receives: number): Promise<void> {
  await q.send("poison", { MessageAttributes: { why: { DataType: "String", StringValue: "test" } } });
  for (let i = 0; i < receives; i++) await q.only({ VisibilityTimeout: 0 });
  await q.receive();
}

export const redrive: readonly Case<Sqs>[] = [
  scene(
    "a message that was received too often is in the dead-letter queue, with its attributes",
    async (q) => {
      const queue = await dead(q, 2);
      await poisoned(q, 2);
      const { Body, MessageAttributes } = await queue.only({ MessageAttributeNames: ["All"] });
      return { Body, MessageAttributes, left: (await q.receive()).length };
    },
    {
      is: {
        Body: "poison",
        MessageAttributes: { why: { DataType: "String", StringValue: "test" } },
        left: 0,
      },
      source: REDRIVE,
    },
  ),
  scene(
    "a message is not given up before",
    async (q) => {
      await dead(q, 3);
      await q.send("x");
      const seen: string[] = [];
      for (let i = 0; i < 3; i++) seen.push((await q.only({ VisibilityTimeout: 0 })).Body);
      return { seen, after: (await q.receive()).length };
    },
    { is: { seen: ["x", "x", "x"], after: 0 }, source: REDRIVE },
  ),
  scene(
    "receives are counted across queues",
    async (q) => {
      const queue = await dead(q, 1);
      await poisoned(q, 1);
      const { Attributes } = await queue.only({ MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
      return Attributes?.["ApproximateReceiveCount"];
    },
    { is: "2", source: RECEIVE },
  ),
  scene(
    "a dead letter names the queue that it comes from",
    async (q) => {
      const queue = await dead(q, 1);
      await poisoned(q, 1);
      const { Attributes } = await queue.only({ MessageSystemAttributeNames: ["All"] });
      return Attributes?.["DeadLetterQueueSourceArn"]?.replace(q.name, "source");
    },
    { is: "arn:aws:sqs:us-east-1:000000000000:source", source: `${API}API_Message.html` },
  ),
  scene(
    "a dead letter is as old as it was",
    async (q) => {
      const queue = await dead(q, 1);
      await q.send("x");
      const names = { MessageSystemAttributeNames: ["SentTimestamp"] };
      const before = await q.only({ ...names, VisibilityTimeout: 1 });
      // it is given up when its timeout is over and somebody asks
      await q.receive({ WaitTimeSeconds: 2 });
      const after = await queue.only(names);
      return before.Attributes?.["SentTimestamp"] === after.Attributes?.["SentTimestamp"];
    },
    { is: true, source: REDRIVE },
  ),
  scene(
    "the queues that send to a dead-letter queue are listed",
    async (q) => {
      const queue = await dead(q, 1);
      const { queueUrls } = await queue.on("ListDeadLetterSourceQueues");
      return (queueUrls as string[]).map((url) => url === q.url);
    },
    { is: [true], source: `${API}API_ListDeadLetterSourceQueues.html` },
  ),
  scene(
    "a dead-letter queue must be there",
    (q) => q.on("SetQueueAttributes", policy("arn:aws:sqs:us-east-1:000000000000:case-none", 1)),
    { is: refused("InvalidParameterValue"), source: SET },
  ),
  scene(
    "a redrive policy must be one",
    (q) => q.on("SetQueueAttributes", { Attributes: { RedrivePolicy: "nonsense" } }),
    { is: refused("InvalidParameterValue"), source: SET },
  ),
  scene(
    "a redrive policy is given back",
    async (q) => {
      await dead(q, 7);
      const { RedrivePolicy = "" } = await q.attributes("RedrivePolicy");
      return Number((JSON.parse(RedrivePolicy) as { maxReceiveCount: unknown }).maxReceiveCount);
    },
    { is: 7, source: `${API}API_GetQueueAttributes.html` },
  ),
];
