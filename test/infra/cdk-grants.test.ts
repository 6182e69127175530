import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, Duration, Stack } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as destinations from "aws-cdk-lib/aws-lambda-destinations";
import * as sources from "aws-cdk-lib/aws-lambda-event-sources";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import * as schedulerTargets from "aws-cdk-lib/aws-scheduler-targets";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadStacks } from "../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../local/template/cloudformation.ts";
import { services } from "../local/template/services.ts";

const code = fileURLToPath(new URL("../local/template/app/asset.stage", import.meta.url));

let outdir: string;
beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), "millrace-grants-"));
});
afterAll(() => rmSync(outdir, { recursive: true }));

/** One of each that calls a function, with nothing but what the CDK's own constructs grant. */
function everyCaller(stack: Stack): void {
  const make = (id: string, props: Partial<lambda.FunctionProps> = {}): lambda.Function =>
    new lambda.Function(stack, id, {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromAsset(code),
      ...props,
    });
  const stream = new kinesis.Stream(stack, "Stream");
  const queue = new sqs.Queue(stack, "Queue", { enforceSSL: true });
  const bucket = new s3.Bucket(stack, "Bucket", { enforceSSL: true, minimumTLSVersion: 1.2 });
  const consumer = new kinesis.StreamConsumer(stack, "Consumer", { stream, streamConsumerName: "reader" });
  const startingPosition = lambda.StartingPosition.TRIM_HORIZON;
  const onFailure = new sources.SqsDlq(queue);
  make("Reader", {
    events: [new sources.KinesisEventSource(stream, { startingPosition, onFailure })],
    deadLetterQueueEnabled: true,
    onSuccess: new destinations.SqsDestination(queue),
  });
  const toBucket = new sources.S3OnFailureDestination(bucket);
  make("FastReader", {
    events: [
      new sources.KinesisConsumerEventSource(consumer, { startingPosition, onFailure: toBucket }),
      new sources.SqsEventSource(queue),
    ],
  });
  const called = make("Called");
  new apigateway.LambdaRestApi(stack, "Api", { handler: called });
  new events.Rule(stack, "Rule", {
    schedule: events.Schedule.rate(Duration.minutes(1)),
    targets: [new targets.LambdaFunction(called)],
  });
  new scheduler.Schedule(stack, "Schedule", {
    schedule: scheduler.ScheduleExpression.rate(Duration.minutes(1)),
    target: new schedulerTargets.LambdaInvoke(called),
  });
}

test("what the CDK's constructs grant is enough for what the local cloud asks for", async () => {
  const app = new App({ outdir, analyticsReporting: false });
  everyCaller(new Stack(app, "App"));
  app.synth();
  const into = services();
  const formation = new CloudFormation(into);
  await formation.update(loadStacks(outdir));
  const made = (type: string) => {
    const found = formation.resources.find((resource) => resource.type === type);
    return found?.attributes["Arn"] ?? found?.ref ?? "";
  };
  const called = into.lambda.functionNames().find((name) => name.includes("Called")) ?? "";
  const { arn } = into.lambda.configOf(called);
  const method = `arn:aws:execute-api:us-east-1:000000000000:${made("AWS::ApiGateway::RestApi")}/prod/GET/{proxy+}`;
  expect([
    into.iam.mayInvoke("apigateway.amazonaws.com", arn, method),
    into.iam.mayInvoke("events.amazonaws.com", arn, made("AWS::Events::Rule")),
  ]).toEqual([true, true]);
  expect(into.iam.refusals()).toEqual([]);
  await Promise.all(into.sources.map((source) => source.close()));
  await into.lambda.close();
});
