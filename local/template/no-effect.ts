import { arnOf } from "../models/arn.ts";
import type { Request, Resource } from "./resource-kind.ts";

/** Resource types that are accepted and do nothing here, and why that is honest. */
export const NO_EFFECT: Readonly<Record<string, string>> = {
  "AWS::SNS::TopicPolicy": "only alarms publish to topics here, and each may",
  "AWS::KMS::Key": "everything is in memory; there is nothing to encrypt",
  "AWS::KMS::Alias": "everything is in memory; there is nothing to encrypt",
  "AWS::Logs::LogStream": "a stream comes into being with its first line",
  "AWS::Logs::MetricFilter": "of what functions log, only embedded metrics are read",
  "AWS::Logs::QueryDefinition": "nobody runs queries here",
  "AWS::CloudWatch::CompositeAlarm": "the alarms that it is made of can be looked at one by one",
  "AWS::CloudWatch::Dashboard": "nobody looks at a drawing here; its metrics are kept",
  "AWS::CDK::Metadata": "it tells AWS which constructs were used",
  "AWS::ApiGateway::Account": "it names the role that writes access logs",
  "AWS::ApiGateway::Deployment": "a stage always serves the API as it is",
  "AWS::ApiGateway::RequestValidator": "the functions validate what they get",
  "AWS::ApiGateway::Model": "the functions validate what they get",
  "AWS::ApiGateway::GatewayResponse": "the gateway's own answers keep AWS's default form",
  "AWS::Scheduler::ScheduleGroup": "schedules here have no groups",
  "AWS::WAFv2::WebACL": "nobody attacks 127.0.0.1",
  "AWS::WAFv2::WebACLAssociation": "nobody attacks 127.0.0.1",
};

/** Makes a resource in name only: other resources may refer to it. */
export function inNameOnly({ type, name }: Request): Resource & { attribute(name: string): string } {
  const [, service = "", kind = ""] = type.split("::");
  const arn = arnOf(service.toLowerCase(), `${kind.toLowerCase()}/${name}`);
  return {
    ref: name,
    attributes: {},
    attribute: (attribute) => (attribute.endsWith("Arn") ? arn : name),
  };
}
