import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { propertiesOf, target, templateOf } from "./synth.ts";

const template = templateOf();
type Method = { readonly HttpMethod: string; readonly ResourceId: unknown; readonly Integration: unknown };
type Path = { readonly ParentId: unknown; readonly PathPart: string };

describe("the API", () => {
  test("takes events and answers queries under versioned paths", () => {
    const paths = new Map(propertiesOf<Path>(template, "AWS::ApiGateway::Resource"));
    const pathOf = (id: string): string => {
      const path = paths.get(id);
      return path === undefined ? "" : `${pathOf(target(path.ParentId))}/${path.PathPart}`;
    };
    const methods = propertiesOf<Method>(template, "AWS::ApiGateway::Method").map(([, method]) => [
      `${method.HttpMethod} ${pathOf(target(method.ResourceId))}`,
      /"(Ingest|Query)Function/.exec(JSON.stringify(method.Integration))?.[1],
    ]);
    expect(Object.fromEntries(methods)).toEqual({
      "ANY /v1/streams/{stream}/events": "Ingest",
      "ANY /v1/views/{view}": "Query",
      "ANY /v1/failed": "Query",
    });
  });

  test("hands every body on as it came: binary, and not unpacked", () => {
    template.hasResourceProperties("AWS::ApiGateway::RestApi", {
      BinaryMediaTypes: ["*/*"],
      MinimumCompressionSize: Match.absent(),
    });
  });

  test("is open to signed requests only, unless it is told otherwise", () => {
    template.allResourcesProperties("AWS::ApiGateway::Method", {
      AuthorizationType: "AWS_IAM",
      ApiKeyRequired: false,
    });
    templateOf({ authorization: "none" }).allResourcesProperties("AWS::ApiGateway::Method", {
      AuthorizationType: "NONE",
      ApiKeyRequired: false,
    });
  });

  test("may ask for a key instead", () => {
    const keyed = templateOf({ authorization: "api-key" });
    keyed.allResourcesProperties("AWS::ApiGateway::Method", {
      AuthorizationType: "NONE",
      ApiKeyRequired: true,
    });
    keyed.resourceCountIs("AWS::ApiGateway::UsagePlanKey", 1);
    keyed.hasOutput("ApiKeyId", { Value: { Ref: Match.stringLikeRegexp("^ApiRestApiKey") } });
  });

  test("may stand behind a web ACL", () => {
    const webAclArn = "arn:aws:wafv2:us-east-1:111111111111:regional/webacl/a/b";
    templateOf({ webAclArn }).hasResourceProperties("AWS::WAFv2::WebACLAssociation", {
      WebACLArn: webAclArn,
    });
  });

  test("is throttled and logs each request", () => {
    template.hasResourceProperties("AWS::ApiGateway::Stage", {
      AccessLogSetting: { DestinationArn: Match.anyValue(), Format: Match.stringLikeRegexp("requestId") },
      MethodSettings: [Match.objectLike({ ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 })],
    });
  });

  test("says in the stack's outputs where things are", () => {
    expect(Object.keys(template.toJSON()["Outputs"] as object).sort()).toEqual([
      "ApiUrl",
      "BucketName",
      "Deployment",
      "FailedTable",
      "LogTable",
      "StreamReadings",
      "StreamWebClicks",
      "ViewsTable",
    ]);
  });
});

test("the clock ticks each minute, and a tick that failed is not repeated", () => {
  template.hasResourceProperties("AWS::Events::Rule", {
    ScheduleExpression: "rate(1 minute)",
    Targets: [
      {
        Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^ClockFunction"), "Arn"] },
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    ],
  });
});
