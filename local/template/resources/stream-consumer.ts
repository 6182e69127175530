import type { ResourceKind } from "../resource-kind.ts";

/**
 * AWS::Kinesis::StreamConsumer. A name for a reader: every mapping here is woken by an append and has a stream's
 * whole throughput to itself, which is what a consumer buys.
 */
export const streamConsumer: ResourceKind = ({ properties, services: { kinesis, clock } }) => {
  const ConsumerName = properties.text("ConsumerName");
  const { StreamARN } = kinesis.describeStreamSummary({
    StreamARN: properties.text("StreamARN"),
  }).StreamDescriptionSummary;
  const ConsumerARN = `${StreamARN}/consumer/${ConsumerName}:${Math.floor(clock.now() / 1_000)}`;
  return {
    ref: ConsumerARN,
    attributes: { ConsumerARN, ConsumerName, ConsumerStatus: "ACTIVE", StreamARN },
  };
};

/** The stream of a consumer, by their ARNs; the ARN of a stream stays what it is. */
export const streamOfConsumer = (arn: string): string => arn.replace(/\/consumer\/[^/]*$/, "");
