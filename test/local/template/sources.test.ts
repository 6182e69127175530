import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Iam } from "../../../local/iam/iam.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type Resources, stackOf, withProperties } from "./formation.ts";
import { services } from "./services.ts";

const folder = join(tmpdir(), "millrace-sources-test");
mkdirSync(folder, { recursive: true });

const ROLE = "arn:aws:iam::000000000000:role/worker";
const stream = { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 1 } };
const queue = { Type: "AWS::SQS::Queue" };
const fn = {
  Type: "AWS::Lambda::Function",
  Properties: { Runtime: "nodejs24.x", Handler: "index.handler", Code: { S3Key: "code.zip" }, Role: ROLE },
};
const mapping = {
  Type: "AWS::Lambda::EventSourceMapping",
  Properties: {
    FunctionName: { Ref: "Worker" },
    EventSourceArn: { "Fn::GetAtt": ["Input", "Arn"] },
    StartingPosition: "TRIM_HORIZON",
    // nothing is invoked: there are no processes here
    Enabled: false,
  },
};
const rule = {
  Type: "AWS::Events::Rule",
  Properties: {
    ScheduleExpression: "rate(1 hour)",
    Targets: [{ Id: "worker", Arn: { "Fn::GetAtt": ["Worker", "Arn"] } }],
  },
};
const base = { Input: stream, Worker: fn };

// rights are the matter of other tests
const into = { ...services(), iam: new Iam({ clock: systemClock, mode: "off" }) };
const formation = new CloudFormation(into);
const update = (resources: Resources) =>
  formation.update([{ ...stackOf(resources), assetFolders: new Map([["code.zip", folder]]) }]);
const names = () => into.sources.map(({ name }) => name);
const onlySource = () => {
  expect(into.sources).toHaveLength(1);
  return into.sources[0];
};

afterEach(async () => {
  await update({});
  expect(into.sources).toEqual([]);
});

test("a function that changes keeps its name and gets the new configuration", async () => {
  await update(base);
  const [name = ""] = into.lambda.functionNames();
  const { updated } = await update({ ...base, Worker: withProperties(fn, { MemorySize: 512, Timeout: 9 }) });
  expect(updated).toEqual(["Worker"]);
  expect(into.lambda.configOf(name)).toMatchObject({ memoryMb: 512, timeout: 9_000 });
  const renamed = withProperties(fn, { FunctionName: "other" });
  expect((await update({ ...base, Worker: renamed })).replaced).toEqual(["Worker"]);
  expect(into.lambda.functionNames()).toEqual(["other"]);
});

test("a mapping that changes is another source of the same id; Enabled alone switches the one that is there", async () => {
  await update({ ...base, Mapping: mapping });
  const first = onlySource();
  await update({ ...base, Mapping: withProperties(mapping, { Enabled: undefined }) });
  expect(onlySource()).toBe(first);
  const { updated } = await update({ ...base, Mapping: withProperties(mapping, { BatchSize: 7 }) });
  const second = onlySource();
  expect(updated).toEqual(["Mapping"]);
  expect(second).not.toBe(first);
  expect(second?.id).toBe(first?.id);
});

test("a mapping of another stream takes the place of the one before", async () => {
  await update({ ...base, Mapping: mapping });
  const first = onlySource();
  const other = withProperties(mapping, {
    StartingPosition: "LATEST",
    EventSourceArn: { "Fn::GetAtt": ["Other", "Arn"] },
  });
  const { replaced } = await update({ ...base, Other: stream, Mapping: other });
  expect(replaced).toEqual(["Mapping"]);
  expect(onlySource()?.id).not.toBe(first?.id);
});

// https://github.com/aws/serverless-application-model/issues/1690
test("a mapping of the same stream to the same function cannot start elsewhere: it exists already", async () => {
  await update({ ...base, Mapping: mapping });
  const first = onlySource();
  const elsewhere = withProperties(mapping, { StartingPosition: "LATEST" });
  await expect(update({ ...base, Mapping: elsewhere })).rejects.toThrow(
    "Mapping (AWS::Lambda::EventSourceMapping).StartingPosition asks for a replacement",
  );
  expect(onlySource()).toBe(first);
});

test("a change of a mapping that is refused leaves it as it was", async () => {
  await update({ ...base, Mapping: mapping });
  const first = onlySource();
  await expect(update({ ...base, Mapping: withProperties(mapping, { BatchSize: 10_001 }) })).rejects.toThrow(
    "BatchSize is 10001; it must be a whole number from 1 to 10000",
  );
  expect(onlySource()?.id).toBe(first?.id);
});

test("a rule that changes begins anew with its new targets", async () => {
  const [target = {}] = rule.Properties.Targets;
  await update({ ...base, Rule: rule });
  const first = onlySource();
  await update({ ...base, Rule: withProperties(rule, { Targets: [target, { ...target, Id: "again" }] }) });
  expect(new Set(names())).toEqual(new Set([first?.name]));
  expect(into.sources).toHaveLength(2);
});

test("what becomes of a function's events is configured, changed and taken back", async () => {
  const config = {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: { FunctionName: { Ref: "Worker" }, Qualifier: "$LATEST", MaximumRetryAttempts: 0 },
  };
  await update({ ...base, Events: config });
  const { updated } = await update({ ...base, Events: withProperties(config, { MaximumRetryAttempts: 1 }) });
  expect(updated).toEqual(["Events"]);
  await expect(
    update({ ...base, Events: withProperties(config, { MaximumEventAgeInSeconds: 59 }) }),
  ).rejects.toThrow("MaximumEventAgeInSeconds is 59; it must be a whole number from 60 to 21600");
});

const ofQueue = withProperties(mapping, { StartingPosition: undefined });

test.each([
  ["BatchSize", 0, mapping],
  ["MaximumBatchingWindowInSeconds", 301, mapping],
  ["MaximumRecordAgeInSeconds", 604_801, mapping],
  ["MaximumRetryAttempts", 10_001, mapping],
  ["ParallelizationFactor", 11, mapping],
  ["TumblingWindowInSeconds", 60, mapping],
  ["FilterCriteria", { Filters: [{ Pattern: '{"data":["text"]}' }] }, mapping],
  // more than ten only with a window
  ["BatchSize", 11, ofQueue],
  ["ScalingConfig", { MaximumConcurrency: 1 }, ofQueue],
])("%s %j is refused, as Lambda does", async (name, value, resource) => {
  const Input = resource === ofQueue ? queue : stream;
  const broken = withProperties(resource, { [name]: value });
  await expect(update({ Worker: fn, Input, Mapping: broken })).rejects.toThrow(/Mapping/);
  expect(into.sources).toEqual([]);
});
