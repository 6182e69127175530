import type { Stream } from "../events/stream.ts";
import type { FailurePolicy, OperatorSpec, Port } from "../operators/spec.ts";

/** An operator of a pipeline, as the user wrote it. Plain data: what reads a pipeline reads this. */
export type GraphNode = {
  /** Given by the user, or made from the operator's kind and place. */
  readonly id: string;
  /** State is found again by an id only where the user gave it. */
  readonly named: boolean;
  readonly spec: OperatorSpec | SourceSpec;
  readonly inputs: readonly GraphInput[];
  readonly onError: FailurePolicy;
};

export type SourceSpec = { readonly kind: "source"; readonly stream: Stream<unknown> };

/** The index of the node that gives the input, and which of its outputs. */
export type GraphInput = { readonly node: number; readonly port: Port };

/** A pipeline: operators between sources and sinks. */
export type Pipeline = {
  readonly kind: "pipeline";
  readonly id: string;
  readonly nodes: readonly GraphNode[];
};
