import { type Clients, createClients, destroyClients } from "../../../functions/aws/clients.ts";
import { startServiceServer } from "../../../local/http/service-server.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import type { Fault, ServiceFaults, ServiceName } from "../../../local/models/faults.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { systemClock } from "../../../shared/time/clock.ts";

/** Faults that a test plans: the next calls of an operation meet them, one each, in order. */
type PlannedFaults = { plan(service: ServiceName, operation: string, ...faults: Fault[]): void };

/** The services in memory behind their HTTP front, with real SDK clients before it. */
export type LocalServices = {
  readonly clients: Clients;
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly s3: S3Model;
  readonly faults: PlannedFaults;
  /** Makes a table with the keys `pk` (S) and a sort key, and says its name. */
  table(sortKey: "v" | "sk"): string;
  readonly bucket: string;
  close(): Promise<void>;
};

export async function startLocalServices(): Promise<LocalServices> {
  const planned = new Map<string, Fault[]>();
  const faults: ServiceFaults = {
    before: (service, operation) => planned.get(`${service} ${operation}`)?.shift(),
  };
  const options = { clock: systemClock, faults };
  const dynamodb = new DynamoDbModel(options);
  const kinesis = new KinesisModel(options);
  const s3 = new S3Model(options);
  const server = await startServiceServer({
    kinesis,
    dynamodb,
    s3,
    sqs: new SqsModel({ clock: systemClock }),
    clock: systemClock,
    port: 0,
  });
  const clients = createClients({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const bucket = "millrace-test";
  s3.createBucket({ Bucket: bucket });
  let tables = 0;
  return {
    clients,
    kinesis,
    dynamodb,
    s3,
    faults: { plan: (service, operation, ...next) => planned.set(`${service} ${operation}`, next) },
    table(sortKey) {
      const TableName = `table-${tables++}`;
      dynamodb.createTable({
        TableName,
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: sortKey, KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: sortKey, AttributeType: sortKey === "v" ? "N" : "S" },
        ],
      });
      return TableName;
    },
    bucket,
    async close() {
      destroyClients(clients);
      await server.close();
    },
  };
}
