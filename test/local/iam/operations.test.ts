import { expect, test } from "vitest";
import { bucketOperations, serviceOperations } from "../../../local/http/s3-buckets.ts";
import { objectOperations } from "../../../local/http/s3-objects.ts";
import { uploadOperations } from "../../../local/http/s3-uploads.ts";
import { jsonServices } from "../../../local/http/service-server.ts";
import { JSON_SERVICES } from "../../../local/iam/access.ts";
import { S3_BUCKET_CALLS, S3_OBJECT_CALLS, S3_SERVICE_CALLS } from "../../../local/iam/calls/s3-calls.ts";
import { CloudWatchModel } from "../../../local/models/cloudwatch/cloudwatch-model.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { LogsModel } from "../../../local/models/logs/logs-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { ManualClock } from "../models/manual-clock.ts";

const clock = new ManualClock();
const services = jsonServices({
  kinesis: new KinesisModel({ clock }),
  dynamodb: new DynamoDbModel({ clock }),
  sqs: new SqsModel({ clock }),
  logs: new LogsModel({ clock }),
  cloudwatch: new CloudWatchModel({ clock }),
});

test.each(Object.entries(services))(
  "every operation of %s is known to ask for something",
  (name, operations) => {
    expect(Object.keys(JSON_SERVICES[name]?.calls ?? {}).sort()).toEqual(Object.keys(operations).sort());
  },
);

test.each([
  ["the service", serviceOperations, S3_SERVICE_CALLS],
  ["a bucket", bucketOperations, S3_BUCKET_CALLS],
  ["an object", { ...objectOperations, ...uploadOperations }, S3_OBJECT_CALLS],
])("every S3 operation on %s is known to ask for something", (_, operations, calls) => {
  expect(Object.keys(calls).sort()).toEqual(Object.keys(operations).sort());
});

test.each([
  ["AmazonSQS", "SendMessage", { QueueUrl: "http://any:1/0/secret", QueueName: "open" }, "sqs", "secret"],
  [
    "Kinesis_20131202",
    "PutRecord",
    { StreamARN: "arn:aws:kinesis:us-east-1:1:stream/open:secret" },
    "kinesis",
    "stream/secret",
  ],
  [
    "DynamoDB_20120810",
    "PutItem",
    { TableName: "arn:aws:dynamodb:us-east-1:1:table/open:secret", IndexName: "open" },
    "dynamodb",
    "table/secret",
  ],
])(
  "%s.%s asks for what the model would take, whatever else the call names",
  (name, operation, input, service, resource) => {
    const asks = JSON_SERVICES[name]?.calls[operation]?.(input as never, { hashKey: () => undefined });
    expect(asks?.map((ask) => ask.resource)).toEqual([
      `arn:aws:${service}:us-east-1:000000000000:${resource}`,
    ]);
  },
);

test("what an operation asks for is an action of its service on an ARN or on everything", () => {
  const context = { hashKey: () => undefined };
  for (const { calls } of Object.values(JSON_SERVICES))
    for (const [operation, asks] of Object.entries(calls))
      for (const { action, resource } of asks({} as never, context)) {
        expect(action, operation).toMatch(/^[a-z]+:[A-Z][A-Za-z]+$/);
        const service = action.split(":")[0];
        expect(resource === "*" || resource.startsWith(`arn:aws:${service}:`), operation).toBe(true);
      }
});
