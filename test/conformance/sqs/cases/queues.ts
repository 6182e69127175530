import type { Case } from "../../harness/case.ts";
import type { Sqs } from "../client.ts";
import { API, coded, GUIDE, refusalOf, refused, scene } from "../scene.ts";

const CREATE = `${API}API_CreateQueue.html`;
const GET = `${API}API_GetQueueAttributes.html`;
const SET = `${API}API_SetQueueAttributes.html`;
const LIST = `${API}API_ListQueues.html`;
const PURGE = `${API}API_PurgeQueue.html`;
const DELETE = `${API}API_DeleteQueue.html`;
const NAMES = `${GUIDE}quotas-queues.html`;

/** Values just outside of what is allowed. */
const SPANS: readonly (readonly [name: string, value: string])[] = [
  ["VisibilityTimeout", "43201"],
  ["DelaySeconds", "901"],
  ["MessageRetentionPeriod", "59"],
  ["MessageRetentionPeriod", "1209601"],
  ["MaximumMessageSize", "1023"],
  ["MaximumMessageSize", "1048577"],
  ["ReceiveMessageWaitTimeSeconds", "21"],
];

const nameOf = (url: unknown): string => String(url).split("/").at(-1) ?? "";

export const queues: readonly Case<Sqs>[] = [
  scene(
    "a queue of the same name and attributes is the same queue",
    async (q) => (await q.call("CreateQueue", { QueueName: q.name }))["QueueUrl"] === q.url,
    { is: true, source: CREATE },
  ),
  scene(
    "a queue of the same name with other attributes is refused",
    async (q) =>
      coded(await q.call("CreateQueue", { QueueName: q.name, Attributes: { VisibilityTimeout: "31" } })),
    { is: refused("QueueNameExists"), source: CREATE },
  ),
  scene(
    "a queue's name has up to 80 letters, digits, hyphens and underscores",
    async (q) => {
      const seen: Record<string, unknown> = {};
      for (const QueueName of ["with.dot", "with space", "x".repeat(81)])
        seen[QueueName] = coded(await q.call("CreateQueue", { QueueName }));
      return seen;
    },
    {
      is: Object.fromEntries(
        ["with.dot", "with space", "x".repeat(81)].map((name) => [name, refused("InvalidParameterValue")]),
      ),
      source: NAMES,
    },
  ),
  scene(
    "a queue is found by its name",
    async (q) => (await q.call("GetQueueUrl", { QueueName: q.name }))["QueueUrl"] === q.url,
    { is: true, source: `${API}API_GetQueueUrl.html` },
  ),
  scene(
    "a missing queue is told apart",
    async (q) => ({
      url: coded(await q.call("GetQueueUrl", { QueueName: "case-none" })),
      send: coded(await q.call("SendMessage", { QueueUrl: `${q.url}-none`, MessageBody: "x" })),
    }),
    {
      is: { url: refused("QueueDoesNotExist"), send: refused("QueueDoesNotExist") },
      source: `${API}API_GetQueueUrl.html`,
    },
  ),
  scene(
    "a refusal carries the query protocol's code beside its own",
    async (q) => {
      const missing = await q.call("GetQueueUrl", { QueueName: "case-none" });
      const empty = await q.call("SendMessageBatch", { QueueUrl: q.url, Entries: [] });
      return [missing["query"], empty["query"]];
    },
    {
      is: ["AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.EmptyBatchRequest"],
      source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html",
    },
  ),
  scene(
    "queues are listed under a prefix",
    async (q) => {
      await q.another("b");
      await q.another("a");
      const { QueueUrls } = await q.call("ListQueues", { QueueNamePrefix: q.name });
      return (QueueUrls as string[]).map((url) => nameOf(url).slice(q.name.length)).sort();
    },
    { is: ["", "-a", "-b"], source: LIST },
  ),
  scene(
    "queues are listed in pages where a size is asked for",
    async (q) => {
      for (const kind of ["a", "b"]) await q.another(kind);
      const sizes: number[] = [];
      let NextToken: unknown;
      do {
        const page = await q.call("ListQueues", { QueueNamePrefix: q.name, MaxResults: 2, NextToken });
        sizes.push((page["QueueUrls"] as unknown[]).length);
        NextToken = page["NextToken"];
      } while (NextToken !== undefined && NextToken !== null && sizes.length < 5);
      return sizes;
    },
    { is: [2, 1], source: LIST },
  ),
  scene(
    "pages of queues have 1 to 1,000",
    async (q) => ({
      none: coded(await q.call("ListQueues", { MaxResults: 0 })),
      more: coded(await q.call("ListQueues", { MaxResults: 1_001 })),
    }),
    {
      is: { none: refused("InvalidParameterValue"), more: refused("InvalidParameterValue") },
      source: LIST,
    },
  ),
  scene(
    "a deleted queue is gone",
    async (q) => ({
      deleted: await q.on("DeleteQueue"),
      send: await q.send("x"),
    }),
    { is: { deleted: {}, send: refused("QueueDoesNotExist") }, source: DELETE },
  ),
  scene(
    "a name is not free again at once",
    async (q) => {
      await q.on("DeleteQueue");
      return refusalOf(await q.call("CreateQueue", { QueueName: q.name }));
    },
    { is: refused("QueueDeletedRecently"), source: CREATE },
  ),
  scene(
    "a queue has the documented defaults",
    async (q) => {
      const all = await q.attributes("All");
      return Object.fromEntries(
        [
          "DelaySeconds",
          "MaximumMessageSize",
          "MessageRetentionPeriod",
          "ReceiveMessageWaitTimeSeconds",
          "VisibilityTimeout",
        ].map((name) => [name, all[name]]),
      );
    },
    {
      is: {
        DelaySeconds: "0",
        MaximumMessageSize: "1048576",
        MessageRetentionPeriod: "345600",
        ReceiveMessageWaitTimeSeconds: "0",
        VisibilityTimeout: "30",
      },
      source: CREATE,
    },
  ),
  scene(
    "only the attributes that are asked for are given",
    async (q) => q.attributes("VisibilityTimeout", "DelaySeconds"),
    { is: { VisibilityTimeout: "30", DelaySeconds: "0" }, source: GET },
  ),
  scene("who asks for no attributes gets none", (q) => q.attributes(), { is: {}, source: GET }),
  scene(
    "an attribute that there is none of cannot be asked for",
    async (q) => q.on("GetQueueAttributes", { AttributeNames: ["Nonsense"] }),
    { is: refused("InvalidAttributeName"), source: GET },
  ),
  scene(
    "an ARN names region, account and queue",
    async (q) => (await q.attributes("QueueArn"))["QueueArn"]?.replace(q.name, "queue"),
    { is: "arn:aws:sqs:us-east-1:000000000000:queue", source: GET },
  ),
  scene(
    "attributes are changed",
    async (q) => {
      const Attributes = { VisibilityTimeout: "0", DelaySeconds: "900", MessageRetentionPeriod: "60" };
      await q.on("SetQueueAttributes", { Attributes });
      return q.attributes("VisibilityTimeout", "DelaySeconds", "MessageRetentionPeriod");
    },
    {
      is: { VisibilityTimeout: "0", DelaySeconds: "900", MessageRetentionPeriod: "60" },
      source: SET,
    },
  ),
  scene(
    "attributes outside of their spans are refused",
    async (q) => {
      const seen: Record<string, unknown> = {};
      for (const [name, value] of SPANS)
        seen[`${name} ${value}`] = await q.on("SetQueueAttributes", { Attributes: { [name]: value } });
      return seen;
    },
    {
      is: Object.fromEntries(
        SPANS.map(([name, value]) => [`${name} ${value}`, refused("InvalidAttributeValue")]),
      ),
      source: SET,
    },
  ),
  scene(
    "an attribute that there is none of cannot be set",
    async (q) => q.on("SetQueueAttributes", { Attributes: { Nonsense: "1" } }),
    { is: refused("InvalidAttributeName"), source: SET },
  ),
  scene(
    "messages are counted by what may be done with them",
    async (q) => {
      await q.send("waits");
      await q.send("is received");
      await q.send("is delayed", { DelaySeconds: 900 });
      await q.receive();
      const { ApproximateNumberOfMessages, ...others } = await q.attributes("All");
      return [
        ApproximateNumberOfMessages,
        others["ApproximateNumberOfMessagesNotVisible"],
        others["ApproximateNumberOfMessagesDelayed"],
      ];
    },
    { is: ["1", "1", "1"], source: GET },
  ),
  scene(
    "a purge takes all messages, those in flight too",
    async (q) => {
      await q.send("a");
      await q.send("b");
      await q.receive();
      const purged = await q.on("PurgeQueue");
      const { ApproximateNumberOfMessages, ...others } = await q.attributes("All");
      return [purged, ApproximateNumberOfMessages, others["ApproximateNumberOfMessagesNotVisible"]];
    },
    { is: [{}, "0", "0"], source: PURGE },
  ),
  scene(
    "a second purge within a minute is refused",
    async (q) => {
      await q.on("PurgeQueue");
      return (await q.on("PurgeQueue"))["refused"];
    },
    { is: "PurgeQueueInProgress", source: PURGE },
  ),
];
