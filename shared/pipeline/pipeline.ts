import { MillraceError } from "../errors/millrace-error.ts";
import type { EventInfo, Key } from "../events/event.ts";
import type { Stream } from "../events/stream.ts";
import { pathOf, treeOf } from "../json/paths.ts";
import type { JoinSpec } from "../operators/join-spec.ts";
import type { LookupSpec } from "../operators/lookup/spec.ts";
import type { PaceSpec } from "../operators/pace/spec.ts";
import type { StateSpecs } from "../operators/process/spec.ts";
import type { FailurePolicy, OperatorSpec, Port } from "../operators/spec.ts";
import type { Versioned } from "../operators/versioned.ts";
import type { AnyWindow } from "../operators/window.ts";
import type { DurationMs } from "../time/time.ts";
import type { BroadcastOptions } from "./broadcast.ts";
import type {
  Aggregates,
  DedupeOptions,
  Flow,
  KeyedFlow,
  OperatorOptions,
  ResultFlow,
  WindowedFlow,
  WindowedOptions,
} from "./flow.ts";
import type { GraphInput, GraphNode, Pipeline, SourceSpec } from "./graph.ts";
import type { JoinOptions, TemporalJoinOptions } from "./join.ts";
import type { LookupOptions, LookupTable } from "./lookup.ts";
import type { BatchOptions, DebounceOptions, SampleOptions, ThrottleOptions } from "./pace.ts";
import type { MatchOptions, Pattern } from "./pattern.ts";
import { placed } from "./placed.ts";
import type { ProcessOptions } from "./process.ts";
import type { Sink, SinkOptions } from "./sinks.ts";

/** Where a pipeline's flows begin. */
export type PipelineBuilder = {
  from<T>(stream: Stream<T>): Flow<T>;
};

/**
 * Describes a pipeline. Nothing runs here: the description is checked when it is planned, and the same
 * description is deployed, run over a file and tested.
 * @throws MillraceError with a `PLAN_…` code for what a rule or an aggregate refuses before it is given to an operator;
 * what else `build` throws
 */
export function pipeline(id: string, build: (p: PipelineBuilder) => void): Pipeline {
  const graph = new Graph(id);
  const from = <T>(stream: Stream<T>): Flow<T> =>
    graph.flow(
      graph.add({ kind: "source", stream: stream as Stream<unknown> }, [], { id: stream.id }),
    ) as Flow<T>;
  try {
    build({ from });
  } catch (thrown) {
    throw placed(thrown, id, graph.nodes);
  }
  return { kind: "pipeline", id, nodes: graph.nodes };
}

type AnyFlow = KeyedFlow<never, unknown> & { readonly input: GraphInput; readonly graph: Graph };
type AnyBroadcast = BroadcastOptions<unknown, Key, unknown, unknown, unknown>;
type Row = Readonly<Record<string, never>>;
type NodeOptions = { readonly id?: string | undefined; readonly onError?: FailurePolicy | undefined };

