import type { Template } from "../../../local/template/cloud-assembly.ts";

export type Resources = Template["Resources"];

export const trust = (...services: readonly string[]): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }],
});

export const role = (properties: object = {}): Resources => ({
  Role: {
    Type: "AWS::IAM::Role",
    Properties: { AssumeRolePolicyDocument: trust("lambda.amazonaws.com"), ...properties },
  },
});

export const document = (...Statement: readonly object[]): object => ({ Version: "2012-10-17", Statement });

export const allow = (Action: readonly string[], Resource: unknown): object => ({
  Effect: "Allow",
  Action,
  Resource,
});

export const arn = (logicalId: string): object => ({ "Fn::GetAtt": [logicalId, "Arn"] });

export const policy = (...statements: readonly object[]): Resources => ({
  Rights: {
    Type: "AWS::IAM::Policy",
    Properties: { PolicyName: "rights", PolicyDocument: document(...statements), Roles: [{ Ref: "Role" }] },
  },
});

export const lambda = (properties: object = {}, logicalId = "Stage"): Resources => ({
  [logicalId]: {
    Type: "AWS::Lambda::Function",
    // as the CDK writes it, so that whatever names the function has the role's policies
    DependsOn: ["Role"],
    Properties: {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { S3Key: "stage.zip" },
      Role: arn("Role"),
      ...properties,
    },
  },
});

export const waiting = (resources: Resources, ...DependsOn: readonly string[]): Resources =>
  Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      { ...resource, DependsOn: ["Role", ...DependsOn] },
    ]),
  );

export const STREAM: Resources = { Words: { Type: "AWS::Kinesis::Stream" } };

export const QUEUE: Resources = { Dead: { Type: "AWS::SQS::Queue" } };

export const BUCKET: Resources = { Bodies: { Type: "AWS::S3::Bucket" } };

export const mapping = (source: unknown, more: object = {}): Resources => ({
  Mapping: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      FunctionName: { Ref: "Stage" },
      EventSourceArn: source,
      StartingPosition: "TRIM_HORIZON",
      ...more,
    },
  },
});
