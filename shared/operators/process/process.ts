import { MillraceError } from "../../errors/millrace-error.ts";
import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import { END_OF_TIME, type EpochMs } from "../../time/time.ts";
import { cloneData } from "../custom.ts";
import { KeyTimers } from "../key-timers.ts";
import type { StatefulOperator } from "../operator.ts";
import type { Host } from "../panes.ts";
import { type Found, migrated, type Versioned, versionOf } from "../versioned.ts";
import { type Cell, ProcessCells } from "./cells.ts";
import { contentOf, handleOf, isPresent } from "./handles.ts";
import type { ProcessContext, ProcessSpec } from "./spec.ts";

/** Under which a key's timers are kept among its states, whose names are not empty. */
const TIMERS = "";
/** What the name of a timer of processing time begins with; of event time it is the time itself. */
const PROCESSING = "p";
const processingName = (time: EpochMs): string => `${PROCESSING}${time}`;

/** A copy of what is in a cell, of the present version. */
const present = (spec: Versioned, { value, version }: Cell, found: Found): unknown =>
  version === versionOf(spec) ? cloneData(value) : migrated(spec, cloneData(value), version, found);

/** What is over is deleted together, this often in a state's time to live, and never more often than `LEAST_STEP_MS`. */
const STEPS = 8;
const LEAST_STEP_MS = 100;

/**
 * The user's own function of each event and of timers, with state by key. A call is taken whole or not at all: where it
 * throws, its state stays what it was, its rows are not given, and the event fails.
 */
export class Process implements StatefulOperator {
  readonly #host: Host;
  readonly #spec: ProcessSpec;
  readonly #cells: ProcessCells;
  /** Timers that the user set. */
  readonly #wakes: KeyTimers;
  readonly #processingWakes: KeyTimers;
  /** When a key has something to delete. */
  readonly #sweeps: KeyTimers;
  readonly #processingSweeps: KeyTimers;
  readonly #step: number;
  readonly #context: ProcessContext;
  /** The timer whose call is at hand; a new one must be later. */
  #firing: EpochMs | undefined;
  #processingFiring: EpochMs | undefined;
  /** What kept the call at hand from reading its state. */
  #unread: unknown;

  constructor(host: Host, spec: ProcessSpec) {
    this.#host = host;
    this.#spec = spec;
    this.#cells = new ProcessCells(host);
    this.#wakes = new KeyTimers(host);
    this.#processingWakes = new KeyTimers({ node: host.node, timers: host.processingTimers });
    this.#sweeps = new KeyTimers(host);
    this.#processingSweeps = new KeyTimers({ node: host.node, timers: host.processingSweeps });
    const shortest = Math.min(...Object.values(spec.state).map(({ ttl }) => ttl ?? Number.POSITIVE_INFINITY));
    this.#step = Math.max(LEAST_STEP_MS, Math.ceil(shortest / STEPS));
    this.#context = this.#contextOf(host);
  }

  get size(): number {
    return this.#cells.size;
  }

  #contextOf({ context, careful, id }: Host): ProcessContext {
    const migrate = (state: string, cell: Cell): unknown => this.#migrated(state, cell);
    const state = Object.fromEntries(
      Object.entries(this.#spec.state).map(([name, spec]) => [
        name,
        handleOf({
          host: { context, careful, id },
          cells: this.#cells,
          state: name,
          spec,
          migrate,
          expire: (at) => this.#sweepAt(at, context.key, name),
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
        cancel: (time) => this.#cells.delete(context.key, TIMERS, time),
        atProcessingTime: (time) => this.#processingWakeAt(time, context.key, context.time),
        cancelProcessingTime: (time) => this.#cells.delete(context.key, TIMERS, processingName(time)),
      },
    };
  }

  #wakeAt(time: EpochMs, key: Key): void {
    this.#checkTimer(time, "onTimer", this.#firing);
    if (this.#firing !== undefined && this.#host.context.ending) return;
    this.#cells.set(key, TIMERS, time, { value: null, expires: END_OF_TIME, version: 1 });
    this.#wakes.arm(time, key);
  }

  /** @param since - event time of the call that sets it: what comes of it is no older */
  #processingWakeAt(time: EpochMs, key: Key, since: EpochMs): void {
    this.#checkTimer(time, "onProcessingTimer", this.#processingFiring);
    this.#cells.set(key, TIMERS, processingName(time), { value: since, expires: END_OF_TIME, version: 1 });
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

  #migrated(state: string, cell: Cell): unknown {
    const { pipeline, id: operator, context } = this.#host;
    try {
      return present(this.#spec.state[state] ?? {}, cell, { pipeline, operator, key: context.key, state });
    } catch (thrown) {
      this.#unread = thrown;
      throw thrown;
    }
  }

  #sweepAt(expires: EpochMs, key: Key, state: string): void {
    const sweeps = this.#isProcessing(state) ? this.#processingSweeps : this.#sweeps;
    sweeps.arm(this.#sweepOf(expires), key);
  }

  /** Whether what a state holds is over by processing time. */
  #isProcessing(state: string): boolean {
    return this.#spec.state[state]?.in === "processing-time";
  }

