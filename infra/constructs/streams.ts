import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Plan } from "../../shared/plan/plan.ts";

/** A fixed number of shards, or as many as Kinesis finds the traffic to need. */
export type Shards = number | "on-demand";

export type StreamsProps = {
  readonly plan: Plan;
  /**
   * Shards of each stream: 1 MB/s or 1,000 records/s in, one Lambda at a time out. Never more than the stream has
   * partitions: events go to where a partition's hash range starts, and further shards would stay empty. @default 1
   */
  readonly shards?: Shards;
  /** Shards of single streams, by the id of the stream or of the stage that reads it. */
  readonly shardsOf?: Readonly<Record<string, Shards>>;
  /** 24 hours to 365 days. What a stage has not read by then is lost to it. @default 24 hours */
  readonly retention?: Duration;
  /**
   * What happens to source streams, and to events in them that nobody has read, when the stack is deleted. A stream
   * that stays goes on to cost by the shard. @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
};

/** A Kinesis stream for each stream of the plan, and one for each stage that other stages feed. */
export class Streams extends Construct {
  /** By the stream's id. */
  readonly sources: ReadonlyMap<string, kinesis.Stream>;
  /** By the id of the stage that reads it. */
  readonly internal: ReadonlyMap<string, kinesis.Stream>;

  constructor(scope: Construct, id: string, props: StreamsProps) {
    super(scope, id);
    const { plan, shards = 1, shardsOf = {}, retention = Duration.hours(24) } = props;
    const { removalPolicy: ofSources = RemovalPolicy.RETAIN } = props;
    type Made = [id: string, stream: kinesis.Stream];
    const make = (id: string, partitions: number, removalPolicy: RemovalPolicy): Made => {
      const capacity = shardsOf[id] ?? shards;
      if (capacity !== "on-demand" && !(Number.isInteger(capacity) && capacity >= 1))
        throw new MillraceError("PLAN_OPTION", `stream "${id}": ${capacity} is no number of shards`, {
          next: "refused",
        });
      const mode =
        capacity === "on-demand"
          ? { streamMode: kinesis.StreamMode.ON_DEMAND }
          : {
              streamMode: kinesis.StreamMode.PROVISIONED,
              shardCount: Math.min(capacity, partitions),
            };
      const stream = new kinesis.Stream(this, id, {
        ...mode,
        retentionPeriod: retention,
        encryption: kinesis.StreamEncryption.MANAGED,
        removalPolicy,
      });
      return [id, stream];
    };
    this.sources = new Map(plan.streams.map(({ id, partitions }) => make(id, partitions, ofSources)));
    const fed = plan.pipelines
      .flatMap(({ stages }) => stages)
      .filter(({ input }) => input.kind === "internal");
    // what is in it is of no use without the stage that reads it
    this.internal = new Map(fed.map(({ id, partitions }) => make(id, partitions, RemovalPolicy.DESTROY)));
  }
}
