import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Key } from "../events/event.ts";
import type { Idleness } from "../events/stream.ts";
import type { Path, Tree } from "../json/paths.ts";
import type { StateShape } from "../state/stamp.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import type { CombineSpec } from "./combine/spec.ts";
import type { KeptRows } from "./kept-rows.ts";
import type { TableSpec } from "./lookup/spec.ts";
import type { FailurePolicy, OperatorSpec, Port, SinkSpec } from "./spec.ts";

/** Where an operator's input comes from: another operator's port, or the stage's own input. */
export type NodeInput =
  | { readonly node: number; readonly port: Port }
  /** An edge of the stage's input: 0 for a source, or a number that rows carry between stages. */
  | { readonly edge: number };

export type StageNode = {
  readonly id: string;
  readonly spec: OperatorSpec | FeedSpec;
  readonly inputs: readonly NodeInput[];
  readonly onError: FailurePolicy;
};

/**
 * The operator as its author knows it: what the planner put before a sink or a stage, to hand rows on under another key
 * (`key:<operator>:<nth>`) or at all (`to:<operator>:<nth>`), is part of it. No id of an author's has a colon.
 */
export const authored = (id: string): string => /^(?:key|to):(.+):\d+$/.exec(id)?.[1] ?? id;

/** Hands rows on to another stage, as its edge `edge`. */
export type FeedSpec = {
  readonly kind: "feed";
  /** The highest of the sinks behind it. @default 0 */
  readonly priority?: number;
  readonly stage: string;
  readonly partitions: number;
  readonly edge: number;
  /**
   * Where rows go: to the partition of their key, to one of the sender's own (its number modulo), or, as control rows,
   * to every partition.
   */
  readonly reach: "key" | "own" | "all";
  /** The window behind the shuffle, where a commit's rows are combined for it. */
  readonly combine?: CombineSpec;
  /** Partitions over which the rows of one key are spread: commits take turns. */
  readonly salts?: number;
};

export type StageSource = {
  readonly kind: "source";
  readonly stream: string;
  readonly key: (payload: unknown) => Key;
  readonly time: ((payload: unknown) => EpochMs | undefined) | undefined;
  /** What the stage reads of a payload: it is given no more than that. */
  readonly reads: Tree;
  /** Which paths key and time read, where nothing but them needs the rest of a payload: no schema looks at it. */
  readonly paths: { readonly key: readonly Path[]; readonly time: readonly Path[] | undefined } | undefined;
  /** For records that did not come through ingest, which validates. */
  readonly validate: StandardSchemaV1.Props["validate"];
  readonly outOfOrder: DurationMs;
  readonly idle: Idleness | undefined;
};

type StageInternal = {
  readonly kind: "internal";
  readonly upstreams: readonly Upstream[];
};

export type Upstream = {
  readonly stage: string;
  readonly partitions: number;
  /** It sends nothing but control rows, and the watermark does not wait for it. @default false */
  readonly control?: true;
};

/** A stage as the engine runs it: the part of a pipeline that needs no shuffle, in topological order. */
export type Stage = {
  readonly id: string;
  readonly pipeline: string;
  readonly kind: "stage" | "lake";
  readonly partitions: number;
  readonly input: StageSource | StageInternal;
  readonly nodes: readonly StageNode[];
} & StateShape;

/**
 * The edges by which control rows come. Those take effect where the log has them: their times move nothing.
 */
export const controlEdges = ({ nodes }: Pick<Stage, "nodes">): ReadonlySet<number> =>
  new Set(
    nodes.flatMap(({ spec, inputs: [, control] }) =>
      spec.kind === "broadcast" && control !== undefined && "edge" in control ? [control.edge] : [],
    ),
  );

/** What an operator says of the versions of rows that it keeps; undefined where it keeps none. */
export const keptRowsOf = (spec: StageNode["spec"] | { readonly kind: "source" }): KeptRows | undefined =>
  "kept" in spec ? spec.kept : undefined;

const KEEPING_NOTHING: ReadonlySet<StageNode["spec"]["kind"]> = new Set([
  "select",
  "filter",
  "map",
  "flatMap",
  "keyBy",
  "union",
  "feed",
  "sink",
]);

/** Whether nothing of what a stage reads outlives its batch: it has no state and no views. */
export const keepsNothing = ({ nodes }: Pick<Stage, "nodes">): boolean =>
  nodes.every(
    ({ spec }) => KEEPING_NOTHING.has(spec.kind) && !(spec.kind === "sink" && spec.sink.kind === "view"),
  );

/** The sinks of a stage, in the order of its nodes. */
export const sinksOf = (stage: Stage): SinkSpec[] =>
  stage.nodes.flatMap(({ spec }) => (spec.kind === "sink" ? [spec.sink] : []));

/** The tables outside that a stage looks up, each once. */
export const tablesOf = (stage: Stage): TableSpec[] => [
  ...new Set(stage.nodes.flatMap(({ spec }) => (spec.kind === "lookup" ? [spec.lookup.table] : []))),
];
