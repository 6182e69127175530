import type { Case } from "../../harness/case.ts";
import type { Sqs } from "../client.ts";
import { API, GUIDE, refusalOf, refused, type Scene, scene } from "../scene.ts";

const SEND = `${API}API_SendMessage.html`;
const RECEIVE = `${API}API_ReceiveMessage.html`;
const QUOTAS = `${GUIDE}quotas-messages.html`;
const ERRORS = `${API}CommonErrors.html`;
const METADATA = `${GUIDE}sqs-message-metadata.html`;
const MIB = 1_048_576;

const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
const ATTRIBUTES = {
  kind: text("test"),
  "app.id": text("7", "Number"),
  "app.raw": { DataType: "Binary.png", BinaryValue: "AAH/" },
};

/** Whether a message with these attributes is taken. */
const withAttributes = (MessageAttributes: object) => async (q: Scene) =>
  (await q.send("x", { MessageAttributes }))["refused"] === undefined;

/** The names of the attributes that come with a message. */
const askedFor =
  (...MessageAttributeNames: readonly string[]) =>
  async (q: Scene) => {
    await q.send("x", { MessageAttributes: ATTRIBUTES });
    const { MessageAttributes = {} } = await q.only({ MessageAttributeNames });
    return Object.keys(MessageAttributes).sort();
  };

