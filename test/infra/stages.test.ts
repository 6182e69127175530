import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { samplePlan, stageIds } from "./sample-plan.ts";
import { propertiesOf, target, templateOf } from "./synth.ts";

const template = templateOf();

type FunctionProperties = {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  readonly Code: unknown;
};
const functions = propertiesOf<FunctionProperties>(template, "AWS::Lambda::Function");
const functionOf = (service: string): readonly [string, FunctionProperties] => {
  const found = functions.find(([, f]) => f.Environment.Variables["POWERTOOLS_SERVICE_NAME"] === service);
  if (found === undefined) throw new Error(`no function for ${service}`);
  return found;
};
/** The streams' names in a function's environment, as ids of the template's resources. */
const streamsOf = (service: string): Record<string, string> => {
  const json = functionOf(service)[1].Environment.Variables["MILLRACE_STREAMS"];
  if (typeof json === "string") return JSON.parse(json) as Record<string, string>;
  const { "Fn::Join": join } = json as { "Fn::Join": [string, readonly unknown[]] };
  const [separator, parts] = join;
  const text = parts.map((part) => (typeof part === "string" ? part : target(part))).join(separator);
  return JSON.parse(text) as Record<string, string>;
};

test("a stage is updated before those that send to it", () => {
  const all = template.findResources("AWS::Lambda::Function") as Record<
    string,
    { readonly DependsOn?: readonly string[] }
  >;
  for (const { id, feeds } of samplePlan.pipelines.flatMap(({ stages }) => stages))
    for (const fed of feeds) expect(all[functionOf(id)[0]]?.DependsOn).toContain(functionOf(fed)[0]);
});

describe("streams", () => {
  test("are one for each stream of the plan and one for each stage that others feed", () => {
    const fed = samplePlan.pipelines
      .flatMap(({ stages }) => stages)
      .filter(({ input }) => input.kind === "internal");
    template.resourceCountIs("AWS::Kinesis::Stream", samplePlan.streams.length + fed.length);
  });

  test("are encrypted and keep what they got for a day", () => {
    template.allResourcesProperties("AWS::Kinesis::Stream", {
      RetentionPeriodHours: 24,
      StreamEncryption: { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
    });
  });

  test("outlive the stack where others write to them, unless they are told to go", () => {
    const kept = (of: Template) =>
      Object.keys(of.findResources("AWS::Kinesis::Stream", { DeletionPolicy: "Retain" }));
    expect(kept(template)).toEqual([
      expect.stringMatching(/^Streamswebclicks/),
      expect.stringMatching(/^Streamsreadings/),
    ]);
    expect(kept(templateOf({ removalPolicy: RemovalPolicy.DESTROY }))).toEqual([]);
  });

  test("never have more shards than partitions", () => {
    const shards = propertiesOf<{ ShardCount: number }>(templateOf({ shards: 4 }), "AWS::Kinesis::Stream");
    const counts = Object.fromEntries(shards.map(([id, { ShardCount }]) => [id, ShardCount]));
    expect(Object.entries(counts).find(([id]) => id.startsWith("Streamswebclicks"))?.[1]).toBe(4);
    expect(Object.entries(counts).find(([id]) => id.startsWith("Streamsreadings"))?.[1]).toBe(2);
  });

  test("may be on demand, one by one", () => {
    const mixed = templateOf({ shardsOf: { readings: "on-demand" } });
    mixed.resourcePropertiesCountIs(
      "AWS::Kinesis::Stream",
      { StreamModeDetails: { StreamMode: "ON_DEMAND" } },
      1,
    );
  });

  test("refuse a number of shards that is none", () => {
    expect(() => templateOf({ shards: 0.5 })).toThrow(/0.5 is no number of shards/);
  });
});

describe("functions", () => {
  test("are one for each stage and one for each other handler", () => {
    const stages = functions.flatMap(([, f]) => f.Environment.Variables["MILLRACE_STAGE"] ?? []);
    expect(stages).toEqual(stageIds);
    expect(functions).toHaveLength(stageIds.length + 3);
  });

  test("of all stages run the same bundle, those of the lake another", () => {
    const lake = samplePlan.pipelines.flatMap(({ stages }) =>
      stages.filter(({ kind }) => kind === "lake").map(({ id }) => id),
    );
    const codes = (ids: readonly string[]) =>
      new Set(ids.map((id) => JSON.stringify(functionOf(id)[1].Code)));
    expect(codes(stageIds.filter((id) => !lake.includes(id))).size).toBe(1);
    expect(codes(lake).size).toBe(1);
    expect(codes(stageIds).size).toBe(2);
  });

  test("run on Node 24 with their own log group", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      LoggingConfig: { LogGroup: { Ref: Match.anyValue() } },
    });
    template.resourceCountIs("AWS::Logs::LogGroup", functions.length + 1);
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  test.each(stageIds)("%s is told where everything is", (id) => {
    expect(functionOf(id)[1].Environment.Variables).toEqual({
      MILLRACE_APPLICATION: "sample",
      MILLRACE_STAGE: id,
      MILLRACE_CODE_VERSION: expect.stringMatching(/^[0-9a-f]{16}$/),
      MILLRACE_LOG_TABLE: { Ref: expect.stringMatching(/^StorageLog/) },
      MILLRACE_VIEWS_TABLE: { Ref: expect.stringMatching(/^StorageViews/) },
      MILLRACE_FAILED_TABLE: { Ref: expect.stringMatching(/^StorageFailed/) },
      MILLRACE_BUCKET: { Ref: expect.stringMatching(/^StorageBucket/) },
      MILLRACE_STREAMS: expect.anything(),
      POWERTOOLS_SERVICE_NAME: id,
      POWERTOOLS_METRICS_NAMESPACE: "Millrace",
      NODE_OPTIONS: "--enable-source-maps",
    });
  });

  test("of stages know the streams that they feed, and no others", () => {
    for (const stage of samplePlan.pipelines.flatMap(({ stages }) => stages))
      expect(Object.keys(streamsOf(stage.id))).toEqual(stage.feeds);
  });

  test("ingest knows the source streams, the clock all, the query function none", () => {
    const sources = samplePlan.streams.map(({ id }) => id);
    expect(Object.keys(streamsOf("ingest"))).toEqual(sources);
    expect(Object.keys(streamsOf("clock"))).toEqual(expect.arrayContaining([...sources, "per-page.hourly"]));
    expect(streamsOf("query")).toEqual({});
  });
});

