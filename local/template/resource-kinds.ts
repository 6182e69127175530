import type { ChangeableKind, ResourceKind } from "./resource-kind.ts";
import { bucket } from "./resources/bucket.ts";
import { eventInvokeConfig } from "./resources/event-invoke-config.ts";
import { eventSourceMapping } from "./resources/event-source-mapping.ts";
import { lambdaFunction } from "./resources/function.ts";
import { queue } from "./resources/queue.ts";
import { apiKey, apiMethod, apiResource, apiStage, restApi } from "./resources/rest-api.ts";
import { eventsRule, schedulerSchedule } from "./resources/schedule.ts";
import { stream } from "./resources/stream.ts";
import { streamConsumer } from "./resources/stream-consumer.ts";
import { table } from "./resources/table.ts";

/** The resource types that do something here. `NO_EFFECT` lists those that need not. */
export const RESOURCE_KINDS: Readonly<Record<string, ResourceKind | ChangeableKind>> = {
  "AWS::Kinesis::Stream": stream,
  "AWS::Kinesis::StreamConsumer": streamConsumer,
  "AWS::DynamoDB::Table": table,
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::S3::Bucket": bucket,
  "AWS::SQS::Queue": queue,
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::EventSourceMapping": eventSourceMapping,
  "AWS::Lambda::EventInvokeConfig": eventInvokeConfig,
  "AWS::Events::Rule": eventsRule,
  "AWS::Scheduler::Schedule": schedulerSchedule,
  "AWS::ApiGateway::RestApi": restApi,
  "AWS::ApiGateway::Resource": apiResource,
  "AWS::ApiGateway::Method": apiMethod,
  "AWS::ApiGateway::Stage": apiStage,
  "AWS::ApiGateway::ApiKey": apiKey,
};
