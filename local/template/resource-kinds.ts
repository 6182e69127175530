import type { ResourceKind } from "./resource-kind.ts";
import { alarm } from "./resources/alarm.ts";
import { bucket } from "./resources/bucket.ts";
import { bucketPolicy } from "./resources/bucket-policy.ts";
import { eventInvokeConfig } from "./resources/event-invoke-config.ts";
import { eventSourceMapping } from "./resources/event-source-mapping.ts";
import { lambdaFunction } from "./resources/function.ts";
import { logGroup } from "./resources/log-group.ts";
import { managedPolicy } from "./resources/managed-policy.ts";
import { permission } from "./resources/permission.ts";
import { policy } from "./resources/policy.ts";
import { queue } from "./resources/queue.ts";
import { queuePolicy } from "./resources/queue-policy.ts";
import { apiMethod, apiResource, apiStage, restApi } from "./resources/rest-api.ts";
import { role } from "./resources/role.ts";
import { eventsRule, schedulerSchedule } from "./resources/schedule.ts";
import { stream } from "./resources/stream.ts";
import { streamConsumer } from "./resources/stream-consumer.ts";
import { globalTable, table } from "./resources/table.ts";
import { subscription, topic } from "./resources/topic.ts";
import { apiKey, usagePlan, usagePlanKey } from "./resources/usage-plan.ts";

/** The resource types that do something here. `NO_EFFECT` lists those that need not. */
export const RESOURCE_KINDS: Readonly<Record<string, ResourceKind>> = {
  "AWS::Kinesis::Stream": stream,
  "AWS::Kinesis::StreamConsumer": streamConsumer,
  "AWS::DynamoDB::Table": table,
  "AWS::DynamoDB::GlobalTable": globalTable,
  "AWS::S3::Bucket": bucket,
  "AWS::SQS::Queue": queue,
  "AWS::SNS::Topic": topic,
  "AWS::SNS::Subscription": subscription,
  "AWS::Logs::LogGroup": logGroup,
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::IAM::Role": role,
  "AWS::IAM::Policy": policy,
  "AWS::IAM::ManagedPolicy": managedPolicy,
  "AWS::S3::BucketPolicy": bucketPolicy,
  "AWS::SQS::QueuePolicy": queuePolicy,
  "AWS::Lambda::Permission": permission,
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
  "AWS::ApiGateway::UsagePlan": usagePlan,
  "AWS::ApiGateway::UsagePlanKey": usagePlanKey,
};