test("ingest is told which event times to refuse, in milliseconds", () => {
  const eventTimes = {
    "web-clicks": { maxAge: Duration.days(1) },
    readings: { maxAhead: Duration.minutes(1) },
  };
  templateOf({ eventTimes }).hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: {
        MILLRACE_MAX_AGE_MS: '{"web-clicks":86400000}',
        MILLRACE_MAX_AHEAD_MS: '{"readings":60000}',
        MILLRACE_IDEMPOTENCY_TABLE: { Ref: Match.stringLikeRegexp("^StorageIdempotency") },
      },
    },
  });
});

describe("readers", () => {
  type Mapping = { readonly FunctionName: unknown; readonly EventSourceArn: unknown };
  const mappings = propertiesOf<Mapping>(template, "AWS::Lambda::EventSourceMapping");
  const mappingOf = (stage: string) => {
    const [id] = functionOf(stage);
    return mappings.find(([, { FunctionName }]) => target(FunctionName) === id)?.[1];
  };

  test("lose nothing: from the start of the stream, for ever, in halves, with a checkpoint", () => {
    expect(mappings).toHaveLength(stageIds.length);
    template.allResourcesProperties("AWS::Lambda::EventSourceMapping", {
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 10_000,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      ParallelizationFactor: 1,
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [Match.stringLikeRegexp("^Abandoned"), "Arn"] } },
      },
    });
  });

  test("of the lake gather rows for a minute, others do not wait", () => {
    expect(mappingOf("archive.web-clicks")).toMatchObject({ MaximumBatchingWindowInSeconds: 0 });
    expect(mappingOf("archive.lake-clicks")).toMatchObject({ MaximumBatchingWindowInSeconds: 60 });
  });

  test("read the stream of their stage", () => {
    expect(target(mappingOf("per-user.web-clicks")?.EventSourceArn)).toMatch(/^Streamswebclicks/);
    expect(target(mappingOf("per-page.hourly")?.EventSourceArn)).toMatch(/^Streamsperpagehourly/);
  });

  test("have a connection of their own from the third of a stream on", () => {
    const [[consumer, properties] = ["", { StreamARN: "" }], ...more] = propertiesOf<{ StreamARN: unknown }>(
      template,
      "AWS::Kinesis::StreamConsumer",
    );
    expect(more).toEqual([]);
    expect(target(properties.StreamARN)).toMatch(/^Streamswebclicks/);
    expect(mappings.filter(([, { EventSourceArn }]) => target(EventSourceArn) === consumer)).toHaveLength(1);
    expect(target(mappingOf("archive.web-clicks")?.EventSourceArn)).toBe(consumer);
  });

  test("may run side by side on a shard, the lake's never", () => {
    const parallel = templateOf({ parallelism: 10 });
    const lakes = stageIds.filter((id) => id.includes(".lake-")).length;
    const of = (ParallelizationFactor: number) => ({ ParallelizationFactor });
    const type = "AWS::Lambda::EventSourceMapping";
    parallel.resourcePropertiesCountIs(type, of(10), stageIds.length - lakes);
    parallel.resourcePropertiesCountIs(type, of(1), lakes);
  });

  test.each([0, 11, 1.5, -1])("refuse %d Lambdas per shard", (parallelism) => {
    expect(() => templateOf({ parallelism })).toThrow(/parallelism must be 1 to 10/);
  });
});
