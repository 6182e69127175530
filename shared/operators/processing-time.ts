import { Timers } from "../state/timers.ts";
import type { EpochMs } from "../time/time.ts";
import type { StatefulOperator } from "./operator.ts";

/** What waits for processing time: the timers of users, and what is cleared away once it is over. */
export class ProcessingTime {
  readonly timers: Timers = new Timers();
  readonly sweeps: Timers = new Timers();

  reach(now: EpochMs, operators: readonly (StatefulOperator | undefined)[]): void {
    for (let timer = this.timers.take(now); timer !== undefined; timer = this.timers.take(now))
      operators[timer.node]?.clocks?.onProcessingTimer?.(timer.time);
    for (let sweep = this.sweeps.take(now); sweep !== undefined; sweep = this.sweeps.take(now))
      operators[sweep.node]?.clocks?.onProcessingSweep?.(sweep.time);
  }

  /** The next timer: exact, for a tick is sent for it. What was cancelled meanwhile is passed over. */
  next(operators: readonly (StatefulOperator | undefined)[]): EpochMs | undefined {
    for (let next = this.timers.first; next !== undefined; next = this.timers.first) {
      if (operators[next.node]?.clocks?.awaitsProcessingTime?.(next.time) === true) return next.time;
      this.timers.take(next.time);
    }
    return undefined;
  }

  clear(): void {
    this.timers.clear();
    this.sweeps.clear();
  }
}
