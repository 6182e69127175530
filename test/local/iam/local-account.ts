import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { startServiceServer } from "../../../local/http/service-server.ts";
import { Access } from "../../../local/iam/access.ts";
import { Callers } from "../../../local/iam/caller.ts";
import { Iam } from "../../../local/iam/iam.ts";
import { credentialsOf } from "../../../local/lambda/function-credentials.ts";
import { handleInvoke } from "../../../local/lambda/invoke-api.ts";
import { LambdaService } from "../../../local/lambda/lambda-service.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { seconds } from "../../../shared/time/time.ts";
import { ManualClock } from "../models/manual-clock.ts";

export const ROLE = "arn:aws:iam::000000000000:role/stage-role";
export const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:stage";
export const SESSION = "arn:aws:sts::000000000000:assumed-role/stage-role/stage";

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

type Clients = {
  readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
};

/** One function's account. The clients sign as the function `stage` does, unless they are given other credentials. */
export type Account = Clients & {
  readonly kinesisModel: KinesisModel;
  readonly s3Model: S3Model;
  readonly lambda: LambdaService;
  readonly iam: Iam;
  readonly url: string;
  readonly queueUrl: string;
  clients(credentials: Credentials): Clients;
  /** Gives the function's role these statements, and no others. */
  permit(...statements: readonly object[]): void;
  /** Gives a resource a policy of these statements. */
  putPolicy(resourceArn: string, ...statements: readonly object[]): void;
  close(): Promise<void>;
};

/** What the environments of the function `stage` sign with. */
export const STAGE: Credentials = credentialsOf("stage");

/**
 * The services behind a server that knows rights, with one function, `stage`, whose role is allowed nothing.
 * There is a stream `words`, a table `seen` (keys `word`, `line`; index `by-page`), a bucket `bodies` and a queue `dead`.
 */
export async function startAccount(): Promise<Account> {
  const clock = new ManualClock();
  const models = {
    kinesis: new KinesisModel({ clock }),
    dynamodb: new DynamoDbModel({ clock }),
    s3: new S3Model({ clock }),
    sqs: new SqsModel({ clock }),
  };
  const lambda = new LambdaService({ endpoint: "http://127.0.0.1:1", region: "us-east-1", clock });
  for (const functionName of ["stage", "other"])
    lambda.create({
      functionName,
      arn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
      handler: "index.handler",
      taskRoot: "/nowhere",
      memoryMb: 128,
      timeout: seconds(1),
      environment: {},
      role: ROLE,
    });
  const iam = new Iam({ clock });
  iam.policies.putRole({ name: "stage-role", arn: ROLE, trust: [], inline: [], managedPolicyArns: [] });
  const access = new Access({
    iam,
    callers: new Callers(lambda),
    context: { hashKey: (table, index) => models.dynamodb.hashKeyOf(table, index) },
  });
  const server = await startServiceServer({
    ...models,
    clock,
    port: 0,
    access,
    extra: (request, response, body) => handleInvoke(lambda, request, response, body, access),
  });
  models.kinesis.createStream({ StreamName: "words", ShardCount: 1 });
  models.dynamodb.createTable({
    TableName: "seen",
    KeySchema: [
      { AttributeName: "word", KeyType: "HASH" },
      { AttributeName: "line", KeyType: "RANGE" },
    ],
    AttributeDefinitions: ["word", "line", "page"].map((AttributeName) => ({
      AttributeName,
      AttributeType: "S" as const,
    })),
    BillingMode: "PAY_PER_REQUEST",
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-page",
        KeySchema: [{ AttributeName: "page", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
  models.s3.createBucket({ Bucket: "bodies" });
  const { QueueUrl } = models.sqs.createQueue({ QueueName: "dead" });

  const clients = (credentials: Credentials): Clients => {
    const options = { endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 };
    return {
      kinesis: new KinesisClient({ ...options, requestHandler: new NodeHttpHandler() }),
      dynamodb: new DynamoDBClient(options),
      s3: new S3Client({ ...options, forcePathStyle: true }),
      sqs: new SQSClient(options),
    };
  };
  return {
    kinesisModel: models.kinesis,
    s3Model: models.s3,
    lambda,
    iam,
    url: server.url,
    queueUrl: QueueUrl,
    ...clients(STAGE),
    clients,
    permit: (...Statement) => {
      const document = { Version: "2012-10-17", Statement };
      const statements = iam.readPolicy(document, "identity", "Rights (AWS::IAM::Policy).PolicyDocument");
      iam.policies.attach("Rights", { statements, roleNames: ["stage-role"] });
    },
    putPolicy: (resourceArn, ...Statement) => {
      const document = { Version: "2012-10-17", Statement };
      iam.policies.putOfResource(resourceArn, "policy", iam.readPolicy(document, "resource", resourceArn));
    },
    close: async () => {
      await server.close();
      await lambda.close();
    },
  };
}
