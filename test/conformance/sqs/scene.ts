import { randomUUID } from "node:crypto";
import type { Case } from "../harness/case.ts";
import type { Answer, Sqs } from "./client.ts";

export const API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/";
export const GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/";

export type Received = {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, unknown>>;
  readonly MD5OfMessageAttributes?: string;
};

/** One queue of a service, and the calls to it. */
export class Scene {
  readonly name: string;
  readonly url: string;
  readonly call: Sqs;

  constructor(call: Sqs, name: string, url: string) {
    this.call = call;
    this.name = name;
    this.url = url;
  }

  /** A call that names the queue; a refusal without the query protocol's code. */
  async on(operation: string, input: object = {}): Promise<Answer> {
    return coded(await this.call(operation, { QueueUrl: this.url, ...input }));
  }

  send(MessageBody: string, more: object = {}): Promise<Answer> {
    return this.on("SendMessage", { MessageBody, ...more });
  }

  /** Messages that are there; with WaitTimeSeconds, or that come within it. */
  async receive(more: object = {}): Promise<readonly Received[]> {
    const answer = await this.on("ReceiveMessage", more);
    if (answer["refused"] !== undefined) throw new Error(JSON.stringify(answer));
    return (answer["Messages"] ?? []) as readonly Received[];
  }

  /** The only message that there is. */
  async only(more: object = {}): Promise<Received> {
    const [message] = await this.receive({ WaitTimeSeconds: 10, ...more });
    if (message === undefined) throw new Error("no message");
    return message;
  }

  async attributes(...AttributeNames: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const { Attributes = {} } = await this.on("GetQueueAttributes", { AttributeNames });
    return Attributes as Readonly<Record<string, string>>;
  }

  /** Another queue of the same case. */
  async another(kind: string, Attributes: object = {}): Promise<Scene> {
    return newQueue(this.call, `${this.name}-${kind}`, Attributes);
  }
}

/** A refusal by its code and status alone. */
export function coded({ query: _query, ...answer }: Answer): Answer {
  return answer;
}

/** An answer that is a refusal, or nothing of it: for what succeeds with texts that differ from run to run. */
export const refusalOf = (answer: Answer): Answer =>
  answer["refused"] === undefined ? {} : { refused: answer["refused"], status: answer["status"] };

export const refused = (code: string, status = 400): Answer => ({ refused: code, status });

async function newQueue(call: Sqs, QueueName: string, Attributes: object): Promise<Scene> {
  const { QueueUrl, ...answer } = await call("CreateQueue", { QueueName, Attributes });
  if (typeof QueueUrl !== "string") throw new Error(JSON.stringify(answer));
  return new Scene(call, QueueName, QueueUrl);
}

/** A case with a queue of its own. */
export const scene = (
  name: string,
  run: (queue: Scene) => Promise<unknown>,
  aws?: NonNullable<Case<Sqs>["aws"]>,
  attributes: object = {},
): Case<Sqs> => ({
  name,
  run: async (client) => run(await newQueue(client, `case-${randomUUID().slice(0, 8)}`, attributes)),
  ...(aws !== undefined && { aws }),
});
