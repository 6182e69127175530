import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import type { Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";

/** Hands a value on; what else is known of it stands in the context. */
export type Push = (value: unknown) => void;

/** What takes an operator's timers of clocks other than the watermark. */
export type ClockTimers = {
  /** Called once stream time has reached `time`, where the operator armed one. */
  onStreamTimer?(time: EpochMs): void;
  /** Called with the first record whose processing time is at or beyond `time`, where the operator armed one. */
  onProcessingTimer?(time: EpochMs): void;
  /** Whether something still waits for a processing time that was armed; where nothing does, it counts as never armed. */
  awaitsProcessingTime?(time: EpochMs): boolean;
  /** The same as a timer, and nobody outside is to see that it comes: no tick is sent for it. */
  onProcessingSweep?(time: EpochMs): void;
  /** Whether state may have to be in memory for a processing time: a paged operator's `wakes` then always says for which. */
  readonly wakesByProcessingTime?: boolean;
};

/** What a stateful operator promises to the fold. */
export type StatefulOperator = {
  readonly push: Push;
  /** Takes the second input, where the operator has two. */
  readonly pushRight?: Push;
  /** Takes a row of partial results, where events can be combined before a shuffle. */
  readonly pushCombined?: Push;
  /** Called once the watermark has reached `time`, where the operator armed one. */
  onTimer(time: EpochMs): void;
  /** What takes its timers of other clocks, where it arms some. */
  readonly clocks?: ClockTimers | undefined;
  /** What the batch changed, to be applied in this order. */
  changes(): Change[];
  /** Forgets what the batch changed: nobody has asked for it. */
  clean(): void;
  /** All state that is in memory, in a stable order, as changes to an empty operator. */
  snapshot(): Iterable<Change>;
  /** Applies a change of `changes` or `snapshot`. */
  apply(change: Change): void;
  /** Arms timers for all state: after recovery and after a rollback. */
  rearm(): void;
  /** How many windows, sessions or ids are in memory. */
  readonly size: number;
  /**
   * What is kept of a key, for a reader outside; its pages are in memory. Shares nothing with the state.
   * @throws MillraceError `STATE_MIGRATION`, or what the user's functions throw
   */
  stateOf?(key: Key): unknown;
};

/**
 * What an operator promises besides, whose state may be larger than memory. Its state is cut into pages of
 * neighbouring places. Before it takes a place for empty it calls `host.need`: where the place's page is not in
 * memory, the batch is taken back, the page is read, and the batch is folded again. An operator without these
 * is read and written as a whole.
 */
export type PagedOperator = StatefulOperator & {
  /** The place that a change is about; undefined where it names none, as the `drop` of a whole window. */
  placeOf(change: Change): Place | undefined;
  /** What stands at a place, as changes to a place where nothing stands. */
  stateAt(place: Place): Change[];
  /** Removes a place from memory. It is no change of state: it will be read again where it is needed. */
  evict(place: Place): void;
  /** Until when what a change puts may lie unread, as of the present time. */
  wakes(change: Change): Wakes;
  /** Whether what stands until the end of time is there after the end of the input, for processing time goes on. */
  readonly outlivesInput?: boolean;
  /** Something that a `drop` of `mark` will name lies unread. Nothing where its time has come already. */
  expect(mark: EpochMs): void;
};

/** Whether nothing is left, at a watermark, of what stands until a time. */
export const isOver = (
  { outlivesInput }: Pick<PagedOperator, "outlivesInput">,
  until: EpochMs,
  watermark: EpochMs,
): boolean => until <= watermark && !(until === END_OF_TIME && outlivesInput === true);

export const isPaged = (operator: StatefulOperator): operator is PagedOperator => "stateAt" in operator;
