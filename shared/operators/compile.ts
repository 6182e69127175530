import type { Key } from "../events/event.ts";
import { project } from "../json/paths.ts";
import { appendTo } from "../state/lists.ts";
import { AlignedWindows } from "./aligned-windows.ts";
import { assignerOf } from "./assign.ts";
import { AssignedWindows } from "./assigned-windows.ts";
import { BloomDedupe } from "./bloom/bloom-dedupe.ts";
import { Broadcast } from "./broadcast/broadcast.ts";
import { isGone } from "./broadcast/spec.ts";
import { COMBINED_EDGE, isCombined } from "./combine/spec.ts";
import { cloneData } from "./custom.ts";
import { Dedupe } from "./dedupe.ts";
import { frozen } from "./frozen.ts";
import { guarded } from "./guarded.ts";
import { areMany, HoppingWindows } from "./hopping/hopping-windows.ts";
import type { Host } from "./host.ts";
import { Join } from "./join.ts";
import { joinLogic } from "./join-logic.ts";
import { type LookUp, lookupPush } from "./lookup/lookup.ts";
import type { Push, StatefulOperator } from "./operator.ts";
import { feedPush, type Giving, lakePush, viewPush } from "./output-push.ts";
import type { Counts } from "./outputs.ts";
import { Pace } from "./pace/pace.ts";
import { PatternMatch } from "./pattern/pattern-match.ts";
import { Process } from "./process/process.ts";
import { versionedEntries } from "./row-entries.ts";
import { SessionWindows, spanByGap } from "./session-windows.ts";
import { canBeSliced, SlicedWindows } from "./sliced-windows.ts";
import type { OperatorSpec, Port } from "./spec.ts";
import { authored, type NodeInput, type Stage, type StageNode } from "./stage.ts";
import { filterPush, keyByPush, mapPush } from "./stateless.ts";

/** What the operators of one fold share. */
export type Shop = Omit<Host, "pipeline" | "id" | "node" | "emit" | "late" | "fail" | "need"> &
  Giving & {
    readonly need: (operator: string, group: number, key: Key) => boolean;
    readonly lookUp: LookUp;
    readonly counts: Counts;
    readonly failAt: (node: StageNode, port: Push, value: unknown, thrown: unknown) => void;
  };

export type CompiledStage = {
  /** By edge: where the stage's input enters. */
  readonly entries: readonly (Push | undefined)[];
  /** The same for rows of an edge that is not among them. @throws MillraceError `STATE_VERSION` */
  readonly entryOf: (edge: number) => Push | undefined;
  /** By place in the stage's order of nodes; undefined where an operator keeps no state. */
  readonly stateful: readonly (StatefulOperator | undefined)[];
  /** The entry by which combined rows come, where they may. */
  readonly combined: number | undefined;
};

/** Links a stage's operators, last to first, into functions that call each other directly. */
export function compileStage(stage: Stage, shop: Shop): CompiledStage {
  const pushes: Push[] = [];
  const hosts: Host[] = [];
  const stateful: (StatefulOperator | undefined)[] = [];
  const pushOf = (node: number, nth: number): Push =>
    (nth > 0 ? stateful[node]?.pushRight : undefined) ?? (pushes[node] as Push);
  const fedBy = (matches: (input: NodeInput) => boolean): Push =>
    fanOut(
      stage.nodes.flatMap(({ inputs }, i) =>
        inputs.flatMap((input, nth) => (matches(input) ? [pushOf(i, nth)] : [])),
      ),
    );
  for (let i = stage.nodes.length - 1; i >= 0; i -= 1) {
    const node = stage.nodes[i] as StageNode;
    const port = (name: Port): Push =>
      fedBy((input) => "node" in input && input.node === i && input.port === name);
    const failed = port("failed");
    const fail = (value: unknown, thrown: unknown): void => shop.failAt(node, failed, value, thrown);
    const late = port("late");
    const host: Host = {
      pipeline: stage.pipeline,
      id: authored(node.id),
      node: i,
      context: shop.context,
      journal: shop.journal,
      timers: shop.timers,
      streamTimers: shop.streamTimers,
      processingTimers: shop.processingTimers,
      processingSweeps: shop.processingSweeps,
      careful: shop.careful,
      emit: port("main"),
      need: (group, key) => shop.need(node.id, group, key),
      late: (value) => {
        shop.counts.late += 1;
        late(value);
      },
      fail,
    };
    hosts[i] = host;
    const operator = statefulOperator(node, host, shop, port);
    stateful[i] = operator;
    pushes[i] = operator?.push ?? statelessPush(node, host, shop);
  }
  const edges = stage.nodes.flatMap(({ inputs }) =>
    inputs.map((input) => ("edge" in input ? input.edge : -1)),
  );
  const entries: (Push | undefined)[] = Array.from({ length: Math.max(-1, ...edges) + 1 }, (_, edge) =>
    fedBy((input) => "edge" in input && input.edge === edge),
  );
  const entryOf = versionedEntries(stage, entries, hosts);
  const combined = combinedEntry(stage, stateful, shop);
  if (combined !== undefined) entries[COMBINED_EDGE] = combined;
  return { entries, entryOf, stateful, combined: combined === undefined ? undefined : COMBINED_EDGE };
}

