import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Path, pathOf, valueAt } from "../json/paths.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import type { Key } from "./event.ts";
import type { PathTo } from "./field-paths.ts";

/** The names of the fields of `T` whose values are `V`. */
export type FieldOf<T, V> = { [F in keyof T & string]: T[F] extends V ? F : never }[keyof T & string];

/**
 * A field by name; or a list of paths, `["bid.dateTime", "auction.dateTime"]`, of which the first that an event has
 * counts; or, where the planner need not understand it, a function.
 */
type Extract<T, V> = FieldOf<T, V> | readonly PathTo<T, V>[] | ((value: T) => V);

/** How a source partition without input lets its watermark go on; the knobs are Numaflow's. */
export type Idleness = {
  /** No event for this long, by the times of the ticks, and the partition counts as idle. */
  readonly threshold: DurationMs;
  /** Between two steps of an idle partition. @default threshold */
  readonly stepInterval?: DurationMs;
  /** What a step adds to the watermark, never beyond the tick's own time less the out-of-orderness. */
  readonly incrementBy: DurationMs;
  /** A partition that never had an event starts at the tick's time less this, this long after its first tick. */
  readonly initSourceDelay?: DurationMs;
};

export type StreamOptions<S extends StandardSchemaV1> = {
  /** Any Standard Schema validator (zod, valibot, arktype …). What it returns must be plain data: JSON, Map, Set, bigint, Date, bytes. */
  readonly schema: S;
  /** Event time: epoch milliseconds or RFC 3339. Without it there are no windows over this stream. */
  readonly time?: Extract<StandardSchemaV1.InferOutput<S>, EpochMs | number | string>;
  /** How far an event may be behind the highest event time before it without being late. @default 0 */
  readonly outOfOrder?: DurationMs;
  /** Decides the partition; events of one key stay in order. */
  readonly key: Extract<StandardSchemaV1.InferOutput<S>, Key>;
  /** The unit of state, order and parallelism; fixed once created. 1 to 1024. @default 8 */
  readonly partitions?: number;
  /** @default a partition without input holds its watermark back */
  readonly idle?: Idleness;
};

/** A stream of events: a Kinesis stream once deployed. */
export type Stream<T> = {
  readonly kind: "stream";
  readonly id: string;
  readonly schema: StandardSchemaV1<unknown, T>;
  readonly time: string | ((value: T) => EpochMs | number | string) | undefined;
  readonly outOfOrder: DurationMs;
  readonly key: string | ((value: T) => Key);
  /** Which paths time and key read, where that is declared. */
  readonly paths: { readonly time: readonly Path[] | undefined; readonly key: readonly Path[] | undefined };
  readonly partitions: number;
  readonly idle: Idleness | undefined;
};

/** Declares a stream. Its name and options are checked when a pipeline over it is planned. */
export function stream<S extends StandardSchemaV1>(
  id: string,
  options: StreamOptions<S>,
): Stream<StandardSchemaV1.InferOutput<S>> {
  type T = StandardSchemaV1.InferOutput<S>;
  const { time, key } = options;
  return {
    kind: "stream",
    id,
    schema: options.schema as StandardSchemaV1<unknown, T>,
    time: (Array.isArray(time) ? firstOf(time.map(pathOf)) : time) as Stream<T>["time"],
    outOfOrder: options.outOfOrder ?? (0 as DurationMs),
    key: (Array.isArray(key) ? firstOf(key.map(pathOf)) : key) as Stream<T>["key"],
    paths: { time: declaredPaths(time), key: declaredPaths(key) },
    partitions: options.partitions ?? 8,
    idle: options.idle,
  };
}

/** Reads the first path at which a value has something. */
const firstOf =
  (paths: readonly Path[]) =>
  (value: unknown): unknown =>
    firstPresent(paths.map((path) => valueAt(value, path)));

/** Of the values at some paths the first that is there. */
const firstPresent = (values: readonly unknown[]): unknown =>
  values.find((value) => value !== undefined && value !== null);

function declaredPaths(extract: unknown): readonly Path[] | undefined {
  if (typeof extract === "string") return [[extract]];
  return Array.isArray(extract) ? extract.map(pathOf) : undefined;
}
