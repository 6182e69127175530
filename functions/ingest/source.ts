import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Key } from "../../shared/events/event.ts";
import type { Stream } from "../../shared/events/stream.ts";
import { createPartitioner } from "../../shared/frames/partitioner.ts";
import type { DurationMs } from "../../shared/time/time.ts";

/** How far from the time of arrival an event's own time may be. Both are off by default: a replay is old by nature. */
export type TimeLimits = {
  /** @default any age */
  readonly maxAge?: DurationMs | undefined;
  /** One event from a wrong clock moves a watermark for good. @default any time to come */
  readonly maxAhead?: DurationMs | undefined;
};

/** A stream as ingest needs it, made once per cold start. */
export type Source = {
  readonly id: string;
  readonly partitions: number;
  readonly limits: TimeLimits;
  readonly validate: StandardSchemaV1<unknown, unknown>["~standard"]["validate"];
  /** Reads what should be the event time; undefined where the stream declares none. */
  readonly time: ((payload: unknown) => unknown) | undefined;
  /** The field that `time` reads, where it is one. */
  readonly timeField: string | undefined;
  readonly key: (payload: unknown) => unknown;
  readonly partitionOf: (key: Key) => number;
};

export function sourceOf<T>(stream: Stream<T>, limits: TimeLimits = {}): Source {
  const { id, partitions, schema, time, key } = stream;
  return {
    id,
    partitions,
    limits,
    validate: schema["~standard"].validate,
    time: time === undefined ? undefined : reader(time),
    timeField: typeof time === "string" ? time : undefined,
    key: reader(key),
    partitionOf: createPartitioner(partitions),
  };
}

/** A field by name, or the user's function: it is called with what the stream's schema gave. */
const reader = <T>(extract: string | ((payload: T) => unknown)): ((payload: unknown) => unknown) =>
  typeof extract === "function"
    ? (extract as (payload: unknown) => unknown)
    : (payload) => fieldOf(payload, extract);

/** An own field of a payload; undefined for what has no fields. */
export const fieldOf = (payload: unknown, name: string): unknown =>
  typeof payload === "object" && payload !== null && Object.hasOwn(payload, name)
    ? (payload as Readonly<Record<string, unknown>>)[name]
    : undefined;
