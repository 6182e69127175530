import { type Clock, isoOf } from "../../shared/time/clock.ts";
import { nameInArn } from "../models/arn.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import { ServiceError } from "../models/service-error.ts";
import type { SnsModel } from "../models/sns/sns-model.ts";
import type { MessageAttributes } from "../models/sqs/sqs-api.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";

/** What is sent when an asynchronous event is done. */
export type DestinationMessage = {
  readonly functionName: string;
  readonly body: string;
  readonly attributes?: MessageAttributes;
};

/** Sends to what an ARN names. @throws ServiceError where that takes nothing */
export type Deliver = (arn: string, message: DestinationMessage) => void;

/** Where records of asynchronous events can be sent to. */
export type Destinations = {
  readonly sqs: Pick<SqsModel, "getQueueUrl" | "sendMessage">;
  readonly sns: Pick<SnsModel, "publish">;
  readonly s3: Pick<S3Model, "putObject">;
};

/** Sends to queues, to topics and into buckets. */
export const deliverTo =
  ({ sqs, sns, s3 }: Destinations, clock: Clock): Deliver =>
  (arn, { functionName, body, attributes }) => {
    const name = nameInArn(arn);
    switch (arn.split(":")[2]) {
      case "sqs": {
        const { QueueUrl } = sqs.getQueueUrl({ QueueName: name });
        sqs.sendMessage({ QueueUrl, MessageBody: body, MessageAttributes: attributes });
        return;
      }
      case "sns":
        sns.publish(arn, body);
        return;
      case "s3":
        s3.putObject({
          Bucket: name,
          Key: `aws/lambda/async/${functionName}/${recordName(clock)}`,
          ContentType: "application/json",
          Body: new TextEncoder().encode(body),
        });
        return;
      default:
        throw new ServiceError("InvalidParameterValueException", `${arn} is no destination here`);
    }
  };

/** `YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`, as Lambda names objects in which it keeps what failed. */
export function recordName(clock: Clock): string {
  const at = isoOf(clock.now());
  const day = at.slice(0, 10).replaceAll("-", "/");
  return `${day}/${at.slice(0, 19).replaceAll(":", ".")}-${crypto.randomUUID()}`;
}