/** Collects nodes; a flow is a reference to one of their outputs. */
class Graph {
  readonly #pipeline: string;
  readonly nodes: GraphNode[] = [];
  readonly #kinds = new Map<string, number>();

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
  }

  add(spec: OperatorSpec | SourceSpec, inputs: readonly GraphInput[], options: NodeOptions = {}): number {
    const nth = (this.#kinds.get(spec.kind) ?? 0) + 1;
    this.#kinds.set(spec.kind, nth);
    const { id = `${spec.kind}-${nth}`, onError = "dead-letter" } = options;
    return this.nodes.push({ id, named: options.id !== undefined, spec, inputs, onError }) - 1;
  }

  flow(node: number, port: Port = "main"): AnyFlow {
    const input: GraphInput = { node, port };
    const then = (spec: OperatorSpec, options?: NodeOptions): AnyFlow =>
      this.flow(this.add(spec, [input], options));
    type Fn<R> = (value: unknown, info: EventInfo) => R;
    const flow = {
      input,
      graph: this,
      filter: (fn: Fn<boolean>, options?: OperatorOptions) => then({ kind: "filter", fn }, options),
      map: (fn: Fn<unknown>, options?: OperatorOptions) => then({ kind: "map", fn }, options),
      flatMap: (fn: Fn<Iterable<unknown>>, options?: OperatorOptions) =>
        then({ kind: "flatMap", fn }, options),
      select: (...paths: readonly string[]) =>
        then({ kind: "select", paths, tree: treeOf(paths.map(pathOf)) }),
      keyBy: (by: string | Fn<never>, options?: OperatorOptions) => then({ kind: "keyBy", by }, options),
      union: (...others: readonly AnyFlow[]) =>
        this.flow(this.add({ kind: "union" }, [input, ...others.map((other) => this.#inputOf(other))])),
      dedupe: ({ by, within, approximate, ...options }: DedupeOptions<unknown>) =>
        then({ kind: "dedupe", by: dedupeBy(by), within, approximate }, options),
      withBroadcast: (control: AnyFlow, options: AnyBroadcast = UNSAID) => {
        const { prepare, onEvent, kept: values, ...rest } = options;
        const kept = values === undefined ? {} : { control: values };
        const spec = { kind: "broadcast", prepare, onEvent, kept } as const;
        return this.flow(this.add(spec, [input, this.#inputOf(control)], rest));
      },
      lookup: (
        table: LookupTable<string, unknown>,
        { key, as, type = "inner", asOf, ...options }: LookupOptions<Row> = UNSAID,
      ) => {
        const lookup = { table, by: key, as: as ?? table?.name, type, asOf } as LookupSpec;
        return then({ kind: "lookup", lookup }, options);
      },
      to: (sink: Sink<unknown>, { priority }: SinkOptions = {}) => {
        then(
          { kind: "sink", sink, ...(priority === undefined ? {} : { priority }) },
          { id: `${sink?.kind}-${sink?.name}` },
        );
      },
      window: (window: AnyWindow<unknown>, options: WindowedOptions<unknown>) =>
        this.#windowed(input, window, options),
      spread: (partitions: number) => ({
        window: (window: AnyWindow<unknown>, options: WindowedOptions<unknown>) =>
          this.#windowed(input, window, options, partitions),
      }),
      throttle: ({ most = 1, per, ...options }: ThrottleOptions) =>
        this.#paced(input, { by: "throttle", most, per }, options),
      debounce: ({ quiet, kept, ...options }: DebounceOptions) =>
        this.#paced(input, { by: "debounce", quiet }, options, kept),
      sample: ({ every, take = "last", kept, ...options }: SampleOptions) =>
        this.#paced(input, { by: "sample", every, take }, options, kept),
      batch: ({ size, within, kept, ...options }: BatchOptions) =>
        this.#paced(input, { by: "batch", size, within }, options, kept),
      match: (pattern: Pattern<unknown, string>, options: MatchOptions<string>) =>
        this.#matched(input, pattern, options),
      process: ({
        state,
        onEvent,
        onTimer,
        onProcessingTimer,
        queryable,
        ...options
      }: ProcessOptions<Key, unknown, StateSpecs, unknown, unknown, unknown>) =>
        then({ kind: "process", state, onEvent, onTimer, onProcessingTimer, queryable }, options),
      join: (right: AnyFlow, options: JoinOptions<unknown> = UNSAID) =>
        this.#joined(input, right, options, joinBy(options)),
      temporalJoin: (versions: AnyFlow, options: TemporalJoinOptions = UNSAID) =>
        this.#joined(input, versions, options, { by: "version", ttl: options.ttl }),
    };
    return Object.defineProperty(flow, "failed", {
      get: () => this.flow(node, "failed"),
    }) as unknown as AnyFlow;
  }

  /** @throws MillraceError `PLAN_OTHER_PIPELINE`: an index into another graph would mean another operator here */
  #inputOf(other: AnyFlow): GraphInput {
    if (other?.graph === this) return other.input;
    throw new MillraceError(
      "PLAN_OTHER_PIPELINE",
      `pipeline "${this.#pipeline}": a flow that is joined or united with another must be of the same pipeline`,
      { next: "refused" },
    );
  }

  #joined(
    left: GraphInput,
    right: AnyFlow,
    {
      id,
      onError,
      type = "inner",
      grace = 0 as DurationMs,
      kept = {},
    }: JoinOptions<unknown> | TemporalJoinOptions,
    by: JoinBy,
  ): AnyFlow {
    const join = { type, grace, ...by } as JoinSpec;
    const node = this.add({ kind: "join", join, kept }, [left, this.#inputOf(right)], { id, onError });
    return this.#withLate(node);
  }

  #withLate(node: number): AnyFlow {
    return Object.defineProperty(this.flow(node), "late", { get: () => this.flow(node, "late") });
  }

  #paced(input: GraphInput, pace: PaceSpec, options: NodeOptions, rows?: Versioned): AnyFlow {
    const node = this.add({ kind: "pace", pace, kept: rows === undefined ? {} : { rows } }, [input], options);
    return Object.defineProperty(this.#withLate(node), "excess", { get: () => this.flow(node, "excess") });
  }

  #matched(
    input: GraphInput,
    { spec: pattern }: Pattern<unknown, string>,
    { skip = "noSkip", maxRuns: most = MOST_RUNS, kept: rows, ...options }: MatchOptions<string>,
  ): AnyFlow {
    const spec = { kind: "match", pattern, skip, most, kept: rows === undefined ? {} : { rows } } as const;
    const node = this.add(spec, [input], options);
    return Object.defineProperty(this.#withLate(node), "timeouts", { get: () => this.flow(node, "timeout") });
  }

  #windowed(
    input: GraphInput,
    window: AnyWindow<unknown>,
    options: WindowedOptions<unknown>,
    spread?: number,
  ): WindowedFlow<never, unknown> {
    return {
      aggregate: <A extends Aggregates<unknown>>(aggregates: A) => {
        const {
          id,
          onError,
          allowedLateness = 0 as DurationMs,
          trigger = {},
          combine = true,
          queryable,
        } = options ?? {};
        const node = this.add(
          { kind: "window", window, aggregates, allowedLateness, trigger, combine, spread, queryable },
          [input],
          { id, onError },
        );
        return this.#withLate(node) as unknown as ResultFlow<never, unknown, A>;
      },
    };
  }
}

/** Matches under way that a key may have, where nothing else is said. */
const MOST_RUNS = 10_000;

/** No options, of one who does not compile: refused where they are needed. */
const UNSAID = {} as JoinOptions<unknown> & TemporalJoinOptions & AnyBroadcast & LookupOptions<Row>;

/** What tells one join from another. */
type JoinBy = JoinSpec extends infer One
  ? One extends JoinSpec
    ? Omit<One, "type" | "grace">
    : never
  : never;

function joinBy({ window, within, ttl }: JoinOptions<unknown>): JoinBy {
  if (window !== undefined) return { by: "window", window };
  if (within !== undefined) return { by: "interval", from: within.from, to: within.to };
  return { by: "key", ttl: ttl === "forever" ? undefined : (ttl ?? (Number.NaN as DurationMs)) };
}

function dedupeBy(by: DedupeOptions<unknown>["by"]): ((value: unknown, info: EventInfo) => Key) | undefined {
  if (by === undefined || typeof by === "function") return by;
  return (value) => (value as Record<string, Key>)[by] as Key;
}
