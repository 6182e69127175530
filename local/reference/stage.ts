import type { GraphNode } from "../../shared/pipeline/graph.ts";
import type { Planned } from "../../shared/plan/planner.ts";

// What the plan says of a stage, by the plan's own types: nothing here comes from what runs stages.

export type Stage = Planned["stages"] extends ReadonlyMap<string, infer S> ? S : never;
export type Node = Stage["nodes"][number];
export type Port = GraphNode["inputs"][number]["port"];

type Spec<K> = Extract<Node["spec"], { readonly kind: K }>;
export type WindowNode = Node & { readonly spec: Spec<"window"> };
export type DedupeNode = Node & { readonly spec: Spec<"dedupe"> };
export type JoinNode = Node & { readonly spec: Spec<"join"> };
export type ProcessNode = Node & { readonly spec: Spec<"process"> };
export type BroadcastNode = Node & { readonly spec: Spec<"broadcast"> };
export type MatchNode = Node & { readonly spec: Spec<"match"> };
export type PaceNode = Node & { readonly spec: Spec<"pace"> };
export type LookupNode = Node & { readonly spec: Spec<"lookup"> };
export type Feed = Spec<"feed">;
export type Aggregates = Spec<"window">["aggregates"];
export type Sink = Spec<"sink">["sink"];
