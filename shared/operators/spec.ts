import type { ColumnType } from "../events/column.ts";
import type { EventInfo, Key } from "../events/event.ts";
import type { Tree } from "../json/paths.ts";
import type { DurationMs } from "../time/time.ts";
import type { Aggregate } from "./aggregate.ts";
import type { BloomOptions } from "./bloom/size.ts";
import type { BroadcastSpec, ControlSpec } from "./broadcast/spec.ts";
import type { JoinSpec } from "./join-spec.ts";
import type { KeptRows } from "./kept-rows.ts";
import type { LookupSpec } from "./lookup/spec.ts";
import type { PaceSpec } from "./pace/spec.ts";
import type { MatchSpec } from "./pattern/spec.ts";
import type { ProcessSpec } from "./process/spec.ts";
import type { Trigger } from "./trigger.ts";
import type { AnyWindow } from "./window.ts";

/** What happens to an event on which a user function throws. */
export type FailurePolicy = "dead-letter" | "halt" | "skip";

export type WindowOptions = {
  readonly aggregates: Readonly<Record<string, Aggregate<unknown, unknown>>>;
  readonly allowedLateness: DurationMs;
  readonly trigger: Trigger<unknown>;
};

type Fn<R> = (value: unknown, info: EventInfo) => R;

type Keeps = {
  /** Versions of the rows that it keeps: 1 of those of which nothing is said. */
  readonly kept: KeptRows;
};

type Queryable = {
  /** Whether `GET /v1/state` tells what the operator keeps of a key. @default false */
  readonly queryable?: boolean | undefined;
};

/** How a row finds its place in a view. */
export type ViewSpec = {
  readonly kind: "view";
  readonly name: string;
  readonly key: (row: unknown) => Key;
  readonly sort: (row: unknown) => Key;
};

/** How rows become files. */
export type LakeSpec = {
  readonly kind: "lake";
  readonly name: string;
  readonly partitionBy: ((row: unknown) => Readonly<Record<string, string>>) | undefined;
  readonly columns: Readonly<Record<string, ColumnType>> | undefined;
};

export type SinkSpec = ViewSpec | LakeSpec;

/** Keeps some fields of each value. */
export type SelectSpec = {
  readonly kind: "select";
  readonly paths: readonly string[];
  /** What is left to keep: `true` where the values come with no other fields. */
  readonly tree: Tree;
};

/** What an operator does, with the user's functions in it. */
export type OperatorSpec =
  | { readonly kind: "filter"; readonly fn: Fn<boolean> }
  | { readonly kind: "map"; readonly fn: Fn<unknown> }
  | { readonly kind: "flatMap"; readonly fn: Fn<Iterable<unknown>> }
  | SelectSpec
  | { readonly kind: "keyBy"; readonly by: string | Fn<Key> }
  | { readonly kind: "union" }
  | {
      readonly kind: "dedupe";
      readonly by: Fn<Key> | undefined;
      readonly within: DurationMs;
      readonly approximate: BloomOptions | undefined;
    }
  | ({
      readonly kind: "window";
      readonly window: AnyWindow<unknown>;
      /** Whether events may be combined before a shuffle. */
      readonly combine?: boolean;
      /** Partitions over which the events of one key are spread, to be merged afterwards. */
      readonly spread?: number | undefined;
    } & WindowOptions &
      Queryable)
  | ({ readonly kind: "process" } & ProcessSpec & Queryable)
  /** Of its first input, with the latest of its second. */
  | ({ readonly kind: "broadcast" } & BroadcastSpec & Keeps)
  | (ControlSpec & Keeps)
  /** Of its first input with its second. */
  | ({ readonly kind: "join"; readonly join: JoinSpec } & Keeps)
  | { readonly kind: "lookup"; readonly lookup: LookupSpec }
  | ({ readonly kind: "match" } & MatchSpec & Keeps)
  | ({ readonly kind: "pace"; readonly pace: PaceSpec } & Keeps)
  /** `priority`: which of a commit's outputs come first, the higher ones. @default 0 */
  | { readonly kind: "sink"; readonly sink: SinkSpec; readonly priority?: number };

/** Results, events that came too late, failed events, matches that ran out of time, or events that were too many. */
export type Port = "main" | "late" | "failed" | "timeout" | "excess";
