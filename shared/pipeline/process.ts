import type { Key } from "../events/event.ts";
import type { ProcessContext, StateSpecs } from "../operators/process/spec.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { EpochMs } from "../time/time.ts";

export type ProcessOptions<K extends Key, T, S extends StateSpecs, R, Q = never, P = never> = {
  /** State is found again by this id. */
  readonly id: string;
  /** The states of each key, by name: `valueState`, `listState`, `mapState`. */
  readonly state: S;
  /** Called with each event, late ones too. Gives rows, all of which have the event's time and key. */
  readonly onEvent: (value: T, context: ProcessContext<K, S>) => Iterable<R> | undefined;
  /** Called once the watermark has reached a time that was asked for. Its rows have that time. */
  readonly onTimer?: (time: EpochMs, context: ProcessContext<K, S>) => Iterable<Q> | undefined;
  /**
   * Called with the first input or tick that was sent at or after a processing time that was asked for. Its rows have the
   * event time of the watermark, or that of the call that set the timer where it is later: they are not late.
   */
  readonly onProcessingTimer?: (time: EpochMs, context: ProcessContext<K, S>) => Iterable<P> | undefined;
  readonly onError?: FailurePolicy;
  /** Whether `GET /v1/state` tells what is in the states of a key. @default false */
  readonly queryable?: boolean;
};