/** Where rows of partial results enter: the window that events enter, or the shuffle that hands both on. */
function combinedEntry(
  { input, nodes }: Stage,
  stateful: readonly (StatefulOperator | undefined)[],
  { context, outputs }: Shop,
): Push | undefined {
  if (input.kind !== "internal") return undefined;
  const i = nodes.findIndex(({ inputs }) => inputs.some((from) => "edge" in from && from.edge === 0));
  const spec = nodes[i]?.spec;
  if (spec?.kind === "window" && isCombined(spec.window)) return stateful[i]?.pushCombined;
  if (spec?.kind !== "feed" || spec.combine === undefined) return undefined;
  const { stage } = spec;
  return (value) => appendTo(outputs().feeds, stage, [COMBINED_EDGE, context.key, context.time, value]);
}

function fanOut(targets: readonly Push[]): Push {
  const [only, ...others] = targets;
  if (only === undefined) return () => {};
  if (others.length === 0) return only;
  return (value) => {
    for (const target of targets) target(value);
  };
}

function statefulOperator(
  { spec }: StageNode,
  host: Host,
  shop: Shop,
  port: (name: Port) => Push,
): StatefulOperator | undefined {
  if (spec.kind === "dedupe") {
    const dropped = (): void => {
      shop.counts.duplicates += 1;
    };
    const { approximate } = spec;
    if (approximate !== undefined) return new BloomDedupe(host, { ...spec, approximate }, dropped);
    return new Dedupe(host, spec, dropped);
  }
  if (spec.kind === "pace") return new Pace(host, port("excess"), spec.pace, spec.kept);
  if (spec.kind === "match") return new PatternMatch(host, port("timeout"), spec);
  if (spec.kind === "process") return new Process(host, spec);
  if (spec.kind === "broadcast") return new Broadcast(host, spec);
  if (spec.kind === "join") return new Join(host, spec.kept, (parts) => joinLogic(spec.join, parts));
  if (spec.kind !== "window") return undefined;
  const counted: Host = {
    ...host,
    emit: (row) => {
      if ((row as { pane: { timing: string } }).pane.timing === "on-time") shop.counts.windows += 1;
      host.emit(row);
    },
  };
  return windowOperator(spec, counted);
}

function windowOperator(spec: Extract<OperatorSpec, { kind: "window" }>, host: Host): StatefulOperator {
  const { window } = spec;
  switch (window.kind) {
    case "tumbling":
      return new AlignedWindows(host, { size: window.size, slide: window.size }, spec);
    case "hopping":
      return canBeSliced(window, spec)
        ? new SlicedWindows(host, window, spec)
        : areMany(window)
          ? new HoppingWindows(host, window, spec)
          : new AlignedWindows(host, window, spec);
    case "session":
      return new SessionWindows(host, spanByGap(host, window.gap), spec);
    default: {
      const assign = assignerOf(window, host);
      return window.kind === "custom" && window.merge
        ? new SessionWindows(host, (value) => assign(value)?.[0], spec)
        : new AssignedWindows(host, assign, spec);
    }
  }
}

function statelessPush({ spec }: StageNode, host: Host, shop: Shop): Push {
  const { context, emit, fail } = host;
  switch (spec.kind) {
    case "filter":
      return filterPush(host, spec.fn);
    case "map":
      return mapPush(host, spec.fn);
    case "flatMap":
      return guarded(
        fail,
        (value) => [...spec.fn(value, context)],
        (values) => {
          for (const value of values) emit(value);
        },
      );
    case "select": {
      const { tree } = spec;
      return tree === true ? emit : (value) => emit(project(value, tree));
    }
    case "keyBy":
      return keyByPush(host, spec.by);
    case "control":
      return guarded(
        fail,
        (value) => (isGone(value) ? undefined : spec.prepare?.(frozen(cloneData(value)), context.key)),
        (_, value) => emit(value),
      );
    case "lookup":
      return lookupPush(host, spec.lookup, {
        lookUp: shop.lookUp,
        unmatched: () => {
          shop.counts.unmatched = (shop.counts.unmatched ?? 0) + 1;
        },
      });
    case "feed":
      return feedPush(host, spec, shop);
    case "sink":
      return spec.sink.kind === "lake" ? lakePush(host, spec.sink, shop) : viewPush(host, spec.sink, shop);
    default:
      return emit;
  }
}
