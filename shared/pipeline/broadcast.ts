import type { MillraceError } from "../errors/millrace-error.ts";
import type { EventInfo, Key } from "../events/event.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { VersionOptions } from "../operators/versioned.ts";

export type BroadcastOptions<T, K extends Key, V, C, R> = {
  /** State is found again by this id. */
  readonly id: string;
  /**
   * Makes what `onEvent` sees of a control value, once for each, as a compiled rule of its text. It is not kept in
   * state, and made again where state is read. Where it throws, the control event becomes a failed event, and the
   * value before it stays in force.
   * @default the value itself
   */
  readonly prepare?: (value: V, key: K) => C;
  /**
   * Called with each event, and with the latest control value of each key, numbers before strings, each in order.
   * Gives rows, all of which have the event's time and key. A `MillraceError` among them fails the event, and the other
   * rows are given. It must not change what it is given.
   */
  readonly onEvent: (
    value: T,
    latest: ReadonlyMap<K, C>,
    info: EventInfo,
  ) => Iterable<R | MillraceError> | undefined;
  /** The version of the control values that are kept: raise it where they get another shape. */
  readonly kept?: VersionOptions<V>;
  readonly onError?: FailurePolicy;
};
