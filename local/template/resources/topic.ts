import { nameInArn } from "../../models/arn.ts";
import { envelopeOf, type Notification } from "../../models/sns/sns-model.ts";
import type { Request, ResourceKind } from "../resource-kind.ts";

/** AWS::SNS::Topic */
export const topic: ResourceKind = ({ properties, name, services: { sns } }) => {
  if (properties.flag("FifoTopic")) properties.unsupported("FifoTopic", "is not modelled locally");
  const TopicName = properties.optionalText("TopicName") ?? name;
  const arn = sns.createTopic(TopicName);
  return { ref: arn, attributes: { TopicArn: arn, TopicName } };
};

/** AWS::SNS::Subscription of a queue or a function; to others nothing is delivered, the topic's messages can be seen. */
export const subscription: ResourceKind = (request) => {
  const { properties, services } = request;
  if (properties.has("FilterPolicy")) properties.unsupported("FilterPolicy", "is not modelled locally");
  const protocol = properties.text("Protocol");
  const endpoint = properties.text("Endpoint");
  const deliver = deliveryTo(protocol, endpoint, request);
  const arn = services.sns.subscribe({
    topicArn: properties.text("TopicArn"),
    protocol,
    endpoint,
    ...(deliver !== undefined && { deliver }),
  });
  return { ref: arn, attributes: { Arn: arn } };
};

function deliveryTo(
  protocol: string,
  endpoint: string,
  { properties, services: { sqs, lambda } }: Request,
): ((notification: Notification) => void) | undefined {
  if (protocol === "lambda") {
    const record = (one: Notification) => ({
      EventSource: "aws:sns",
      EventVersion: "1.0",
      Sns: JSON.parse(envelopeOf(one)) as object,
    });
    return (one) => void lambda.invokeEvent(endpoint, JSON.stringify({ Records: [record(one)] }));
  }
  if (protocol !== "sqs") return undefined;
  const raw = properties.flag("RawMessageDelivery");
  const { QueueUrl } = sqs.getQueueUrl({ QueueName: nameInArn(endpoint) });
  return (one) => void sqs.sendMessage({ QueueUrl, MessageBody: raw ? one.message : envelopeOf(one) });
}
