import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../shared/time/clock.ts";
import type { Access } from "../iam/access.ts";
import type { CloudWatchModel } from "../models/cloudwatch/cloudwatch-model.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { LogsModel } from "../models/logs/logs-model.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import { type CallFaults, faultsOfCalls, s3OperationOf } from "./call-faults.ts";
import { cloudwatchOperations } from "./cloudwatch-operations.ts";
import { dynamodbOperations } from "./dynamodb-operations.ts";
import { httpDate } from "./http-date.ts";
import { answerJson, type JsonServices, serviceErrorOf } from "./json-protocol.ts";
import { kinesisOperations } from "./kinesis-operations.ts";
import { logsOperations } from "./logs-operations.ts";
import { refuseOtherService } from "./other-services.ts";
import { protocolServer } from "./protocols.ts";
import { readBody } from "./request-body.ts";
import { bucketOfHost } from "./s3-address.ts";
import { answerS3, beginS3Write } from "./s3-rest.ts";
import { sqsOperations } from "./sqs-operations.ts";

/** The largest body of a JSON call: DynamoDB's 16 MB batches are the largest there are. */
const MAX_JSON_BYTES = 16 * 1_048_576;
/** The largest object that S3 takes in one put. */
const MAX_OBJECT_BYTES = 5 * 1_024 ** 3;
/** Longer than an SDK client keeps a connection that it does not use, so that it never meets one that just closed. */
const KEEP_ALIVE_MS = 120_000;

/** Handles a request that is no AWS JSON call; answers false (or resolves to it) to leave it to S3. */
export type ExtraHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
) => boolean | Promise<boolean>;

export type ServiceServerOptions = {
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly s3: S3Model;
  readonly sqs: SqsModel;
  readonly logs?: LogsModel;
  readonly cloudwatch?: CloudWatchModel;
  readonly clock: Clock;
  /** 0 takes any free port. */
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  readonly extra?: ExtraHandler;
  /** Lets calls of the services go wrong. */
  readonly faults?: CallFaults;
  /** Refuses what the sender of a request may not do. @default everybody may do everything */
  readonly access?: Access;
};

export type ServiceServer = {
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends all connections; may be called again. */
  close(): Promise<void>;
};

/**
 * Serves the models on one port, as AWS_ENDPOINT_URL expects it: AWS JSON calls by their X-Amz-Target, then what
 * `extra` takes, and everything else as S3's REST protocol. Signatures are not verified.
 */
export async function startServiceServer(options: ServiceServerOptions): Promise<ServiceServer> {
  const services = jsonServices(options);
  const faults = faultsOfCalls(options.faults);
  let requests = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    response.setHeader("x-amzn-requestid", `local-${requests}`);
    // SDK clients correct their clocks by it: the cloud has one time, that of its models.
    response.setHeader("date", httpDate(options.clock.now()));
    const target = request.headers["x-amz-target"];
    const isJson = typeof target === "string";
    if (isJson) {
      const body = await readBody(request, MAX_JSON_BYTES);
      await faults.pause(target);
      await faults.during(() => answerJson(services, target, request, response, body, options.access));
      return;
    }
    const pending = beginS3Write(options.s3, request);
    try {
      const body = await readBody(request, MAX_OBJECT_BYTES);
      const isForBucket = bucketOfHost(request.headers.host) !== undefined;
      if (!isForBucket && (await options.extra?.(request, response, body)) === true) return;
      if (!refuseOtherService(request, response)) {
        await faults.pause(`S3.${s3OperationOf(request)}`);
        faults.during(() =>
          answerS3(options.s3, request, response, body, { pending, access: options.access }),
        );
      }
    } finally {
      pending?.end();
    }
  };

  const server = protocolServer((request, response) => {
    answer(request, response).catch((error: unknown) => answerFailure(request, response, error));
  }, KEEP_ALIVE_MS);
  const host = options.host ?? "127.0.0.1";
  const port = await server.listen(options.port, host);
  let closed: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => {
    closed ??= server.close();
    return closed;
  };
  return { url: `http://${host}:${port}`, port, close: closeOnce };
}

/** The services that speak AWS JSON. */
export const jsonServices = (
  models: Pick<ServiceServerOptions, "kinesis" | "dynamodb" | "sqs" | "logs" | "cloudwatch">,
): JsonServices => ({
  Kinesis_20131202: kinesisOperations(models.kinesis),
  DynamoDB_20120810: dynamodbOperations(models.dynamodb),
  AmazonSQS: sqsOperations(models.sqs),
  ...(models.logs && { Logs_20140328: logsOperations(models.logs) }),
  ...(models.cloudwatch && { GraniteServiceVersion20100801: cloudwatchOperations(models.cloudwatch) }),
});

/** Says what went wrong where there is still somebody to tell it. */
function answerFailure(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, status, message } = serviceErrorOf(error);
  // HTTP/2 has no header for it
  const close = request.httpVersionMajor === 1 && { connection: "close" };
  response.writeHead(status, { "content-type": "application/json", ...close });
  response.end(JSON.stringify({ __type: code, message }));
}
