import type { Clock } from "../../shared/time/clock.ts";
import type { DurationMs } from "../../shared/time/time.ts";
import type { ApiGateway } from "../api-gateway/api-gateway.ts";
import type { LambdaService } from "../lambda/lambda-service.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import type { EventSource } from "../sources/event-source.ts";
import type { Stack } from "./cloud-assembly.ts";
import type { Properties } from "./properties.ts";

/** The services into which a template is deployed. */
export type Services = {
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly s3: S3Model;
  readonly sqs: SqsModel;
  readonly lambda: LambdaService;
  readonly gateway: ApiGateway;
  readonly sources: EventSource[];
  readonly clock: Clock;
  /** Takes the place of every schedule's own period. */
  readonly scheduleEvery: DurationMs | undefined;
  /** Cuts the batching window and the batch size of every Kinesis source. */
  readonly batches: { readonly window: DurationMs; readonly records: number };
  readonly childrenWaitForParents: boolean;
};

/** A resource to be made. */
export type Request = {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly stack: Stack;
  /** The physical name where the template gives none: stack, logical id, short enough. */
  readonly name: string;
  readonly services: Services;
};

/** A resource that was made. */
export type Resource = {
  /** What Ref yields. */
  readonly ref: string;
  /** What Fn::GetAtt yields, by name. */
  readonly attributes: Readonly<Record<string, string>>;
};

/** Makes resources of one type. */
export type ResourceKind = (request: Request) => Resource;
