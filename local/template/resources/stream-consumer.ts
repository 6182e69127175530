import { type ResourceKind, replacement } from "../resource-kind.ts";

/**
 * AWS::Kinesis::StreamConsumer. A name for a reader: every mapping here is woken by an append and has a stream's
 * whole throughput to itself, which is what a consumer buys.
 */
export const streamConsumer: ResourceKind = {
  identity: ["ConsumerName", "StreamARN"],
  create: ({ properties, services: { kinesis } }) => {
    const { ConsumerARN } = kinesis.registerStreamConsumer({
      StreamARN: properties.text("StreamARN"),
      ConsumerName: properties.text("ConsumerName"),
    }).Consumer;
    const { ConsumerDescription } = kinesis.describeStreamConsumer({ ConsumerARN });
    const { ConsumerName, ConsumerStatus, StreamARN } = ConsumerDescription;
    return { ref: ConsumerARN, attributes: { ConsumerARN, ConsumerName, ConsumerStatus, StreamARN } };
  },
  remove: ({ services }, { ref }) => services.kinesis.deregisterStreamConsumer({ ConsumerARN: ref }),
  properties: replacement("ConsumerName", "StreamARN", "Tags"),
};

/** The stream of a consumer, by their ARNs; the ARN of a stream stays what it is. */
export const streamOfConsumer = (arn: string): string => arn.replace(/\/consumer\/[^/]*$/, "");
