import { nameInArn } from "../../models/arn.ts";
import { envelopeOf, type Notification, type Subscription } from "../../models/sns/sns-model.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

function refuseInline({ properties }: Request): void {
  if (properties.list("Subscription").length > 0)
    properties.unsupported("Subscription", "is not modelled locally; use resources of their own");
}

/** AWS::SNS::Topic */
export const topic: ResourceKind = {
  identity: ["TopicName"],
  create: (request) => {
    const { properties, name, services } = request;
    if (properties.flag("FifoTopic")) properties.unsupported("FifoTopic", "is not modelled locally");
    refuseInline(request);
    const TopicName = properties.optionalText("TopicName") ?? name;
    const arn = services.sns.createTopic(TopicName);
    return { ref: arn, attributes: { TopicArn: arn, TopicName } };
  },
  remove: ({ services }, { ref }) => services.sns.deleteTopic(ref),
  properties: {
    ...replacement("FifoTopic", "TopicName"),
    ...inPlace(refuseInline, "Subscription"),
    ...withoutEffect(
      "ArchivePolicy",
      "ContentBasedDeduplication",
      "DataProtectionPolicy",
      "DeliveryStatusLogging",
      "DisplayName",
      "FifoThroughputScope",
      "KmsMasterKeyId",
      "MaximumMessageSize",
      "SignatureVersion",
      "Tags",
      "TracingConfig",
    ),
  },
};

/** AWS::SNS::Subscription of a queue or a function; to others nothing is delivered, the topic's messages can be seen. */
export const subscription: ResourceKind = {
  create: (request) => {
    const arn = request.services.sns.subscribe(subscriptionOf(request));
    return { ref: arn, attributes: { Arn: arn } };
  },
  remove: ({ services }, { ref }) => services.sns.unsubscribe(ref),
  properties: {
    ...replacement("Endpoint", "Protocol", "TopicArn"),
    ...inPlace(
      (request, { ref }) => request.services.sns.resubscribe(ref, subscriptionOf(request)),
      "FilterPolicy",
      "FilterPolicyScope",
      "RawMessageDelivery",
    ),
    ...withoutEffect("DeliveryPolicy", "RedrivePolicy", "Region", "ReplayPolicy", "SubscriptionRoleArn"),
  },
};

function subscriptionOf(request: Request): Subscription {
  const { properties } = request;
  if (properties.has("FilterPolicy")) properties.unsupported("FilterPolicy", "is not modelled locally");
  const protocol = properties.text("Protocol");
  const endpoint = properties.text("Endpoint");
  const deliver = deliveryTo(protocol, endpoint, request);
  return {
    topicArn: properties.text("TopicArn"),
    protocol,
    endpoint,
    ...(deliver !== undefined && { deliver }),
  };
}

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