export const messages: readonly Case<Sqs>[] = [
  scene(
    "what is sent is received, with its MD5",
    async (q) => {
      const { MD5OfMessageBody } = await q.send("hello");
      const { Body, MD5OfBody } = await q.only();
      return { sent: MD5OfMessageBody, Body, MD5OfBody };
    },
    {
      is: {
        sent: "5d41402abc4b2a76b9719d911017c592",
        Body: "hello",
        MD5OfBody: "5d41402abc4b2a76b9719d911017c592",
      },
      source: SEND,
    },
  ),
  scene(
    "a message keeps its id",
    async (q) => {
      const { MessageId } = await q.send("x");
      return (await q.only()).MessageId === MessageId;
    },
    { is: true, source: RECEIVE },
  ),
  scene(
    "a body may have any letters that XML has",
    async (q) => {
      await q.send("\t\n ü 日本 😀 <&>\"'");
      return (await q.only()).Body;
    },
    { is: "\t\n ü 日本 😀 <&>\"'", source: SEND },
  ),
  scene(
    "a body with characters that XML does not have is refused",
    async (q) => refusalOf(await q.send("a\u0000b")),
    { is: refused("InvalidMessageContents"), source: SEND },
  ),
  scene("a body without a character is refused", async (q) => refusalOf(await q.send("")), {
    is: refused("MissingParameter"),
    source: ERRORS,
  }),
  scene(
    "a message has up to 1 MiB",
    async (q) => ({
      most: refusalOf(await q.send("x".repeat(MIB))),
      more: refusalOf(await q.send("x".repeat(MIB + 1))),
    }),
    { is: { most: {}, more: refused("InvalidParameterValue") }, source: QUOTAS },
  ),
  scene(
    "a queue may allow less",
    async (q) => ({
      most: refusalOf(await q.send("x".repeat(1_024))),
      more: refusalOf(await q.send("x".repeat(1_025))),
    }),
    { is: { most: {}, more: refused("InvalidParameterValue") }, source: `${API}API_SetQueueAttributes.html` },
    { MaximumMessageSize: "1024" },
  ),
  scene(
    "names, types and values of attributes count into a message's size",
    async (q) => ({
      most: refusalOf(await q.send("x".repeat(1_013), { MessageAttributes: { ab: text("cde") } })),
      more: refusalOf(await q.send("x".repeat(1_014), { MessageAttributes: { ab: text("cde") } })),
    }),
    { is: { most: {}, more: refused("InvalidParameterValue") }, source: METADATA },
    { MaximumMessageSize: "1024" },
  ),
  scene(
    "attributes come back as they were sent",
    async (q) => {
      await q.send("x", { MessageAttributes: ATTRIBUTES });
      return (await q.only({ MessageAttributeNames: ["All"] })).MessageAttributes;
    },
    { is: ATTRIBUTES, source: METADATA },
  ),
  scene(
    "attributes have an MD5 over names, types and values",
    async (q) => {
      const { MD5OfMessageAttributes: sent } = await q.send("x", { MessageAttributes: ATTRIBUTES });
      const { MD5OfMessageAttributes } = await q.only({ MessageAttributeNames: ["All"] });
      return { sent, received: MD5OfMessageAttributes };
    },
    {
      is: {
        sent: "f6ca133d7eb0eac8ad8de56c3af9c355",
        received: "f6ca133d7eb0eac8ad8de56c3af9c355",
      },
      source: METADATA,
    },
  ),
  scene("who asks for no attributes of a message gets none", askedFor(), { is: [], source: RECEIVE }),
  scene("attributes are asked for by name", askedFor("kind", "none"), { is: ["kind"], source: RECEIVE }),
  scene("attributes are asked for by prefix", askedFor("app.*"), {
    is: ["app.id", "app.raw"],
    source: RECEIVE,
  }),
  scene(
    "a message has up to ten attributes",
    async (q) => {
      const some = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, text("1")]));
      return { most: await withAttributes(some(10))(q), more: await withAttributes(some(11))(q) };
    },
    { is: { most: true, more: false }, source: QUOTAS },
  ),
  scene("an attribute's name has no reserved prefix", withAttributes({ "AWS.x": text("1") }), {
    is: false,
    source: METADATA,
  }),
  scene("an attribute's name has no dot at its end", withAttributes({ "x.": text("1") }), {
    is: false,
    source: METADATA,
  }),
  scene("an attribute is a String, a Number or Binary", withAttributes({ a: text("1", "Json") }), {
    is: false,
    source: METADATA,
  }),
  scene("an attribute has a value", withAttributes({ a: { DataType: "String" } }), {
    is: false,
    source: METADATA,
  }),
  scene(
    "the service's own attributes come where they are asked for",
    async (q) => {
      await q.send("x");
      const bare = await q.only({ VisibilityTimeout: 0 });
      const asked = await q.only({
        MessageSystemAttributeNames: ["SentTimestamp", "ApproximateReceiveCount"],
      });
      return {
        bare: Object.keys(bare.Attributes ?? {}),
        asked: Object.keys(asked.Attributes ?? {}).sort(),
        receives: asked.Attributes?.["ApproximateReceiveCount"],
      };
    },
    {
      is: { bare: [], asked: ["ApproximateReceiveCount", "SentTimestamp"], receives: "2" },
      source: RECEIVE,
    },
  ),
  scene(
    "all of the service's own attributes can be asked for at once, also under the older name",
    async (q) => {
      await q.send("x");
      const names = async (asked: object) => Object.keys((await q.only(asked)).Attributes ?? {}).sort();
      return {
        now: await names({ MessageSystemAttributeNames: ["All"], VisibilityTimeout: 0 }),
        older: await names({ AttributeNames: ["All"] }),
      };
    },
    {
      is: {
        now: ["ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"],
        older: ["ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"],
      },
      source: RECEIVE,
    },
  ),
  scene(
    "X-Ray's header comes back",
    async (q) => {
      const AWSTraceHeader = text("Root=1-5759e988-bd862e3fe1be46a994272793");
      await q.send("x", { MessageSystemAttributes: { AWSTraceHeader } });
      const { Attributes } = await q.only({ MessageSystemAttributeNames: ["AWSTraceHeader"] });
      return Attributes;
    },
    {
      is: { AWSTraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793" },
      source: `${API}API_MessageSystemAttributeValue.html`,
    },
  ),
  scene(
    "a group id is taken by a standard queue, and comes back",
    async (q) => {
      const sent = refusalOf(await q.send("x", { MessageGroupId: "tenant-1" }));
      if (sent["refused"] !== undefined) return sent;
      return (await q.only({ MessageSystemAttributeNames: ["MessageGroupId"] })).Attributes;
    },
    { is: { MessageGroupId: "tenant-1" }, source: `${GUIDE}sqs-fair-queues.html` },
  ),
  scene(
    "a deduplication id is refused by a standard queue",
    async (q) => refusalOf(await q.send("x", { MessageDeduplicationId: "1" })),
    { is: refused("InvalidParameterValue"), source: SEND },
  ),
  scene(
    "a delayed message comes later",
    async (q) => {
      await q.send("later", { DelaySeconds: 1 });
      return { now: (await q.receive()).length, later: (await q.only()).Body };
    },
    { is: { now: 0, later: "later" }, source: `${GUIDE}sqs-message-timers.html` },
  ),
  scene(
    "a queue may delay all messages, and a message not",
    async (q) => {
      await q.send("later");
      await q.send("now", { DelaySeconds: 0 });
      return (await q.receive({ MaxNumberOfMessages: 10 })).map(({ Body }) => Body);
    },
    { is: ["now"], source: `${GUIDE}sqs-delay-queues.html` },
    { DelaySeconds: "900" },
  ),
  scene(
    "a delay has up to 15 minutes",
    async (q) => ({
      most: refusalOf(await q.send("x", { DelaySeconds: 900 })),
      more: refusalOf(await q.send("x", { DelaySeconds: 901 })),
      less: refusalOf(await q.send("x", { DelaySeconds: -1 })),
    }),
    {
      is: { most: {}, more: refused("InvalidParameterValue"), less: refused("InvalidParameterValue") },
      source: QUOTAS,
    },
  ),
];
