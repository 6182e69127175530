import type { Key } from "../../events/event.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import type { Versioned, VersionOptions } from "../versioned.ts";

/** Of a list or a map, `version` and `migrate` are those of its elements. */
export type StateOptions<V = unknown> = VersionOptions<V> & {
  /**
   * How long what is written stays, in event time: until the watermark is so far beyond the event that wrote it.
   * Writing it anew starts over; each element of a list and each entry of a map has a time of its own. @default for ever
   */
  readonly ttl?: DurationMs;
  /**
   * By which time `ttl` goes. `processing-time`: until an input or a tick comes that was sent so long after the input
   * with which it was written. @default "event-time"
   */
  readonly in?: TimeDomain;
};

export type TimeDomain = "event-time" | "processing-time";

declare const content: unique symbol;
type Declared<Kind extends string, C> = Versioned & {
  readonly kind: Kind;
  readonly ttl: DurationMs | undefined;
  readonly in: TimeDomain;
  readonly [content]?: C;
};
export type ValueSpec<V> = Declared<"value", V>;
export type ListSpec<V> = Declared<"list", V>;
export type MapSpec<N extends Key, V> = Declared<"map", [N, V]>;

/** Per-key state as it is declared. */
export type StateSpec = Declared<"value" | "list" | "map", unknown>;
export type StateSpecs = Readonly<Record<string, StateSpec>>;

/** One value per key. */
export const valueState = <V>(options: StateOptions<V> = {}): ValueSpec<V> => ({
  kind: "value",
  ...declared(options),
});
/** Any number of values per key, in the order in which they were added. */
export const listState = <V>(options: StateOptions<V> = {}): ListSpec<V> => ({
  kind: "list",
  ...declared(options),
});
/** Any number of values per key, each under a name, which is a string or a number. */
export const mapState = <N extends Key, V>(options: StateOptions<V> = {}): MapSpec<N, V> => ({
  kind: "map",
  ...declared(options),
});

const declared = ({
  ttl,
  in: domain = "event-time",
  version,
  migrate,
}: StateOptions): Versioned & { readonly ttl: DurationMs | undefined; readonly in: TimeDomain } => ({
  ttl,
  in: domain,
  version,
  migrate,
});

/** The value of the key at hand. What it gives is a copy: write it back to keep a change. */
export type ValueState<V> = {
  get(): V | undefined;
  set(value: V): void;
  clear(): void;
};

export type ListState<V> = {
  /** Oldest first. */
  get(): readonly V[];
  add(value: V): void;
  clear(): void;
};

export type MapState<N extends Key, V> = {
  get(name: N): V | undefined;
  has(name: N): boolean;
  set(name: N, value: V): void;
  delete(name: N): void;
  /** Numbers before strings, each in their order. */
  entries(): readonly (readonly [N, V])[];
  clear(): void;
};

type StateOf<S extends StateSpecs> = {
  readonly [N in keyof S]: S[N] extends ValueSpec<infer V>
    ? ValueState<V>
    : S[N] extends ListSpec<infer V>
      ? ListState<V>
      : S[N] extends MapSpec<infer M, infer V>
        ? MapState<M, V>
        : never;
};

/** What a process function knows besides its event. It is good for the call only. */
export type ProcessContext<K extends Key = Key, S extends StateSpecs = StateSpecs> = {
  readonly key: K;
  /** Event time of the event; that of the timer in `onTimer`; in `onProcessingTimer` that of its rows. */
  readonly time: EpochMs;
  /** Nothing before it is waited for; an event before it is late. */
  readonly watermark: EpochMs;
  /**
   * The highest time at which any input of the partition so far was sent: by ingest, by a stage before, or as a tick. It
   * comes from the log, is the same at each replay, and never goes back.
   */
  readonly processingTime: EpochMs;
  /** The event's id; one of the timer's own in a timer's call. */
  readonly id: string;
  readonly state: StateOf<S>;
  readonly timers: {
    /** Calls `onTimer` for this key once the watermark has reached `time`; once, however often it is asked for. */
    at(time: EpochMs): void;
    cancel(time: EpochMs): void;
    /**
     * Calls `onProcessingTimer` for this key with the first input or tick of the partition that was sent at or after
     * `time`; once, however often it is asked for. Ticks come each minute.
     */
    atProcessingTime(time: EpochMs): void;
    cancelProcessingTime(time: EpochMs): void;
  };
};

type OnTimer = (time: EpochMs, context: ProcessContext) => Iterable<unknown> | undefined;

/** A process as data, with the user's functions in it. */
export type ProcessSpec = {
  readonly state: StateSpecs;
  readonly onEvent: (value: unknown, context: ProcessContext) => Iterable<unknown> | undefined;
  readonly onTimer: OnTimer | undefined;
  readonly onProcessingTimer: OnTimer | undefined;
};
