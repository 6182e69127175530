import type { Clock } from "../../shared/time/clock.ts";
import type { DurationMs } from "../../shared/time/time.ts";
import type { ApiGateway } from "../api-gateway/api-gateway.ts";
import type { FaultDriver } from "../faults/fault-driver.ts";
import type { Iam } from "../iam/iam.ts";
import type { LambdaService } from "../lambda/lambda-service.ts";
import type { CloudWatchModel } from "../models/cloudwatch/cloudwatch-model.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { LogsModel } from "../models/logs/logs-model.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import type { SnsModel } from "../models/sns/sns-model.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import type { EventSource } from "../sources/event-source.ts";
import type { Progress } from "../sources/progress.ts";
import type { Stack } from "./cloud-assembly.ts";
import type { Properties } from "./properties.ts";

/** The services into which a template is deployed. */
export type Services = {
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly s3: S3Model;
  readonly sqs: SqsModel;
  readonly sns: SnsModel;
  readonly logs: LogsModel;
  readonly cloudwatch: CloudWatchModel;
  readonly lambda: LambdaService;
  /** Roles and policies, and what they allow. */
  readonly iam: Iam;
  /** Lets deliveries go wrong. */
  readonly faultDriver?: FaultDriver;
  /** Told of each batch of a stream that a function gets. */
  readonly onBatch?: (functionName: string, iteratorAge: DurationMs) => void;
  readonly gateway: ApiGateway;
  readonly sources: EventSource[];
  /** @default none: every source begins anew */
  readonly progress?: Progress;
  readonly clock: Clock;
  /** Takes the place of every schedule's own period. */
  readonly scheduleEvery: DurationMs | undefined;
  /** Cuts the batching window and the batch size of every Kinesis source. */
  readonly batches: { readonly window: DurationMs; readonly records: number };
  readonly childrenWaitForParents: boolean;
};

/** A resource as the template wants it. */
export type Request = {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly stack: Stack;
  /** The physical name where the template gives none: stack, logical id, short enough; no other resource has it. */
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

/**
 * Makes a resource that is there what the request says, whatever it has been; Ref and attributes stay. What it
 * returns is waited for.
 */
export type Apply = (request: Request, resource: Resource) => unknown;

/** What a change of a property asks for: "Update requires" on the CloudFormation page of the type. */
export type Change =
  /** Another resource takes the place of this one, which is deleted when the update is over. */
  | "replacement"
  /** No interruption, and nothing to do here: whatever the property says, it is not modelled. */
  | "no effect"
  /** No interruption. */
  | Apply
  /** Replacement for some changes, no interruption for the others. */
  | { readonly replacedWhen: (before: unknown, after: unknown) => boolean; readonly apply: Apply };

/** How resources of one type are made, changed and deleted. */
export type ResourceKind = {
  /**
   * Of all resources of the type, one at most may have the same of these, where a template gives them: one that needs
   * a replacement and keeps them cannot have it, because the new one is made while the old one is there.
   */
  readonly identity?: readonly string[];
  readonly create: (request: Request) => Resource;
  /** All properties that the type has. Changes are applied in this order; what has one function is applied once. */
  readonly properties: Readonly<Record<string, Change>>;
  /** Deletes it. What it returns is waited for. */
  readonly remove?: Apply;
  /** Tells one that an update did not change where the template's folder, with its assets, is now. */
  readonly moved?: Apply;
};

/** Entries of a `properties` for names that have no effect. */
export const withoutEffect = (...names: readonly string[]): Readonly<Record<string, "no effect">> =>
  Object.fromEntries(names.map((name) => [name, "no effect" as const]));

/** Entries of a `properties` for names whose change asks for a replacement. */
export const replacement = (...names: readonly string[]): Readonly<Record<string, "replacement">> =>
  Object.fromEntries(names.map((name) => [name, "replacement" as const]));

/** Entries of a `properties` for names that are applied together. */
export const inPlace = (apply: Apply, ...names: readonly string[]): Readonly<Record<string, Apply>> =>
  Object.fromEntries(names.map((name) => [name, apply]));
