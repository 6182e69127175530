import { MillraceError } from "../../errors/millrace-error.ts";
import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { AT_ONCE, NEVER, type Wakes } from "../../state/page.ts";
import { END_OF_TIME, type EpochMs } from "../../time/time.ts";
import type { Host } from "../host.ts";
import { KeyTimers } from "../key-timers.ts";
import type { ClockTimers } from "../operator.ts";
import type { ProcessCells } from "./cells.ts";
import type { ProcessContext, ProcessSpec, TimeDomain } from "./spec.ts";
import { Sweeps } from "./sweeps.ts";
import { processingName, TIMERS, TIMERS_NAME, timerNamed } from "./timer-names.ts";

/** The user's function for a timer. */
type Called = "onTimer" | "onProcessingTimer";

/** Calls it; `value` is what fails where it throws. */
type Call = (value: unknown, called: Called, time: EpochMs) => void;

/**
 * The timers of a process: those that the user sets, which are cells of its state, and those at which is deleted what is
 * over.
 */
export class ProcessTimers implements ClockTimers {
  readonly wakesByProcessingTime = true;
  readonly #host: Host;
  readonly #spec: ProcessSpec;
  readonly #cells: ProcessCells;
  readonly #call: Call;
  readonly #wakes: KeyTimers;
  readonly #processingWakes: KeyTimers;
  readonly #sweeps: Sweeps;
  /** The timer whose call is at hand; a new one must be later. */
  #firing: EpochMs | undefined;
  #processingFiring: EpochMs | undefined;

  constructor(host: Host, spec: ProcessSpec, cells: ProcessCells, call: Call) {
    this.#host = host;
    this.#spec = spec;
    this.#cells = cells;
    this.#call = call;
    this.#wakes = new KeyTimers(host);
    this.#processingWakes = new KeyTimers({ node: host.node, timers: host.processingTimers });
    this.#sweeps = new Sweeps(host, Object.values(spec.state));
  }

  /** What the user is given to set those of the key at hand. */
  get handle(): ProcessContext["timers"] {
    const { context } = this.#host;
    return {
      at: (time) => this.#wakeAt(time, context.key),
      cancel: (time) => this.#cells.delete(TIMERS, time),
      atProcessingTime: (time) => this.#processingWakeAt(time, context.key, context.time),
      cancelProcessingTime: (time) => this.#cells.delete(TIMERS, processingName(time)),
    };
  }

  #wakeAt(time: EpochMs, key: Key): void {
    this.#check(time, "onTimer", this.#firing);
    if (this.#firing !== undefined && this.#host.context.ending) return;
    this.#cells.set(TIMERS, time, null, undefined, 1);
    this.#wakes.arm(time, key);
  }

