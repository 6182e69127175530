import type { ResourceKind } from "../resource-kind.ts";

const ATTRIBUTES = [
  "VisibilityTimeout",
  "DelaySeconds",
  "MessageRetentionPeriod",
  "MaximumMessageSize",
  "ReceiveMessageWaitTimeSeconds",
  "FifoQueue",
  "ContentBasedDeduplication",
] as const;

/** AWS::SQS::Queue */
export const queue: ResourceKind = ({ properties, name, services: { sqs } }) => {
  const QueueName = properties.optionalText("QueueName") ?? name;
  const given = ATTRIBUTES.flatMap((attribute) => {
    const value = properties.optionalText(attribute);
    return value === undefined ? [] : [[attribute, value] as const];
  });
  const { QueueUrl } = sqs.createQueue({
    QueueName,
    Attributes: {
      ...Object.fromEntries(given),
      ...(properties.has("RedrivePolicy") && {
        RedrivePolicy: JSON.stringify(properties.record("RedrivePolicy")),
      }),
    },
  });
  const { Attributes } = sqs.getQueueAttributes({ QueueUrl });
  return { ref: QueueUrl, attributes: { Arn: Attributes["QueueArn"] ?? "", QueueName, QueueUrl } };
};
