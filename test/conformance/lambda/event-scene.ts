import { AsyncInvocations } from "../../../local/lambda/async-invocations.ts";
import { deliverTo } from "../../../local/lambda/destinations.ts";
import {
  DEFAULT_EVENT_INVOKE_CONFIG,
  type EventInvokeConfig,
} from "../../../local/lambda/event-invoke-config.ts";
import type { FunctionConfig } from "../../../local/lambda/function-config.ts";
import type { InvokeResult } from "../../../local/lambda/invocation.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { ServiceError } from "../../../local/models/service-error.ts";
import { SnsModel } from "../../../local/models/sns/sns-model.ts";
import type { MessageAttributes } from "../../../local/models/sqs/sqs-api.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import type { DurationMs } from "../../../shared/time/time.ts";
import { functionIn } from "../../local/lambda/lambda-server.ts";
import { VirtualTime } from "../esm/virtual-time.ts";

/** What the function does with an attempt. */
export type Attempt = "take" | "fail" | "throttle";

const NAME = "destination";
export const QUEUE_ARN: string = `arn:aws:sqs:us-east-1:000000000000:${NAME}`;
export const BUCKET_ARN: string = `arn:aws:s3:::${NAME}`;

/** The asynchronous events of one scripted function, in virtual time. */
export class EventScene {
  readonly time: VirtualTime = new VirtualTime();
  readonly sqs: SqsModel = new SqsModel({ clock: this.time });
  readonly sns: SnsModel = new SnsModel({ clock: this.time });
  readonly s3: S3Model = new S3Model({ clock: this.time });
  /** Seconds since the beginning of each attempt. */
  readonly attempts: number[] = [];
  events: EventInvokeConfig = DEFAULT_EVENT_INVOKE_CONFIG;
  config: FunctionConfig = functionIn("echo");
  isOff = false;
  #script: (attempt: number) => Attempt = () => "take";
  readonly #queueUrl: string;
  readonly #queue: AsyncInvocations;

  constructor() {
    this.#queueUrl = this.sqs.createQueue({ QueueName: NAME }).QueueUrl;
    this.s3.createBucket({ Bucket: NAME });
    this.#queue = new AsyncInvocations({
      clock: this.time,
      wait: this.time.wait,
      run: (_, __, requestId) => this.#run(requestId),
      configOf: () => ({ config: this.config, events: this.events }),
      isOff: () => this.isOff,
      deliver: deliverTo({ sqs: this.sqs, sns: this.sns, s3: this.s3 }, this.time),
    });
  }

  /** Sends an event to the function, which does this with its attempts, counted from 1. */
  send(payload: unknown, script: (attempt: number) => Attempt): void {
    this.#script = script;
    this.#queue.submit(this.config.functionName, JSON.stringify(payload), this.events);
  }

  pass(duration: DurationMs): Promise<void> {
    return this.time.pass(duration);
  }

  /** What the queue got. */
  messages(): readonly { readonly body: unknown; readonly attributes: MessageAttributes }[] {
    const { Messages } = this.sqs.receiveMessage({ QueueUrl: this.#queueUrl, MaxNumberOfMessages: 10 });
    return Messages.map(({ Body, MessageAttributes = {} }) => ({
      body: JSON.parse(Body),
      attributes: MessageAttributes,
    }));
  }

  /** The keys of what the bucket got. */
  keys(): readonly string[] {
    return this.s3.listObjectsV2({ Bucket: NAME }).Contents.map(({ Key }) => Key);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #run(requestId: string): Promise<InvokeResult> {
    this.attempts.push(this.time.passed);
    const attempt = this.#script(this.attempts.length);
    if (attempt === "throttle") throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    const failed = attempt === "fail";
    const payload = new TextEncoder().encode(failed ? '{"errorMessage":"no"}' : '"done"');
    return { requestId, payload, logTail: "", ...(failed && { functionError: "Unhandled" }) };
  }
}
