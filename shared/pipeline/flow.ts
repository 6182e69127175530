import type { EventInfo, FailedEvent, Key } from "../events/event.ts";
import type { PathOf, Selected } from "../events/field-paths.ts";
import type { FieldOf } from "../events/stream.ts";
import type { Aggregate } from "../operators/aggregate.ts";
import type { BloomOptions } from "../operators/bloom/size.ts";
import type { StateSpecs } from "../operators/process/spec.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { Pane, Trigger } from "../operators/trigger.ts";
import type { AnyWindow } from "../operators/window.ts";
import type { DurationMs, Span } from "../time/time.ts";
import type { BroadcastOptions } from "./broadcast.ts";
import type { Joined, JoinedFlow, JoinOptions, SameKey, TemporalJoinOptions } from "./join.ts";
import type { Enriched, LookupOptions, LookupTable } from "./lookup.ts";
import type {
  Batched,
  BatchOptions,
  DebounceOptions,
  PacedFlow,
  SampleOptions,
  ThrottledFlow,
  ThrottleOptions,
} from "./pace.ts";
import type { MatchFlow, MatchOptions, Pattern } from "./pattern.ts";
import type { ProcessOptions } from "./process.ts";
import type { Sink, SinkOptions } from "./sinks.ts";

export type OperatorOptions = {
  /** Names the operator in plans, errors and metrics. @default its kind and number, `filter-1` */
  readonly id?: string;
  /**
   * Where the function throws: `dead-letter` keeps the event as a failed event, `halt` stops the partition
   * before it, `skip` drops and counts it. @default "dead-letter"
   */
  readonly onError?: FailurePolicy;
};

/** Events on their way through a pipeline. Every method gives a new flow and leaves this one as it is. */
export type Flow<T> = {
  /** Keeps the events for which `fn` is true. */
  filter<S extends T>(fn: (value: T, info: EventInfo) => value is S, options?: OperatorOptions): Flow<S>;
  filter(fn: (value: T, info: EventInfo) => boolean, options?: OperatorOptions): Flow<T>;
  /** One value for each; event time and key stay. */
  map<R>(fn: (value: T, info: EventInfo) => R, options?: OperatorOptions): Flow<R>;
  /** Any number of values for each; event time and key stay. */
  flatMap<R>(fn: (value: T, info: EventInfo) => Iterable<R>, options?: OperatorOptions): Flow<R>;
  /**
   * Keeps the named fields, `"price"` or `"bid.price"`; event time and key stay. Right behind `from`, nothing else of
   * an event is decoded.
   */
  select<P extends PathOf<T>>(...paths: readonly [P, ...P[]]): Flow<Selected<T, P>>;
  /** Groups what follows by a field; by the stream's own key it costs no shuffle. */
  keyBy<F extends FieldOf<T, Key>>(field: F, options?: OperatorOptions): KeyedFlow<T[F] & Key, T>;
  keyBy<K extends Key>(fn: (value: T, info: EventInfo) => K, options?: OperatorOptions): KeyedFlow<K, T>;
  /** All events of this flow and of the others. */
  union(...others: readonly Flow<T>[]): Flow<T>;
  /** Lets the first event of each id pass. A repeat must carry the key of the original. */
  dedupe(options: DedupeOptions<T>): Flow<T>;
  /**
   * Calls a function with each event and the latest value of each key of `control`, which every partition hears.
   * A control value of `null` says that there is none any more.
   */
  withBroadcast<K2 extends Key, V, R, C = NonNullable<V>>(
    control: KeyedFlow<K2, V>,
    options: BroadcastOptions<T, K2, NonNullable<V>, C, R>,
  ): Flow<R>;
  /** Gives each event the row that a table outside, in DynamoDB or S3, has for it. */
  lookup<N extends string, R, const O extends LookupOptions<T>>(
    table: LookupTable<N, R>,
    options: O,
  ): Flow<Enriched<T, N, R, O>>;
  to(sink: Sink<T>, options?: SinkOptions): void;
  /** Events on which the operator before threw. They are stored as failed events in any case. */
  readonly failed: Flow<FailedEvent>;
};

/** A flow with a key: `filter`, `map`, `flatMap` and `select` keep it. */
export type KeyedFlow<K extends Key, T> = Omit<
  Flow<T>,
  "filter" | "map" | "flatMap" | "select" | "dedupe" | "union" | "withBroadcast" | "lookup"
