import type { Key } from "../events/event.ts";
import { edgeOf, rowVersion } from "../operators/kept-rows.ts";
import type { ViewSpec } from "../operators/spec.ts";
import { type FeedSpec, keptRowsOf, type NodeInput, type Stage, type Upstream } from "../operators/stage.ts";
import type { GraphNode, Pipeline } from "../pipeline/graph.ts";
import { checkSpread, combining, spreadId } from "./combining.ts";
import {
  append,
  type Draft,
  finished,
  type Input,
  MAIN,
  type Place,
  partitionsOf,
  run,
  sourceOf,
  taggedInputs,
  withPort,
} from "./draft.ts";
import { givesKey } from "./gives-key.ts";
import { topologicalOrder } from "./order.ts";
import { withPriorities } from "./priorities.ts";
import { refuse } from "./refuse.ts";

type Broadcasting = Extract<GraphNode["spec"], { readonly kind: "broadcast" }>;

/**
 * Cuts a pipeline into stages at its shuffles. An operator with state needs its key's events together in
 * one partition of one stage; where they are not, what feeds it is handed on to a stage of its own. So
 * are rows for a view whose key is not the stage's, and rows for the lake.
 * @throws MillraceError `PLAN_OPTION` for a dedupe by the events' own ids where these are not known any more, and for
 * keys that cannot be spread
 */
