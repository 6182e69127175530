import type { StateVersion } from "../state/stamp.ts";
import type { DurationMs } from "../time/time.ts";

/**
 * The plan: the one artefact that infra, functions, the local cloud and the console read. Plain JSON,
 * versioned; functions of the user's code are not in it (a stage's function finds them by stage id).
 */
export type Plan = {
  readonly version: 1;
  readonly application: string;
  readonly streams: readonly StreamPlan[];
  readonly pipelines: readonly PipelinePlan[];
  /** Tables outside that pipelines look up; absent where there are none. */
  readonly lookups?: readonly LookupPlan[];
};

/** A table outside: the deployment must say where it is. */
export type LookupPlan = {
  readonly name: string;
  readonly store: "dynamodb" | "s3";
  /** Of a file; absent where it has JSON lines. */
  readonly format?: { readonly kind: "csv"; readonly delimiter: string };
  /** In DynamoDB the partition key. */
  readonly key: string;
  /** In DynamoDB the sort key. */
  readonly version: string | null;
  readonly refreshMs: DurationMs;
  /** The stages that look it up. */
  readonly stages: readonly string[];
};

export type StreamPlan = {
  readonly id: string;
  readonly partitions: number;
  readonly time: string | null;
  readonly key: string | null;
  readonly outOfOrderMs: DurationMs;
  /** Stages that read this stream; from the third on each gets enhanced fan-out. */
  readonly consumers: readonly string[];
  readonly idle: boolean;
};

export type PipelinePlan = {
  readonly id: string;
  readonly stages: readonly StagePlan[];
  readonly sinks: readonly SinkPlan[];
};

/** `stage` runs in functions/stage; `lake` in functions/lake, with a long batching window. */
type StageKind = "stage" | "lake";

export type StagePlan = {
  /** `<pipeline>.<source stream | stateful operator | sink>`; unique in the application. */
  readonly id: string;
  readonly kind: StageKind;
  readonly pipeline: string;
  readonly partitions: number;
  /** What its saved state must carry to be read: a hash of what decides how state is read. */
  readonly fingerprint: string;
  /** Versions above 1 of what users keep in the stage's state, by operator and name. */
  readonly versions: readonly StateVersion[];
  readonly input: StageInput;
  readonly operators: readonly OperatorPlan[];
  /** Stages that this one feeds, each by its internal stream (named like the receiving stage). */
  readonly feeds: readonly string[];
  /** Names of the sinks that this stage writes. */
  readonly sinks: readonly string[];
};

type StageInput =
  | { readonly kind: "source"; readonly stream: string }
  | {
      readonly kind: "internal";
      readonly upstreams: readonly {
        readonly stage: string;
        readonly partitions: number;
        /** It sends nothing but control rows, for which no watermark waits. */
        readonly control?: true;
      }[];
    };

export type OperatorPlan = {
  readonly id: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  /** Hash of what decides how its state is read, where it keeps some. */
  readonly shape?: string;
  /** Whether what it keeps of a key may be read from outside. */
  readonly queryable?: true;
  /** For a reader: `tumbling 1 h, early every 10 min`. */
  readonly detail: string;
  /** The stage that rows go to, where it hands them on. */
  readonly to?: string;
};

export type SinkPlan =
  | { readonly kind: "view"; readonly name: string; readonly stage: string }
  | { readonly kind: "lake"; readonly name: string; readonly stage: string };
