import { MillraceError } from "../../errors/millrace-error.ts";
import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { AT_ONCE, NEVER, type Wakes } from "../../state/page.ts";
import type { Place } from "../../state/place.ts";
import { END_OF_TIME, type EpochMs } from "../../time/time.ts";
import type { Host } from "../host.ts";
import { KeyTimers } from "../key-timers.ts";
import type { PagedOperator } from "../operator.ts";
import { type Found, migrated, type Versioned, versionOf } from "../versioned.ts";
import type { Cell } from "./cell.ts";
import { ProcessCells } from "./cells.ts";
import { contentOf, handleOf, isPresent } from "./handles.ts";
import type { ProcessContext, ProcessSpec, StateSpec, TimeDomain } from "./spec.ts";
import { Sweeps } from "./sweeps.ts";
import { processingName, TIMERS, TIMERS_NAME, timerNamed } from "./timer-names.ts";

/** A copy of what is in a cell, of the present version. */
const present = (spec: Versioned, cell: Cell, found: Found): unknown =>
  cell.version === versionOf(spec) ? cell.copy() : migrated(spec, cell.copy(), cell.version, found);

/**
 * The user's own function of each event and of timers, with state by key. A call is taken whole or not at all: where it
 * throws, its state stays what it was, its rows are not given, and the event fails. Of a key whose page is not in memory
 * nothing is called: the batch will be folded again, and user's code never meets state that is not what it left.
 */
export class Process implements PagedOperator {
  readonly wakesByProcessingTime = true;
  readonly outlivesInput = true;
  readonly #host: Host;
  readonly #spec: ProcessSpec;
  /** By number: those of the spec come after the timers. */
  readonly #states: readonly DeclaredState[];
  readonly #cells: ProcessCells;
  /** Timers that the user set. */
  readonly #wakes: KeyTimers;
  readonly #processingWakes: KeyTimers;
  readonly #sweeps: Sweeps;
  readonly #context: ProcessContext;
  /** The timer whose call is at hand; a new one must be later. */
  #firing: EpochMs | undefined;
  #processingFiring: EpochMs | undefined;
  /** What kept the call at hand from reading its state. */
  #unread: unknown;

