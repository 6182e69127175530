import { setTimeout as sleep } from "node:timers/promises";
import type { Case } from "../../harness/case.ts";
import type { Answer, Kinesis } from "../client.ts";
import { TRANSITION } from "../conditions.ts";
import {
  api,
  EXCEEDED,
  IN_USE,
  INVALID,
  NOT_FOUND,
  type Scene,
  scene,
  streamed,
  VALIDATION,
} from "../scene.ts";

const register = (stream: Scene, ConsumerName: string): Promise<Answer> =>
  stream.call("RegisterStreamConsumer", { StreamARN: stream.arn, ConsumerName });
const settled = (): Promise<void> => sleep(TRANSITION + 100);
const arnOf = (answer: Answer): unknown => (answer["Consumer"] as Answer | undefined)?.["ConsumerARN"];

/** A consumer without its times. */
function seen(consumer: unknown): unknown {
  const { ConsumerName, ConsumerARN, ConsumerStatus, StreamARN } = consumer as Answer;
  const arn = String(ConsumerARN).replace(/:\d+$/, ":time");
  return { ConsumerName, ConsumerARN: arn, ConsumerStatus, ...(StreamARN !== undefined && { StreamARN }) };
}

const described = async (stream: Scene, ref: object): Promise<unknown> => {
  const answer = await stream.call("DescribeStreamConsumer", ref);
  return answer["refused"] === undefined ? seen(answer["ConsumerDescription"]) : answer;
};
const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/stream";
const reader = (ConsumerStatus: string): Answer => ({
  ConsumerName: "reader",
  ConsumerARN: `${STREAM}/consumer/reader:time`,
  ConsumerStatus,
});

export const consumerCases: readonly Case<Kinesis>[] = [
  streamed(
    "a consumer is CREATING before it is ACTIVE",
    1,
    async (stream) => {
      const { Consumer } = await register(stream, "reader");
      await settled();
      return [seen(Consumer), await described(stream, { StreamARN: stream.arn, ConsumerName: "reader" })];
    },
    {
      is: [reader("CREATING"), { ...reader("ACTIVE"), StreamARN: STREAM }],
      source: api("RegisterStreamConsumer"),
    },
  ),
  streamed(
    "a consumer goes by its ARN, or by its stream's ARN and its name",
    1,
    async (stream) => {
      const ConsumerARN = arnOf(await register(stream, "reader"));
      await settled();
      const byName = { StreamARN: stream.arn, ConsumerName: "reader" };
      return [
        await described(stream, { ConsumerARN }),
        await described(stream, byName),
        await described(stream, { ...byName, ConsumerARN }),
      ];
    },
    { is: Array(3).fill({ ...reader("ACTIVE"), StreamARN: STREAM }), source: api("DescribeStreamConsumer") },
  ),
  streamed(
    "a consumer that is not fully named is refused",
    1,
    async (stream) => [
      await described(stream, { StreamARN: stream.arn }),
      await described(stream, { ConsumerName: "reader" }),
      await described(stream, {}),
    ],
    { is: [INVALID, INVALID, INVALID], source: api("DescribeStreamConsumer") },
  ),
  streamed(
    "a consumer that is not there is neither described nor deregistered",
    1,
    async (stream) => {
      const byName = { StreamARN: stream.arn, ConsumerName: "reader" };
      const byArn = { ConsumerARN: `${stream.arn}/consumer/reader:1700000000` };
      return [
        await described(stream, byName),
        await described(stream, byArn),
        await stream.call("DeregisterStreamConsumer", byName),
      ];
    },
    { is: [NOT_FOUND, NOT_FOUND, NOT_FOUND], source: api("DescribeStreamConsumer") },
  ),
  streamed(
    "a consumer's name is taken within its stream",
    1,
    async (stream) => {
      await register(stream, "reader");
      await settled();
      return register(stream, "reader");
    },
    { is: IN_USE, source: api("RegisterStreamConsumer") },
  ),
  streamed(
    "a consumer has a name of letters, digits, dots, dashes and underscores",
    1,
    (stream) => register(stream, "a reader"),
    { is: VALIDATION, source: api("RegisterStreamConsumer") },
  ),
  scene(
    "a stream that is not there has no consumers",
    async (stream) => [
      await register(stream, "reader"),
      await stream.call("ListStreamConsumers", { StreamARN: stream.arn }),
    ],
    { is: [NOT_FOUND, NOT_FOUND], source: api("RegisterStreamConsumer") },
  ),
  streamed(
    "a stream has 20 consumers, and counts them",
    1,
    async (stream) => {
      for (let i = 0; i < 20; i += 1) {
        if (i % 5 === 0) await settled();
        await register(stream, `reader-${i}`);
      }
      await settled();
      return [
        await register(stream, "one more"),
        await register(stream, "more"),
        (await stream.summary())["ConsumerCount"],
      ];
    },
    { is: [VALIDATION, EXCEEDED, 20], source: api("RegisterStreamConsumer") },
  ),
  streamed(
    "consumers are listed in pages",
    1,
    async (stream) => {
      for (const name of ["b", "c", "a"]) await register(stream, name);
      await settled();
      const page = async (more: object) => {
        const answer = await stream.call("ListStreamConsumers", { StreamARN: stream.arn, ...more });
        const consumers = (answer["Consumers"] ?? []) as readonly Answer[];
        return { names: consumers.map(({ ConsumerName }) => ConsumerName), next: answer["NextToken"] };
      };
      const first = await page({ MaxResults: 2 });
      const second = await page({ NextToken: first.next });
      return [first.names, second.names, second.next ?? "no more"];
    },
    { is: [["a", "b"], ["c"], "no more"], source: api("ListStreamConsumers") },
  ),
  streamed(
    "a consumer that is deregistered is DELETING, and then gone",
    1,
    async (stream) => {
      const ConsumerARN = arnOf(await register(stream, "reader"));
      await settled();
      const answer = await stream.call("DeregisterStreamConsumer", { ConsumerARN });
      const first = await described(stream, { ConsumerARN });
      await settled();
      return [answer, first, await described(stream, { ConsumerARN })];
    },
    {
      is: [{}, { ...reader("DELETING"), StreamARN: STREAM }, NOT_FOUND],
      source: api("DeregisterStreamConsumer"),
    },
  ),
  streamed(
    "a stream with consumers is deleted only with them",
    1,
    async (stream) => {
      await register(stream, "reader");
      await settled();
      const answers = [await stream.on("DeleteStream")];
      answers.push(await stream.on("DeleteStream", { EnforceConsumerDeletion: true }));
      return answers;
    },
    { is: [IN_USE, {}], source: api("DeleteStream") },
  ),
];