  /** @param since - event time of the call that sets it: what comes of it is no older */
  #processingWakeAt(time: EpochMs, key: Key, since: EpochMs): void {
    this.#check(time, "onProcessingTimer", this.#processingFiring);
    this.#cells.set(TIMERS, processingName(time), since, undefined, 1);
    this.#processingWakes.arm(time, key);
  }

  /** @throws MillraceError `PROCESS_TIMER` */
  #check(time: EpochMs, called: Called, firing: EpochMs | undefined): void {
    const refused = (why: string): MillraceError =>
      new MillraceError("PROCESS_TIMER", `operator "${this.#host.id}": ${why}`, { next: "dead-lettered" });
    if (this.#spec[called] === undefined) throw refused(`a timer is set, and there is no \`${called}\``);
    if (!Number.isSafeInteger(time)) throw refused(`a timer must be whole milliseconds, not ${time}`);
    if (firing !== undefined && time <= firing)
      throw refused(`the timer of ${firing} sets one for ${time}: it must be later, or would never end`);
  }

  /** What a state of the key at hand holds is over then. */
  expire(at: EpochMs, state: number): void {
    this.#sweeps.arm(at, this.#host.context.key, state);
  }

  onTimer(time: EpochMs): void {
    for (const key of this.#wakes.take(time)) {
      this.#cells.turnTo(key);
      if (this.#cells.get(TIMERS, time) !== undefined) this.#wake(key, time);
    }
    this.#sweep("event-time", time);
  }

  onProcessingTimer(time: EpochMs): void {
    for (const key of this.#processingWakes.take(time)) {
      this.#cells.turnTo(key);
      const timer = this.#cells.get(TIMERS, processingName(time));
      if (timer !== undefined) this.#processingWake(key, time, timer.value as EpochMs);
    }
  }

  awaitsProcessingTime(time: EpochMs): boolean {
    const name = processingName(time);
    for (const key of this.#processingWakes.waiting(time)) {
      this.#cells.turnTo(key);
      if (this.#cells.get(TIMERS, name) !== undefined) return true;
    }
    this.#processingWakes.take(time);
    return false;
  }

  onProcessingSweep(time: EpochMs): void {
    this.#sweep("processing-time", time);
  }

  #sweep(domain: TimeDomain, time: EpochMs): void {
    const isDue = this.#sweeps.isDue(domain, time);
    for (const key of this.#sweeps.take(domain, time)) {
      this.#cells.turnTo(key);
      this.#cells.sweep(isDue);
    }
    this.#cells.commit();
  }

  #wake(key: Key, time: EpochMs): void {
    const { context, id } = this.#host;
    this.#cells.delete(TIMERS, time);
    this.#cells.commit();
    this.#firing = time;
    context.within(
      () => `${id}/${key}/${time}`,
      time,
      key,
      () => this.#call({ key, timer: time }, "onTimer", time),
    );
    this.#firing = undefined;
  }

  /** What comes of it is not late: it has the watermark's time, or that of the call that set the timer. */
  #processingWake(key: Key, time: EpochMs, since: EpochMs): void {
    const { context, id } = this.#host;
    this.#cells.delete(TIMERS, processingName(time));
    this.#cells.commit();
    this.#processingFiring = time;
    const { watermark } = context;
    const at = watermark === END_OF_TIME ? since : (Math.max(watermark, since) as EpochMs);
    context.within(
      () => `${id}/${key}/${processingName(time)}`,
      at,
      key,
      () => this.#call({ key, processingTimer: time }, "onProcessingTimer", time),
    );
    this.#processingFiring = undefined;
  }

  /**
   * What is deleted is named, timers that came as well as cells that are over, so that all of it must be in memory then.
   * Nobody is to see that something is over by processing time, and whether a timer is left where one was deleted is not
   * known without looking: the log names the next one.
   */
  wakes([, kind, , state, name, , until]: Change): Wakes {
    if (state === TIMERS_NAME) {
      const timer = timerNamed(name as Key);
      if (timer.in === "event-time") return kind === "put" ? { ...QUIET, due: timer.at } : QUIET;
      return { ...QUIET, processingDue: kind === "put" ? timer.at : AT_ONCE };
    }
    if (kind !== "put" || until === null) return QUIET;
    const at = this.#sweeps.at(until as EpochMs);
    const isByClock = this.#sweeps.domainOf(this.#cells.numberOf(state as string)) === "processing-time";
    return isByClock ? { ...QUIET, sweepDue: at } : { ...QUIET, due: at };
  }

  rearm(): void {
    this.#wakes.clear();
    this.#processingWakes.clear();
    this.#sweeps.clear();
    this.#firing = undefined;
    this.#processingFiring = undefined;
    for (const [key, state, { name, until }] of this.#cells.cells())
      if (state !== TIMERS) {
        if (until !== undefined) this.#sweeps.arm(until, key, state);
      } else {
        const timer = timerNamed(name);
        (timer.in === "event-time" ? this.#wakes : this.#processingWakes).arm(timer.at, key);
      }
  }
}

/** What waits for nothing. */
const QUIET: Wakes = { ...NEVER, processingDue: END_OF_TIME, sweepDue: END_OF_TIME };
