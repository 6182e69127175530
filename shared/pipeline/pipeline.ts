import type { EventInfo, Key } from "../events/event.ts";
import type { Stream } from "../events/stream.ts";
import type { FailurePolicy, OperatorSpec, Port } from "../operators/spec.ts";
import type { WindowSpec } from "../operators/window.ts";
import type { DurationMs } from "../time/time.ts";
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
import type { Sink } from "./sinks.ts";

/** Where a pipeline's flows begin. */
export type PipelineBuilder = {
  from<T>(stream: Stream<T>): Flow<T>;
};

/**
 * Describes a pipeline. Nothing runs here: the description is checked when it is planned, and the same
 * description is deployed, run over a file and tested.
 */
export function pipeline(id: string, build: (p: PipelineBuilder) => void): Pipeline {
  const graph = new Graph();
  build({
    from: <T>(stream: Stream<T>) =>
      graph.flow(
        graph.add({ kind: "source", stream: stream as Stream<unknown> }, [], { id: stream.id }),
      ) as Flow<T>,
  });
  return { kind: "pipeline", id, nodes: graph.nodes };
}

type AnyFlow = KeyedFlow<never, unknown> & { readonly input: GraphInput };
type NodeOptions = { readonly id?: string | undefined; readonly onError?: FailurePolicy | undefined };

/** Collects nodes; a flow is a reference to one of their outputs. */
class Graph {
  readonly nodes: GraphNode[] = [];
  readonly #kinds = new Map<string, number>();

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
      filter: (fn: Fn<boolean>, options?: OperatorOptions) => then({ kind: "filter", fn }, options),
      map: (fn: Fn<unknown>, options?: OperatorOptions) => then({ kind: "map", fn }, options),
      flatMap: (fn: Fn<Iterable<unknown>>, options?: OperatorOptions) =>
        then({ kind: "flatMap", fn }, options),
      keyBy: (by: string | Fn<never>, options?: OperatorOptions) => then({ kind: "keyBy", by }, options),
      union: (...others: readonly AnyFlow[]) =>
        this.flow(this.add({ kind: "union" }, [input, ...others.map((other) => other.input)])),
      dedupe: ({ by, within, ...options }: DedupeOptions<unknown>) =>
        then({ kind: "dedupe", by: dedupeBy(by), within }, options),
      to: (sink: Sink<unknown>) => {
        then({ kind: "sink", sink }, { id: `${sink?.kind}-${sink?.name}` });
      },
      window: (window: WindowSpec, options: WindowedOptions) => this.#windowed(input, window, options),
    };
    return Object.defineProperty(flow, "failed", {
      get: () => this.flow(node, "failed"),
    }) as unknown as AnyFlow;
  }

  #windowed(input: GraphInput, window: WindowSpec, options: WindowedOptions): WindowedFlow<never, unknown> {
    return {
      aggregate: <A extends Aggregates<unknown>>(aggregates: A) => {
        const { id, onError, allowedLateness = 0 as DurationMs, trigger = {} } = options ?? {};
        const node = this.add({ kind: "window", window, aggregates, allowedLateness, trigger }, [input], {
          id,
          onError,
        });
        return Object.defineProperty(this.flow(node), "late", {
          get: () => this.flow(node, "late"),
        }) as unknown as ResultFlow<never, unknown, A>;
      },
    };
  }
}

function dedupeBy(by: DedupeOptions<unknown>["by"]): ((value: unknown, info: EventInfo) => Key) | undefined {
  if (by === undefined || typeof by === "function") return by;
  return (value) => (value as Record<string, Key>)[by] as Key;
}
