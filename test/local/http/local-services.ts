import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type ExtraHandler, startServiceServer } from "../../../local/http/service-server.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import type { ServiceFaults } from "../../../local/models/faults.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { ManualClock } from "../models/manual-clock.ts";

/** The models and the real SDK clients that speak to them through one server. */
export type LocalServices = {
  readonly clock: ManualClock;
  readonly models: {
    readonly kinesis: KinesisModel;
    readonly dynamodb: DynamoDbModel;
    readonly s3: S3Model;
    readonly sqs: SqsModel;
  };
  readonly url: string;
  readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  close(): Promise<void>;
};

/** Starts all models behind a server on a free port. */
export async function startLocalServices(
  options: { faults?: ServiceFaults; extra?: ExtraHandler } = {},
): Promise<LocalServices> {
  const clock = new ManualClock();
  const shared = { clock, ...(options.faults !== undefined && { faults: options.faults }) };
  const models = {
    kinesis: new KinesisModel(shared),
    dynamodb: new DynamoDbModel(shared),
    s3: new S3Model(shared),
    sqs: new SqsModel(shared),
  };
  const extra = options.extra === undefined ? {} : { extra: options.extra };
  const server = await startServiceServer({ ...models, ...extra, clock, port: 0 });
  const client = {
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  };
  const kinesis = new KinesisClient({ ...client, requestHandler: new NodeHttpHandler() });
  const dynamodb = new DynamoDBClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  return {
    clock,
    models,
    url: server.url,
    kinesis,
    dynamodb,
    s3,
    close: async () => {
      for (const one of [kinesis, dynamodb, s3]) one.destroy();
      await server.close();
    },
  };
}
