import type { Key } from "../events/event.ts";
import type { JoinType } from "../operators/join-spec.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { VersionOptions } from "../operators/versioned.ts";
import type { Hopping, Tumbling } from "../operators/window.ts";
import type { DurationMs, Span } from "../time/time.ts";
import type { KeyedFlow } from "./flow.ts";

/** Keys that can equal one of `K`: 5 and "5" never do. */
export type SameKey<K extends Key> = K extends string ? string : K extends number ? number : never;

type EveryJoin<L, R> = {
  /** State is found again by this id. */
  readonly id: string;
  /**
   * How far behind the watermark a row may be and still be joined; one that is later goes to `late`. Results that wait
   * for the watermark wait so much longer.
   * @default 0
   */
  readonly grace?: DurationMs;
  /** Versions of the rows that are kept until partners come: raise one where the rows of that side get another shape. */
  readonly kept?: { readonly left?: VersionOptions<L>; readonly right?: VersionOptions<R> };
  readonly onError?: FailurePolicy;
};

/** Pairs of the rows of a key that share a window. */
type WindowJoinOptions<L, R> = EveryJoin<L, R> & {
  readonly window: Tumbling | Hopping;
  /** `left`, `full`: also rows without a partner in their window. `semi`, `anti`: left rows with one, or without. @default "inner" */
  readonly type?: JoinType;
  readonly within?: never;
  readonly ttl?: never;
};

/** Pairs of the rows of a key whose times are so far apart. */
type IntervalJoinOptions<L, R> = EveryJoin<L, R> & {
  /**
   * Right times, from the left row's time on: `{ from: minutes(-5), to: hours(1) }` takes those up to five minutes
   * earlier and less than an hour later. `to` may depend on the left row.
   */
  readonly within: { readonly from: DurationMs; readonly to: DurationMs | ((left: L) => DurationMs) };
  /** `left`: also left rows without a partner, once none can come any more. @default "inner" */
  readonly type?: "inner" | "left";
  readonly window?: never;
  readonly ttl?: never;
};

/** Every pair of the rows of a key. */
type KeyJoinOptions<L, R> = EveryJoin<L, R> & {
  /**
   * How long rows are remembered, in event time: two that are less than this apart meet. `"forever"`: all of them do,
   * none is late, and state only grows.
   */
  readonly ttl: DurationMs | "forever";
  readonly type?: "inner";
  readonly window?: never;
  readonly within?: never;
};

export type JoinOptions<L, R = never> =
  | WindowJoinOptions<L, R>
  | IntervalJoinOptions<L, R>
  | KeyJoinOptions<L, R>;

export type TemporalJoinOptions<L = never, R = never> = EveryJoin<L, R> & {
  /** `left`: also rows for which there is no version, with `right: null`. @default "inner" */
  readonly type?: "inner" | "left";
  /** How long a version holds where no other follows it, in event time. @default for ever */
  readonly ttl?: DurationMs;
};

type Pair<K extends Key, L, R> = { readonly key: K; readonly left: L; readonly right: R };

type PairOf<K extends Key, L, R, O> = O extends { readonly type: "left" }
  ? Pair<K, L, R | null>
  : O extends { readonly type: "full" }
    ? Pair<K, L, R> | Pair<K, L, null> | Pair<K, null, R>
    : Pair<K, L, R>;

/** What a join gives: pairs, with their window where there is one; `semi` and `anti` give left rows as they are. */
export type Joined<K extends Key, L, R, O> = O extends { readonly type: "semi" | "anti" }
  ? L
  : O extends { readonly window: Tumbling | Hopping }
    ? PairOf<K, L, R, O> & { readonly window: Span }
    : PairOf<K, L, R, O>;

/** A row that came too late to be joined. */
export type LateRow<L, R> =
  | { readonly side: "left"; readonly row: L }
  | { readonly side: "right"; readonly row: R };

/** Results of a join, under its key. A pair's event time is the later one of its rows, unless it waited for the watermark. */
export type JoinedFlow<K extends Key, L, R, J> = KeyedFlow<K, J> & {
  /** Rows of both sides that came too late. */
  readonly late: KeyedFlow<K, LateRow<L, R>>;
};
