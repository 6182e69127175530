import { CfnOutput, type CfnResource, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Stream } from "aws-cdk-lib/aws-kinesis";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Plan, StagePlan } from "../../shared/plan/plan.ts";
import { Api, type ApiOptions } from "../constructs/api.ts";
import type { BundledFunction, Surroundings } from "../constructs/bundled-function.ts";
import { Bundles, type BundlesProps } from "../constructs/bundles.ts";
import { Clock } from "../constructs/clock.ts";
import { Ingest, type IngestOptions } from "../constructs/ingest.ts";
import { Lake, type LakeOptions } from "../constructs/lake.ts";
import { checkLookups, type LookupsProps } from "../constructs/lookups.ts";
import { Monitoring, type MonitoringOptions } from "../constructs/monitoring.ts";
import { Query } from "../constructs/query.ts";
import { Stage, type StageOptions } from "../constructs/stage.ts";
import { Storage, type StorageProps } from "../constructs/storage.ts";
import { Streams, type StreamsProps } from "../constructs/streams.ts";

export type MillraceStackProps = StackProps &
  Omit<StreamsProps, "plan"> &
  StorageProps &
  StageOptions &
  LakeOptions &
  LookupsProps &
  ApiOptions &
  IngestOptions &
  MonitoringOptions &
  BundlesProps & {
    /** What `millrace plan --json` prints. */
    readonly plan: Plan;
    /**
     * The epoch that stages go on with: what `millrace restore` or `millrace fork` has named.
     * @default the context value `epoch` (`cdk deploy -c epoch=1`), else 0
     */
    readonly epoch?: number;
    /** @default one month */
    readonly logRetention?: RetentionDays;
  };

/** An application as AWS runs it. */
export class MillraceStack extends Stack {
  readonly storage: Storage;
  readonly streams: Streams;
  readonly api: Api;
  /** By stage id. */
  readonly stages: ReadonlyMap<string, BundledFunction>;

  constructor(scope: Construct, id: string, props: MillraceStackProps) {
    super(scope, id, props);
    const { plan, logRetention = RetentionDays.ONE_MONTH } = props;
    checkLookups(plan, props);
    this.storage = new Storage(this, "Storage", props);
    this.streams = new Streams(this, "Streams", props);
    const { sources, internal } = this.streams;
    const bundles = new Bundles(this, "Bundles", props);
    bundles.prepare(["ingest", "query", "clock", ...kindsIn(plan)]);
    const epoch = epochOf(props.epoch ?? this.node.tryGetContext("epoch") ?? 0);
    const surroundings = { application: plan.application, storage: this.storage, logRetention, epoch };

    const ingest = new Ingest(this, "Ingest", {
      ...surroundings,
      bundle: bundles.of("ingest"),
      writesTo: sources,
      eventTimes: props.eventTimes,
    });
    const readsState = isQueryable(plan);
    const query = new Query(this, "Query", { ...surroundings, bundle: bundles.of("query"), readsState });
    const clock = new Clock(this, "Clock", {
      ...surroundings,
      bundle: bundles.of("clock"),
      writesTo: new Map([...sources, ...internal]),
    });
    const abandoned = new sqs.Queue(this, "Abandoned", {
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.stages = this.#stages(props, surroundings, bundles, abandoned);
    this.api = new Api(this, "Api", { ...props, ...surroundings, ingest, query, servesState: readsState });
    new Monitoring(this, "Monitoring", {
      ...props,
      stages: this.stages,
      others: [ingest, clock, query],
      abandoned,
      restApi: this.api.restApi,
    });

    this.addMetadata("Millrace", notesOf(plan));
    this.#output("ApiUrl", this.api.restApi.url);
    // the key itself is no output: whoever may read the stack would have it
    if (this.api.key !== undefined) this.#output("ApiKeyId", this.api.key.keyId);
    this.#output("BucketName", this.storage.bucket.bucketName);
    this.#output("LogTable", this.storage.log.tableName);
    this.#output("ViewsTable", this.storage.views.tableName);
    this.#output("FailedTable", this.storage.failed.tableName);
    this.#output("Deployment", this.#description(plan.application, epoch));
    for (const [stream, { streamName }] of sources) this.#output(`Stream${pascalCase(stream)}`, streamName);
  }

  #stages(
    props: MillraceStackProps,
    surroundings: Surroundings,
    bundles: Bundles,
    abandoned: sqs.Queue,
  ): ReadonlyMap<string, BundledFunction> {
    const { plan, parallelism, memoryMb, lakeBatchingWindow, lookups } = props;
    const group = new Construct(this, "Stages");
    const make = (stage: StagePlan, writesViews: boolean): BundledFunction => {
      const common = {
        ...surroundings,
        stage,
        bundle: bundles.of(stage.kind),
        stream: this.#inputOf(stage),
        writesTo: new Map(stage.feeds.map((fed) => [fed, found(this.streams.internal, fed)])),
        abandoned,
        fanOut: readersBefore(plan, stage) >= SHARED_READERS,
      };
      return stage.kind === "lake"
        ? new Lake(group, stage.id, { ...common, lakeBatchingWindow })
        : new Stage(group, stage.id, { ...common, plan, lookups, parallelism, memoryMb, writesViews });
    };
    const made = new Map(
      plan.pipelines.flatMap(({ stages, sinks }) => {
        const views = new Set(sinks.filter(({ kind }) => kind === "view").map(({ stage }) => stage));
        return stages.map((stage) => [stage.id, make(stage, views.has(stage.id))] as const);
      }),
    );
    // who is sent something new must have been taught to read it: those that receive are updated first
    for (const { id, feeds } of plan.pipelines.flatMap(({ stages }) => stages))
      for (const fed of feeds)
        resourceOf(found(made, id)).addResourceDependency(resourceOf(found(made, fed)));
    return made;
  }

  /** For `millrace savepoint`, `restore` and `fork`: where everything is. */
  #description(application: string, epoch: number): string {
    const { sources, internal } = this.streams;
    return this.toJsonString({
      application,
      epoch,
      logTable: this.storage.log.tableName,
      viewsTable: this.storage.views.tableName,
      failedTable: this.storage.failed.tableName,
      bucket: this.storage.bucket.bucketName,
      streams: Object.fromEntries(
        [...sources, ...internal].map(([id, { streamName }]) => [id, streamName] as const),
      ),
    });
  }

