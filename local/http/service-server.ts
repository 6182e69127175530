import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../shared/time/clock.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";

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
  readonly clock: Clock;
  /** 0 takes any free port. */
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  readonly extra?: ExtraHandler;
};

export type ServiceServer = { readonly url: string; readonly port: number; close(): Promise<void> };

export declare function startServiceServer(options: ServiceServerOptions): Promise<ServiceServer>;
