import type { EpochMs } from "../time/time.ts";

/** What partitions, joins and groups events. Numbers and strings never equal one another. */
export type Key = string | number;

/**
 * What an operator knows of an event besides its value. The engine reuses one object for every event:
 * copy what must outlive the call.
 */
export type EventInfo = {
  /** CloudEvents `id`; a result of a window has the id of the event or timer that made it. */
  readonly id: string;
  /** Event time; arrival time where the stream declares none. */
  readonly time: EpochMs;
  readonly key: Key;
};

/** An event inside a record, as ingest packs it: `[id, time, payload]`. */
export type WireEvent = readonly [id: string, time: EpochMs, payload: unknown];

/**
 * A typed failed event: what a `dead-letter` operator, a poison record or a refused event leaves behind.
 * `position` names the input exactly: `<shard or upstream partition>:<sequence number or counter>#<index in record>`.
 */
export type FailedEvent<T = unknown> = {
  readonly payload: T;
  readonly error: { readonly code: string; readonly name: string; readonly message: string };
  readonly pipeline: string;
  readonly stage: string;
  readonly operator: string;
  readonly position: string;
  readonly id: string;
  readonly time: EpochMs;
  readonly codeVersion: string;
};