  #inputOf({ id, input }: StagePlan): Stream {
    return input.kind === "source"
      ? found(this.streams.sources, input.stream)
      : found(this.streams.internal, id);
  }

  #output(id: string, value: string): void {
    new CfnOutput(this, id, { value });
  }
}

const resourceOf = ({ function: { node } }: BundledFunction): CfnResource => node.defaultChild as CfnResource;

/** Context values of the command line are texts. */
function epochOf(value: unknown): number {
  const epoch = Number(value);
  if (Number.isSafeInteger(epoch) && epoch >= 0) return epoch;
  throw new MillraceError("PLAN_OPTION", `epoch must be a whole number from 0 on, not ${value}`, {
    next: "refused",
  });
}

/** The kinds of stages that a plan has, which are the names of their handlers. */
const kindsIn = ({ pipelines }: Plan): readonly StagePlan["kind"][] => [
  ...new Set(pipelines.flatMap(({ stages }) => stages.map(({ kind }) => kind))),
];

const isQueryable = ({ pipelines }: Plan): boolean =>
  pipelines.some(({ stages }) =>
    stages.some(({ operators }) => operators.some(({ queryable }) => queryable === true)),
  );

/** For whoever works with a stack: what it has, and by what fingerprints and versions its stages read the state that there is. */
const notesOf = ({ streams, pipelines }: Plan): object => ({
  streams: streams.map(({ id }) => id),
  pipelines: pipelines.map(({ id }) => id),
  views: pipelines.flatMap(({ sinks }) => sinks.flatMap(({ kind, name }) => (kind === "view" ? [name] : []))),
  stages: pipelines.flatMap(({ stages }) =>
    stages.map(({ id, partitions, fingerprint, versions }) => ({ id, partitions, fingerprint, versions })),
  ),
});

/** A shard serves five reads and 2 MB a second: two readers that each ask once a second leave it room. */
const SHARED_READERS = 2;

/** How many stages read the same source stream and were planned before this one. */
const readersBefore = ({ streams }: Plan, { id, input }: StagePlan): number =>
  input.kind === "source"
    ? (streams.find((stream) => stream.id === input.stream)?.consumers.indexOf(id) ?? 0)
    : 0;

function found<T>(all: ReadonlyMap<string, T>, id: string): T {
  const one = all.get(id);
  if (one === undefined)
    throw new MillraceError("PLAN_UNKNOWN_STREAM", `the plan has no stream "${id}"`, { next: "refused" });
  return one;
}

/** `access-log` → AccessLog: names of outputs are letters and digits only. */
const pascalCase = (id: string): string =>
  id.replace(/(?:^|[^a-z0-9])([a-z0-9]?)/g, (_, first: string) => first.toUpperCase());