  #sweepOf(expires: EpochMs): EpochMs {
    return ((Math.floor(expires / this.#step) + 1) * this.#step) as EpochMs;
  }

  readonly push = (value: unknown): void => {
    this.#call(value, () => this.#spec.onEvent(value, this.#context));
  };

  /** Runs the user's code; its changes count, and its rows are given, once all of it has run. */
  #call(value: unknown, run: () => Iterable<unknown> | undefined): void {
    let rows: unknown[];
    this.#unread = undefined;
    try {
      rows = [...(run() ?? [])];
      // what the user made of it, having caught the error, knows nothing of what is kept
      if (this.#unread !== undefined) throw this.#unread;
    } catch (thrown) {
      this.#cells.abort();
      this.#host.fail(value, this.#unread ?? thrown);
      return;
    }
    this.#cells.commit();
    for (const row of rows) this.#host.emit(row);
  }

  onTimer(time: EpochMs): void {
    for (const key of this.#wakes.take(time))
      if (this.#cells.get(key, TIMERS, time) !== undefined) this.#wake(key, time);
    // each cell goes at its own sweep: one that was set for what is written anew must not take it along
    for (const key of this.#sweeps.take(time))
      this.#cells.sweep(
        key,
        (expires, state) => !this.#isProcessing(state) && this.#sweepOf(expires) <= time,
      );
    this.#cells.commit();
  }

  onProcessingTimer(time: EpochMs): void {
    for (const key of this.#processingWakes.take(time)) {
      const timer = this.#cells.get(key, TIMERS, processingName(time));
      if (timer !== undefined) this.#processingWake(key, time, timer.value as EpochMs);
    }
  }

  awaitsProcessingTime(time: EpochMs): boolean {
    const name = processingName(time);
    const keys = this.#processingWakes.waiting(time);
    if (keys.some((key) => this.#cells.get(key, TIMERS, name) !== undefined)) return true;
    this.#processingWakes.take(time);
    return false;
  }

  onProcessingSweep(time: EpochMs): void {
    for (const key of this.#processingSweeps.take(time))
      this.#cells.sweep(key, (expires, state) => this.#isProcessing(state) && this.#sweepOf(expires) <= time);
    this.#cells.commit();
  }

  #wake(key: Key, time: EpochMs): void {
    const { context, id } = this.#host;
    this.#cells.delete(key, TIMERS, time);
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
    this.#cells.delete(key, TIMERS, processingName(time));
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

  /** Each state under its name, where something is in it: a value, a list's elements, a map's names and values. */
  stateOf(key: Key): unknown {
    const host = this.#host;
    const { pipeline, id: operator } = host;
    return Object.fromEntries(
      Object.entries(this.#spec.state).flatMap(([state, spec]) => {
        const there = this.#cells.all(key, state).filter(([, cell]) => isPresent({ spec, host }, cell));
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
    this.#processingSweeps.clear();
    this.#firing = undefined;
    this.#processingFiring = undefined;
    for (const [key, state, name, { expires }] of this.#cells.cells())
      if (state !== TIMERS) {
        if (expires !== END_OF_TIME) this.#sweepAt(expires, key, state);
      } else if (typeof name === "number") this.#wakes.arm(name as EpochMs, key);
      else this.#processingWakes.arm(Number(name.slice(PROCESSING.length)) as EpochMs, key);
  }
}
