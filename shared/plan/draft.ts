import type { Key } from "../events/event.ts";
import type { Stream } from "../events/stream.ts";
import { isTrusted } from "../events/trusted.ts";
import type { Tree } from "../json/paths.ts";
import type { NodeInput, Stage, StageNode, StageSource, Upstream } from "../operators/stage.ts";
import type { GraphInput, GraphNode } from "../pipeline/graph.ts";
import type { StateShape } from "../state/stamp.ts";
import { parseTime } from "../time/clock.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { pushDownSelects } from "./push-down.ts";
import { versionsOf } from "./versions.ts";

/** A stage while it is being put together. */
export type Draft = Omit<Stage, "nodes" | "input" | keyof StateShape> & {
  readonly input: StageSource | { readonly kind: "internal"; readonly upstreams: Map<string, Upstream> };
  readonly nodes: StageNode[];
};

/** Where an output of a node can be had, and how its events are spread there. */
export type Place = {
  /** In each stage where the node runs: how that stage refers to it. */
  readonly homes: ReadonlyMap<Draft, NodeInput>;
  /** Whether events of one key are together in one partition. */
  readonly keyed: boolean;
  /** The field or function that gives the key, where the value still holds it. */
  readonly keyOf: unknown;
};

export type Input = readonly [Place, GraphInput];

/** As many as the stage has that has most of them. */
export const partitionsOf = (inputs: readonly Input[]): number =>
  Math.max(...inputs.flatMap(([{ homes }]) => [...homes.keys()].map(({ partitions }) => partitions)));

export const MAIN: GraphInput = { node: -1, port: "main" };

/** The two edges by which a join's sides come into its stage. */
export const taggedInputs = ({ homes, ...place }: Place): Input[] =>
  [0, 1].map((edge) => [
    { ...place, homes: new Map([...homes.keys()].map((home) => [home, { edge }])) },
    MAIN,
  ]);

/** Adds the node to each stage that has one of its inputs. */
export function run(node: GraphNode, inputs: readonly Input[]): Map<Draft, NodeInput> {
  const runs = new Map<Draft, NodeInput>();
  const homes = new Set(inputs.flatMap(([{ homes }]) => [...homes.keys()]));
  for (const home of homes) {
    const local = inputs.flatMap(([{ homes }, { port }]) => {
      const reference = homes.get(home);
      return reference === undefined ? [] : [withPort(reference, port)];
    });
    runs.set(
      home,
      append(home, {
        id: node.id,
        spec: node.spec as StageNode["spec"],
        inputs: local,
        onError: node.onError,
      }),
    );
  }
  return runs;
}

export const append = (home: Draft, node: StageNode): NodeInput => ({
  node: home.nodes.push(node) - 1,
  port: "main",
});

export const withPort = (reference: NodeInput, port: GraphInput["port"]): NodeInput =>
  "node" in reference ? { node: reference.node, port } : reference;

/** Where a stage begins that reads a stream. */
export function sourceOf(stream: Stream<unknown>): StageSource {
  const { key, time, paths } = stream;
  return {
    kind: "source",
    stream: stream.id,
    key: typeof key === "function" ? key : (payload) => (payload as Record<string, Key>)[key] as Key,
    time:
      time === undefined
        ? undefined
        : (payload) =>
            parseTime(
              typeof time === "function" ? time(payload) : (payload as Record<string, unknown>)[time],
            ),
    reads: true,
    paths:
      isTrusted(stream.schema) && paths.key !== undefined && (time === undefined || paths.time !== undefined)
        ? { key: paths.key, time: paths.time }
        : undefined,
    validate: stream.schema["~standard"].validate,
    outOfOrder: stream.outOfOrder,
    idle: stream.idle,
  };
}

/** The stage, once all of it is there: it reads no more of a payload than its selects name. */
export function finished({ input, nodes, ...rest }: Draft): Stage {
  const pushed = input.kind === "source" ? pushDownSelects(nodes) : { nodes, reads: true as Tree };
  const stage = {
    ...rest,
    nodes: pushed.nodes,
    input:
      input.kind === "source"
        ? { ...input, reads: pushed.reads }
        : {
            kind: input.kind,
            upstreams: [...input.upstreams.values()],
          },
  };
  return { ...stage, fingerprint: fingerprintOf(stage), versions: versionsOf(stage.nodes) };
}
