import { Timers } from "../state/timers.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { EventContext } from "./context.ts";
import type { Host } from "./host.ts";
import type { StatefulOperator } from "./operator.ts";
import type { PagedState } from "./paged-state.ts";

/** The timers of a stage, by the clock that they wait for. */
export type StageTimers = Pick<Host, "timers" | "streamTimers" | "processingTimers" | "processingSweeps">;

export const stageTimers = (): StageTimers => ({
  timers: new Timers(),
  streamTimers: new Timers(),
  processingTimers: new Timers(),
  processingSweeps: new Timers(),
});

/**
 * Brings the clocks of a partition forward: the watermark, stream time and processing time. Each asks for the pages of
 * which something is due by then, and calls the operators whose timers it has come to, in time order.
 */
export class Clocks {
  readonly #context: EventContext;
  readonly #timers: Timers;
  readonly #streamTimers: Timers;
  readonly #processingTimers: Timers;
  readonly #processingSweeps: Timers;
  readonly #operators: readonly (StatefulOperator | undefined)[];
  readonly #state: PagedState;

  /** @param operators - by their place in the stage, as timers name them */
  constructor(
    context: EventContext,
    timers: StageTimers,
    operators: readonly (StatefulOperator | undefined)[],
    state: PagedState,
  ) {
    this.#context = context;
    this.#timers = timers.timers;
    this.#streamTimers = timers.streamTimers;
    this.#processingTimers = timers.processingTimers;
    this.#processingSweeps = timers.processingSweeps;
    this.#operators = operators;
    this.#state = state;
  }

  /** While timers of a time fire, the watermark stands just before it: what they emit is not late. */
  advance(to: EpochMs): void {
    const context = this.#context;
    if (to <= context.watermark) return;
    this.#state.needDue(to);
    context.ending = to === END_OF_TIME;
    for (let timer = this.#timers.take(to); timer !== undefined; timer = this.#timers.take(to)) {
      context.watermark = Math.max(context.watermark, timer.time - 1) as EpochMs;
      this.#operators[timer.node]?.onTimer(timer.time);
    }
    context.watermark = to;
  }

  reachStreamTime(time: EpochMs): void {
    this.#context.streamTime = time;
    this.#state.needStreamDue(time);
    const streamTimers = this.#streamTimers;
    for (let timer = streamTimers.take(time); timer !== undefined; timer = streamTimers.take(time))
      this.#operators[timer.node]?.clocks?.onStreamTimer?.(timer.time);
  }

  /** Users' timers come first, and then what is cleared away once it is over. */
  reachProcessingTime(now: EpochMs): void {
    this.#context.processingTime = now;
    this.#state.needProcessingDue(now);
    const [timers, sweeps] = [this.#processingTimers, this.#processingSweeps];
    for (let timer = timers.take(now); timer !== undefined; timer = timers.take(now))
      this.#operators[timer.node]?.clocks?.onProcessingTimer?.(timer.time);
    for (let sweep = sweeps.take(now); sweep !== undefined; sweep = sweeps.take(now))
      this.#operators[sweep.node]?.clocks?.onProcessingSweep?.(sweep.time);
  }

  /** The next watermark for which something waits, in memory or not. */
  get nextTimer(): EpochMs | undefined {
    const { next } = this.#timers;
    const earliest = Math.min(next ?? END_OF_TIME, this.#state.nextDue);
    return earliest === END_OF_TIME ? next : (earliest as EpochMs);
  }

  /** The next such processing time: exact, for a tick is sent for it. */
  get nextProcessingTimer(): EpochMs | undefined {
    const next = this.#nextAwaited();
    const { nextProcessingDue } = this.#state;
    return nextProcessingDue < (next ?? END_OF_TIME) ? nextProcessingDue : next;
  }

  /** What was cancelled meanwhile is passed over. */
  #nextAwaited(): EpochMs | undefined {
    const timers = this.#processingTimers;
    for (let next = timers.first; next !== undefined; next = timers.first) {
      if (this.#operators[next.node]?.clocks?.awaitsProcessingTime?.(next.time) === true) return next.time;
      timers.take(next.time);
    }
    return undefined;
  }

  /** Forgets all timers: operators arm theirs again. */
  clear(): void {
    this.#timers.clear();
    this.#streamTimers.clear();
    this.#processingTimers.clear();
    this.#processingSweeps.clear();
  }
}
