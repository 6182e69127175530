import type { Key } from "../events/event.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { VersionOptions } from "../operators/versioned.ts";
import type { DurationMs } from "../time/time.ts";
import type { KeyedFlow } from "./flow.ts";

type Every = {
  /** State is found again by this id. */
  readonly id: string;
  readonly onError?: FailurePolicy;
};

type Keeping<T> = Every & {
  /** The version of the events that are kept: raise it where they get another shape. */
  readonly kept?: VersionOptions<T>;
};

export type ThrottleOptions = Every & {
  /** Events of a key that pass in each span. @default 1 */
  readonly most?: number;
  /** The length of the spans, which are aligned to the epoch. */
  readonly per: DurationMs;
};

export type DebounceOptions<T = never> = Keeping<T> & {
  /** How long no other event of the key may come. */
  readonly quiet: DurationMs;
};

export type SampleOptions<T = never> = Keeping<T> & {
  /** The length of the spans, which are aligned to the epoch. */
  readonly every: DurationMs;
  /** By event time; of several at one time the first that came, or the last. @default "last" */
  readonly take?: "first" | "last";
};

export type BatchOptions<T = never> = Keeping<T> & {
  /** Values in a batch, at most. 1 to 10,000 */
  readonly size: number;
  /** How long after its first event, in event time, a batch is given though it is not full. */
  readonly within: DurationMs;
};

/** Events that go on, each as it was. */
export type PacedFlow<K extends Key, T> = KeyedFlow<K, T> & {
  /** Events that came when their span, or their quiet time, was over. */
  readonly late: KeyedFlow<K, T>;
};

export type ThrottledFlow<K extends Key, T> = PacedFlow<K, T> & {
  /** Events that were too many. */
  readonly excess: KeyedFlow<K, T>;
};

/** Values of a key in the order in which they came. */
export type Batched<K extends Key, T> = { readonly key: K; readonly values: readonly T[] };