  constructor(host: Host, spec: ProcessSpec) {
    this.#host = host;
    this.#spec = spec;
    this.#states = Object.entries(spec.state).map(([name, state], i) => ({
      name,
      number: i + 1,
      spec: state,
    }));
    this.#cells = new ProcessCells(host, [TIMERS_NAME, ...this.#states.map(({ name }) => name)]);
    this.#wakes = new KeyTimers(host);
    this.#processingWakes = new KeyTimers({ node: host.node, timers: host.processingTimers });
    this.#sweeps = new Sweeps(host, Object.values(spec.state));
    this.#context = this.#contextOf(host);
  }

  get size(): number {
    return this.#cells.size;
  }

  #contextOf({ context, careful, id }: Host): ProcessContext {
    const state = Object.fromEntries(
      this.#states.map((declared) => [
        declared.name,
        handleOf({
          host: { context, careful, id },
          cells: this.#cells,
          state: declared.number,
          spec: declared.spec,
          migrate: (cell) => this.#migrated(declared, cell),
          expire: (at) => this.#sweeps.arm(at, context.key, declared.number),
        }),
      ]),
    );
    return {
      get key() {
        return context.key;
      },
      get time() {
        return context.time;
      },
      get watermark() {
        return context.watermark;
      },
      get processingTime() {
        return context.processingTime;
      },
      get id() {
        return context.id;
      },
      state: state as ProcessContext["state"],
      timers: {
        at: (time) => this.#wakeAt(time, context.key),
        cancel: (time) => this.#cells.delete(TIMERS, time),
        atProcessingTime: (time) => this.#processingWakeAt(time, context.key, context.time),
        cancelProcessingTime: (time) => this.#cells.delete(TIMERS, processingName(time)),
      },
    };
  }

  #wakeAt(time: EpochMs, key: Key): void {
    this.#checkTimer(time, "onTimer", this.#firing);
    if (this.#firing !== undefined && this.#host.context.ending) return;
    this.#cells.set(TIMERS, time, null, undefined, 1);
    this.#wakes.arm(time, key);
  }

  /** @param since - event time of the call that sets it: what comes of it is no older */
  #processingWakeAt(time: EpochMs, key: Key, since: EpochMs): void {
    this.#checkTimer(time, "onProcessingTimer", this.#processingFiring);
    this.#cells.set(TIMERS, processingName(time), since, undefined, 1);
    this.#processingWakes.arm(time, key);
  }

  /** @throws MillraceError `PROCESS_TIMER` */
  #checkTimer(time: EpochMs, called: "onTimer" | "onProcessingTimer", firing: EpochMs | undefined): void {
    const refused = (why: string): MillraceError =>
      new MillraceError("PROCESS_TIMER", `operator "${this.#host.id}": ${why}`, { next: "dead-lettered" });
    if (this.#spec[called] === undefined) throw refused(`a timer is set, and there is no \`${called}\``);
    if (!Number.isSafeInteger(time)) throw refused(`a timer must be whole milliseconds, not ${time}`);
    if (firing !== undefined && time <= firing)
      throw refused(`the timer of ${firing} sets one for ${time}: it must be later, or would never end`);
  }

  #migrated({ name: state, spec }: DeclaredState, cell: Cell): unknown {
    const { pipeline, id: operator, context } = this.#host;
    try {
      return present(spec, cell, { pipeline, operator, key: context.key, state });
    } catch (thrown) {
      this.#unread = thrown;
      throw thrown;
    }
  }

  /** Written out beside `#call`, and without a function for each event: it is where a process spends its time. */
  readonly push = (value: unknown): void => {
    const { key } = this.#host.context;
    if (!this.#cells.turnTo(key) && !this.#host.need(0, key)) return;
    let rows: readonly unknown[];
    this.#unread = undefined;
    try {
      rows = this.#all(this.#spec.onEvent(value, this.#context));
    } catch (thrown) {
      this.#fail(value, thrown);
      return;
    }
    this.#give(rows);
  };

  /** Runs the user's code; its changes count, and its rows are given, once all of it has run. */
  #call(value: unknown, run: () => Iterable<unknown> | undefined): void {
    let rows: readonly unknown[];
    this.#unread = undefined;
    try {
      rows = this.#all(run());
    } catch (thrown) {
      this.#fail(value, thrown);
      return;
    }
    this.#give(rows);
  }

  /** Runs what the user's code has left to run. */
  #all(given: Iterable<unknown> | undefined): readonly unknown[] {
    const rows = given === undefined || given === null ? NONE : [...given];
    // what the user made of it, having caught the error, knows nothing of what is kept
    if (this.#unread !== undefined) throw this.#unread;
    return rows;
  }

  #fail(value: unknown, thrown: unknown): void {
    this.#cells.abort();
    this.#host.fail(value, this.#unread ?? thrown);
  }

  #give(rows: readonly unknown[]): void {
    this.#cells.commit();
    for (const row of rows) this.#host.emit(row);
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
      () => this.#call({ key, timer: time }, () => this.#spec.onTimer?.(time, this.#context)),
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
      () =>
        this.#call({ key, processingTimer: time }, () => this.#spec.onProcessingTimer?.(time, this.#context)),
    );
    this.#processingFiring = undefined;
  }

  changes(): Change[] {
    return this.#cells.changes();
  }

  clean(): void {
    this.#cells.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#cells.snapshot();
  }

  apply(change: Change): void {
    this.#cells.apply(change);
  }

  placeOf([, , key]: Change): Place {
    return [0, key as Key];
  }

  stateAt([, key]: Place): Change[] {
    return [...this.#cells.of(key)];
  }

  evict([, key]: Place): void {
    this.#cells.evict(key);
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

  expect(): void {}

  /** Each state under its name, where something is in it: a value, a list's elements, a map's names and values. */
  stateOf(key: Key): unknown {
    const host = this.#host;
    const { pipeline, id: operator } = host;
    this.#cells.turnTo(key);
    return Object.fromEntries(
      this.#states.flatMap(({ name: state, number, spec }) => {
        const there = this.#cells.all(number).filter((cell) => isPresent({ spec, host }, cell));
        const found = { pipeline, operator, key, state };
        const content = contentOf(spec, there, (cell) => present(spec, cell, found));
        return content === undefined ? [] : [[state, content]];
      }),
    );
  }

  rearm(): void {
    this.#cells.clean();
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

type DeclaredState = { readonly name: string; readonly number: number; readonly spec: StateSpec };

const NONE: readonly unknown[] = [];

/** What waits for nothing. */
const QUIET: Wakes = { ...NEVER, processingDue: END_OF_TIME, sweepDue: END_OF_TIME };
