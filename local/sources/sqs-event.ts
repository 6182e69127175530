import type { MessageAttribute, ReceivedMessage } from "../models/sqs/sqs-api.ts";

/** A message in an SQS event, as JSON (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). */
export function sqsRecord(message: ReceivedMessage, queueArn: string): string {
  return JSON.stringify({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(":")[3],
  });
}

/** The SQS event as Lambda sends it, as JSON. */
export const sqsEvent = (records: readonly string[]): string => `{"Records":[${records.join(",")}]}`;

const attributeOf = ({ DataType, StringValue, BinaryValue }: MessageAttribute): object => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});
