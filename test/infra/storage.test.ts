import { RemovalPolicy } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { templateOf } from "./synth.ts";

const template = templateOf();
const keys = (hash: string, range?: readonly [string, string]) => ({
  KeySchema: [
    { AttributeName: hash, KeyType: "HASH" },
    ...(range === undefined ? [] : [{ AttributeName: range[0], KeyType: "RANGE" }]),
  ],
  AttributeDefinitions: [
    { AttributeName: hash, AttributeType: "S" },
    ...(range === undefined ? [] : [{ AttributeName: range[0], AttributeType: range[1] }]),
  ],
  BillingMode: "PAY_PER_REQUEST",
});

describe("storage", () => {
  test("keeps commit logs by partition and version, with point-in-time recovery", () => {
    template.hasResourceProperties("AWS::DynamoDB::Table", {
      ...keys("pk", ["v", "N"]),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test("keeps views and failed events under two keys each", () => {
    template.resourcePropertiesCountIs("AWS::DynamoDB::Table", keys("pk", ["sk", "S"]), 2);
  });

  test("forgets repeated requests by itself", () => {
    template.hasResourceProperties("AWS::DynamoDB::Table", {
      ...keys("id"),
      TimeToLiveSpecification: { AttributeName: "expiration", Enabled: true },
    });
  });

  test("keeps the bucket closed, encrypted and free of uploads that nobody finished", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" }],
      },
    });
    template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        ]),
      },
    });
  });

  test("outlives the stack, but for what ingest remembers", () => {
    const retained = { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" };
    expect(Object.keys(template.findResources("AWS::DynamoDB::Table", retained))).toHaveLength(3);
    template.hasResource("AWS::S3::Bucket", retained);
  });

  test("goes with the stack where it is told to", () => {
    const destroyed = templateOf({ removalPolicy: RemovalPolicy.DESTROY });
    expect(destroyed.findResources("AWS::DynamoDB::Table", { DeletionPolicy: "Retain" })).toEqual({});
    destroyed.resourcePropertiesCountIs("AWS::DynamoDB::Table", { DeletionProtectionEnabled: true }, 0);
  });

  test("empties the bucket before it goes with the stack", () => {
    const destroyed = templateOf({ removalPolicy: RemovalPolicy.DESTROY });
    destroyed.hasResourceProperties("Custom::S3AutoDeleteObjects", {
      BucketName: { Ref: Match.stringLikeRegexp("^StorageBucket") },
    });
  });

  test("needs no custom resource, which a local cloud could not run", () => {
    const types = Object.values(template.toJSON()["Resources"] as Record<string, { Type: string }>);
    expect(types.filter(({ Type }) => !Type.startsWith("AWS::"))).toEqual([]);
  });
});