export function cutIntoStages(pipeline: Pipeline): Stage[] {
  const drafts = new Map<string, Draft>();
  const places: Place[] = [];
  const draft = (id: string, kind: Draft["kind"], partitions: number, input: Draft["input"]): Draft => {
    const existing = drafts.get(id);
    if (existing !== undefined) return existing;
    const made: Draft = { id, pipeline: pipeline.id, kind, partitions, input, nodes: [] };
    drafts.set(id, made);
    return made;
  };

  /** Hands the inputs on to a new stage: all as its edge 0 or, where `tagged`, each as an edge of its own. */
  const shuffle = (
    node: GraphNode,
    inputs: readonly Input[],
    to: {
      readonly kind: Draft["kind"];
      readonly partitions?: number;
      readonly rekey?: ViewSpec["key"];
      readonly tagged?: boolean;
      /** The last input goes to every partition. */
      readonly control?: boolean;
      /** The rows of each key go to so many partitions. */
      readonly salts?: number;
    },
  ): Place => {
    const byKey = to.control === true ? inputs.slice(0, -1) : inputs;
    const partitions = to.partitions ?? partitionsOf(byKey);
    const upstreams = new Map<string, Upstream>();
    const own = `${pipeline.id}.${node.id}`;
    const id = to.salts === undefined ? own : spreadId(own);
    const target = draft(id, to.kind, partitions, { kind: "internal", upstreams });
    let nth = 0;
    for (const [i, [place, { port }]] of inputs.entries())
      for (const [home, reference] of place.homes) {
        const control = to.control === true && i === byKey.length;
        if (!upstreams.has(home.id))
          upstreams.set(home.id, {
            stage: home.id,
            partitions: home.partitions,
            ...(control ? { control } : {}),
          });
        nth += 1;
        let from = withPort(reference, port);
        if (to.rekey !== undefined) {
          const by = to.rekey as (value: unknown) => Key;
          from = append(home, {
            id: `key:${node.id}:${nth}`,
            spec: { kind: "keyBy", by },
            inputs: [from],
            onError: node.onError,
          });
        }
        const edge = to.tagged === true ? i : 0;
        const spec: FeedSpec = {
          kind: "feed",
          stage: target.id,
          partitions,
          edge: edgeOf(edge, rowVersion(keptRowsOf(node.spec) ?? {}, edge)),
          reach: control ? "all" : to.kind === "lake" ? "own" : "key",
          ...(to.salts === undefined ? {} : { salts: to.salts }),
        };
        append(home, { id: `to:${node.id}:${nth}`, spec, inputs: [from], onError: node.onError });
      }
    return { homes: new Map([[target, { edge: 0 }]]), keyed: true, keyOf: to.rekey };
  };

  for (const i of topologicalOrder(pipeline)) {
    const node = pipeline.nodes[i] as GraphNode;
    const inputs = node.inputs.map((input) => [places[input.node] as Place, input] as const);
    places[i] = place(node, inputs);
  }
  checkSpread(pipeline, [...drafts.values()]);
  return withPriorities([...drafts.values()].map((each) => combining(each, drafts))).map(finished);

  /** By a stage that merges what it gets of each key, and hands it on to the partition that owns the key. */
  function spread(node: GraphNode, inputs: readonly Input[], salts: number): Map<Draft, NodeInput> {
    const partitions = partitionsOf(inputs);
    const merged = shuffle(node, inputs, {
      kind: "stage",
      partitions: Math.max(partitions, salts),
      salts,
    });
    return run(node, [[shuffle(node, [[merged, MAIN]], { kind: "stage", partitions }), MAIN]]);
  }

  /**
   * What goes to every partition. All must see the values of a key in one order, so that they come from one partition:
   * else one update could win here, and another there, for ever.
   */
  function orderedControl(node: GraphNode, input: Input, { prepare, kept }: Broadcasting): Input {
    const [{ homes, keyed }] = input;
    const isOrdered = keyed && homes.size === 1;
    if (isOrdered && prepare === undefined) return input;
    const rows = kept.control === undefined ? {} : { rows: kept.control };
    const check = { ...node, spec: { kind: "control", prepare, kept: rows } } as const;
    const [place, from]: Input = isOrdered
      ? input
      : [shuffle({ ...check, id: controlStageOf(node.id) }, [input], { kind: "stage" }), MAIN];
    return [{ ...place, homes: run(check, [[place, from]]) }, MAIN];
  }

  function place(node: GraphNode, inputs: readonly Input[]): Place {
    const { spec } = node;
    if (spec.kind === "source") {
      const { stream } = spec;
      const home = draft(`${pipeline.id}.${stream.id}`, "stage", stream.partitions, sourceOf(stream));
      return { homes: new Map([[home, { edge: 0 }]]), keyed: true, keyOf: stream.key };
    }
    const together = new Set(inputs.flatMap(([{ homes }]) => [...homes.keys()])).size === 1;
    const keyed = together && inputs.every(([input]) => input.keyed);
    const [first] = inputs;
    // late and failed events are not what the operator's results are: its key field need not be theirs
    const keyOf = inputs.every(([input, { port }]) => port === "main" && input.keyOf === first?.[0].keyOf)
      ? first?.[0].keyOf
      : undefined;
    switch (spec.kind) {
      case "window":
      case "match":
      case "pace":
      case "process":
      case "dedupe": {
        const ready = spec.kind === "dedupe" ? together : keyed;
        const runs =
          spec.kind === "window" && spec.spread !== undefined
            ? spread(node, inputs, spec.spread)
            : ready
              ? run(node, inputs)
              : run(node, [[shuffle(node, inputs, { kind: "stage" }), MAIN]]);
        // what paces lets events go on as they are
        if (spec.kind === "pace" && spec.pace.by !== "batch") return { homes: runs, keyed: true, keyOf };
        if (spec.kind === "process") return { homes: runs, keyed: true, keyOf: undefined };
        if (spec.kind !== "dedupe") return { homes: runs, keyed: true, keyOf: "key" };
        if (spec.by === undefined && [...runs.keys()].some(({ input }) => input.kind === "internal"))
          throw refuse("PLAN_OPTION", pipeline.id, node.id, NO_ID_OF_ITS_OWN);
        return { homes: runs, keyed: ready ? keyed : true, keyOf };
      }
      case "join": {
        // one log must order both sides, so that they share a stage: each comes by an edge of its own
        const runs = keyed
          ? run(node, inputs)
          : run(node, taggedInputs(shuffle(node, inputs, { kind: "stage", tagged: true })));
        const { type } = spec.join;
        const leftKey = first?.[1].port === "main" ? first[0].keyOf : undefined;
        return { homes: runs, keyed: true, keyOf: type === "semi" || type === "anti" ? leftKey : "key" };
      }
      case "broadcast": {
        const [events, control] = inputs as readonly [Input, Input];
        const target = shuffle(node, [events, orderedControl(node, control, spec)], {
          kind: "stage",
          tagged: true,
          control: true,
        });
        return { homes: run(node, taggedInputs(target)), keyed: true, keyOf: undefined };
      }
      case "sink": {
        if (spec.sink.kind === "lake")
          run(node, [[shuffle(node, inputs, { kind: "lake", partitions: 1 }), MAIN]]);
        else if (keyed && givesKey(spec.sink.key, keyOf)) run(node, inputs);
        else run(node, [[shuffle(node, inputs, { kind: "stage", rekey: spec.sink.key }), MAIN]]);
        return { homes: new Map(), keyed: false, keyOf: undefined };
      }
      case "keyBy":
        return { homes: run(node, inputs), keyed: keyed && spec.by === keyOf, keyOf: spec.by };
      case "lookup":
        // the row may stand where the key was read
        return {
          homes: run(node, inputs),
          keyed,
          keyOf: typeof keyOf === "string" && keyOf !== spec.lookup.as ? keyOf : undefined,
        };
      case "map":
      case "flatMap":
        return { homes: run(node, inputs), keyed, keyOf: undefined };
      default:
        return { homes: run(node, inputs), keyed, keyOf };
    }
  }
}

/** The stage that puts the values of each control key into one order, where the control's own stages do not. */
export const controlStageOf = (operator: string): string => `${operator}-control`;
/** A row between stages gets an id of its own, so that none would ever be a repeat. */
const NO_ID_OF_ITS_OWN =
  "behind a shuffle an event's own id is not known any more: name the id with `by`, or dedupe before the shuffle";