> & {
  filter<S extends T>(
    fn: (value: T, info: EventInfo) => value is S,
    options?: OperatorOptions,
  ): KeyedFlow<K, S>;
  filter(fn: (value: T, info: EventInfo) => boolean, options?: OperatorOptions): KeyedFlow<K, T>;
  map<R>(fn: (value: T, info: EventInfo) => R, options?: OperatorOptions): KeyedFlow<K, R>;
  flatMap<R>(fn: (value: T, info: EventInfo) => Iterable<R>, options?: OperatorOptions): KeyedFlow<K, R>;
  select<P extends PathOf<T>>(...paths: readonly [P, ...P[]]): KeyedFlow<K, Selected<T, P>>;
  union(...others: readonly KeyedFlow<K, T>[]): KeyedFlow<K, T>;
  dedupe(options: DedupeOptions<T>): KeyedFlow<K, T>;
  withBroadcast<K2 extends Key, V, R, C = NonNullable<V>>(
    control: KeyedFlow<K2, V>,
    options: BroadcastOptions<T, K2, NonNullable<V>, C, R>,
  ): KeyedFlow<K, R>;
  lookup<N extends string, R, const O extends LookupOptions<T>>(
    table: LookupTable<N, R>,
    options: O,
  ): KeyedFlow<K, Enriched<T, N, R, O>>;
  /** Groups each key's events by event time. */
  window(window: AnyWindow<T>, options: WindowedOptions<T>): WindowedFlow<K, T>;
  /**
   * Spreads the events of each key over partitions of a stage of their own, which aggregates them before the window
   * merges what it made: for keys that are too hot for one partition. The results are the same.
   * @param partitions - 2 to 1,024
   */
  spread(partitions: number): SpreadFlow<K, T>;
  /** Lets the first events of each span of event time pass; those beyond go to `excess`. */
  throttle(options: ThrottleOptions): ThrottledFlow<K, T>;
  /** Lets the last event pass, once no other of its key came for a while. */
  debounce(options: DebounceOptions<T>): PacedFlow<K, T>;
  /** Lets one event of each span of event time pass, once it is over. */
  sample(options: SampleOptions<T>): PacedFlow<K, T>;
  /** Puts the events of a key together in lists, in the order in which they came. */
  batch(options: BatchOptions<T>): KeyedFlow<K, Batched<K, T>>;
  /** Looks for a pattern among the events of each key, in the order of their event times. */
  match<N extends string>(pattern: Pattern<T, N>, options: MatchOptions<NoInfer<N>, T>): MatchFlow<K, T, N>;
  /** The user's own function of each event, with state and timers by key. */
  process<S extends StateSpecs, R = never, Q = never, P = never>(
    options: ProcessOptions<K, T, S, R, Q, P>,
  ): KeyedFlow<K, R | Q | P>;
  /** Pairs rows with those of another flow that have the same key: in a window, an interval, or for as long as they are remembered. */
  join<K2 extends SameKey<K>, R, const O extends JoinOptions<T, R>>(
    right: KeyedFlow<K2, R>,
    options: O,
  ): JoinedFlow<K, T, R, Joined<K, T, R, O>>;
  /** Gives each row with what `versions` said of its key at its event time. A version of `null` says that there is none. */
  temporalJoin<K2 extends SameKey<K>, R, const O extends TemporalJoinOptions<T, R>>(
    versions: KeyedFlow<K2, R>,
    options: O,
  ): JoinedFlow<K, T, R, Joined<K, T, NonNullable<R>, O>>;
};

/** Events of a key that several partitions share. */
export type SpreadFlow<K extends Key, T> = Pick<KeyedFlow<K, T>, "window">;

export type DedupeOptions<T> = {
  /** State is found again by this id. */
  readonly id: string;
  /** What tells a repeat: a field or a function. Needed behind a shuffle. @default the event's own id */
  readonly by?: FieldOf<T, Key> | ((value: T, info: EventInfo) => Key);
  /** How long an id is remembered, in event time. */
  readonly within: DurationMs;
  /**
   * Remember ids in Bloom filters, some bytes each: no repeat passes, and of events that are none, at most `errorRate`
   * are dropped. @default every id as it is
   */
  readonly approximate?: BloomOptions;
  readonly onError?: FailurePolicy;
};

export type WindowedOptions<T = unknown> = {
  /** State is found again by this id. */
  readonly id: string;
  /** How long after its end a window still takes events, each giving a late pane. @default 0 */
  readonly allowedLateness?: DurationMs;
  readonly trigger?: Trigger<T>;
  /**
   * Whether events that a shuffle leads here are combined before it, where that can be told from no result.
   * @default true
   */
  readonly combine?: boolean;
  readonly onError?: FailurePolicy;
  /** Whether `GET /v1/state` tells what the open windows of a key hold. @default false */
  readonly queryable?: boolean;
};

export type WindowedFlow<K extends Key, T> = {
  /** One result per key and window (and pane). `key`, `window` and `pane` are taken. */
  aggregate<A extends Aggregates<T>>(aggregates: A): ResultFlow<K, T, A>;
};

// biome-ignore lint/suspicious/noExplicitAny: results are inferred one by one
export type Aggregates<T> = { readonly [name: string]: Aggregate<T, any> } & {
  readonly key?: never;
  readonly window?: never;
  readonly pane?: never;
};

type ResultOf<A> = A extends Aggregate<never, infer R> ? R : never;

/** What a window gives: the aggregates, and whose they are. */
export type WindowResult<K extends Key, A> = {
  readonly [F in Exclude<keyof A, "key" | "window" | "pane">]: ResultOf<A[F]>;
} & {
  readonly key: K;
  readonly window: Span;
  readonly pane: Pane;
};

/** Results, keyed as the window was; their event time is the last millisecond of the window. */
export type ResultFlow<K extends Key, T, A> = KeyedFlow<K, WindowResult<K, A>> & {
  /** Events that came after their windows and the allowed lateness. */
  readonly late: KeyedFlow<K, T>;
};
