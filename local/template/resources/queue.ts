import type { QueueAttributes } from "../../models/sqs/sqs-api.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

/** What a queue has where the template says nothing: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const DEFAULTS = {
  VisibilityTimeout: "30",
  DelaySeconds: "0",
  MessageRetentionPeriod: "345600",
  MaximumMessageSize: "1048576",
  ReceiveMessageWaitTimeSeconds: "0",
};

/** Sets all that can be changed, whatever it has been. */
function configure({ properties, services }: Request, QueueUrl: string): void {
  const given = Object.entries(DEFAULTS).map(([name, byDefault]) => [
    name,
    properties.optionalText(name) ?? byDefault,
  ]);
  const RedrivePolicy = properties.has("RedrivePolicy")
    ? JSON.stringify(properties.record("RedrivePolicy"))
    : "";
  const Attributes: QueueAttributes = { ...Object.fromEntries(given), RedrivePolicy };
  services.sqs.setQueueAttributes({ QueueUrl, Attributes });
}

/** AWS::SQS::Queue */
export const queue: ResourceKind = {
  identity: ["QueueName"],
  create: (request) => {
    const { properties, name, services } = request;
    if (properties.flag("FifoQueue")) properties.unsupported("FifoQueue", "is not modelled locally");
    const QueueName = properties.optionalText("QueueName") ?? name;
    // the API takes a name twice, CloudFormation does not
    if (services.sqs.listQueues().QueueUrls.some((url) => url.endsWith(`/${QueueName}`)))
      properties.unsupported("QueueName", `is "${QueueName}", and there is a queue of that name`);
    const { QueueUrl } = services.sqs.createQueue({ QueueName });
    configure(request, QueueUrl);
    const { Attributes } = services.sqs.getQueueAttributes({ QueueUrl });
    return { ref: QueueUrl, attributes: { Arn: Attributes["QueueArn"] ?? "", QueueName, QueueUrl } };
  },
  remove: ({ services }, { ref }) => services.sqs.deleteQueue({ QueueUrl: ref }),
  properties: {
    ...replacement("FifoQueue", "QueueName"),
    ...inPlace((request, { ref }) => configure(request, ref), "RedrivePolicy", ...Object.keys(DEFAULTS)),
    ...withoutEffect(
      "ContentBasedDeduplication",
      "DeduplicationScope",
      "FifoThroughputLimit",
      "KmsDataKeyReusePeriodSeconds",
      "KmsMasterKeyId",
      "RedriveAllowPolicy",
      "SqsManagedSseEnabled",
      "Tags",
    ),
  },
};
