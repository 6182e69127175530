import type { Ask } from "./iam.ts";

const ask = (actions: readonly string[], resource: string): readonly Ask[] =>
  actions.map((action) => ({ action, resource }));

/** On the stream, whatever reads it: "Lambda permissions" of "Process Kinesis Data Streams records", Lambda guide. */
const STREAM = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:ListShards"];
const SHARED_READER = ["kinesis:GetRecords", "kinesis:GetShardIterator"];
const QUEUE = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/**
 * What Lambda does in the name of a function's role to feed it from a stream, a stream's consumer or a queue.
 * @param sourceArn - what the mapping reads
 */
export function readingOf(sourceArn: string): readonly Ask[] {
  if (sourceArn.startsWith("arn:aws:sqs:")) return ask(QUEUE, sourceArn);
  const [stream = sourceArn, consumer] = sourceArn.split("/consumer/");
  if (consumer === undefined) return ask([...STREAM, ...SHARED_READER], stream);
  return [...ask(STREAM, stream), ...ask(["kinesis:SubscribeToShard"], sourceArn)];
}

/** Lambda puts objects below this prefix, under names that are not known before. */
const DELIVERED = "aws/lambda/";

/**
 * What Lambda does in the name of a function's role to hand on what the function gave up, or its result.
 * Source: "Retaining records of asynchronous invocations" and "… discarded batches", Lambda guide.
 */
export function deliveryTo(destinationArn: string): readonly Ask[] {
  const service = destinationArn.split(":")[2];
  if (service === "s3")
    return [
      ...ask(["s3:ListBucket"], destinationArn),
      ...ask(["s3:PutObject"], `${destinationArn}/${DELIVERED}`),
    ];
  if (service === "lambda") return ask(["lambda:InvokeFunction"], destinationArn);
  if (service === "sns") return ask(["sns:Publish"], destinationArn);
  return ask(["sqs:SendMessage"], destinationArn);
}
