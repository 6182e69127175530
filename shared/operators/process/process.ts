import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import type { Wakes } from "../../state/page.ts";
import type { Place } from "../../state/place.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Host } from "../host.ts";
import type { ClockTimers, PagedOperator } from "../operator.ts";
import { type Found, migrated, type Versioned, versionOf } from "../versioned.ts";
import type { Cell } from "./cell.ts";
import { ProcessCells } from "./cells.ts";
import { contentOf, handleOf, isPresent } from "./handles.ts";
import { ProcessTimers } from "./process-timers.ts";
import type { ProcessContext, ProcessSpec, StateSpec } from "./spec.ts";
import { TIMERS_NAME } from "./timer-names.ts";

/** A copy of what is in a cell, of the present version. */
const present = (spec: Versioned, cell: Cell, found: Found): unknown =>
  cell.version === versionOf(spec) ? cell.copy() : migrated(spec, cell.copy(), cell.version, found);

/**
 * The user's own function of each event and of timers, with state by key. A call is taken whole or not at all: where it
 * throws, its state stays what it was, its rows are not given, and the event fails. Of a key whose page is not in memory
 * nothing is called: the batch will be folded again, and user's code never meets state that is not what it left.
 */
export class Process implements PagedOperator {
  readonly outlivesInput = true;
  readonly #host: Host;
  readonly #spec: ProcessSpec;
  /** By number: those of the spec come after the timers. */
  readonly #states: readonly DeclaredState[];
  readonly #cells: ProcessCells;
  readonly #timers: ProcessTimers;
  readonly #context: ProcessContext;
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
    this.#timers = new ProcessTimers(host, spec, this.#cells, (value, called, time) =>
      this.#call(value, () => spec[called]?.(time, this.#context)),
    );
    this.#context = this.#contextOf(host);
  }

  get clocks(): ClockTimers {
    return this.#timers;
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
          expire: (at) => this.#timers.expire(at, declared.number),
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
      timers: this.#timers.handle,
    };
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
    this.#timers.onTimer(time);
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

  wakes(change: Change): Wakes {
    return this.#timers.wakes(change);
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
    this.#timers.rearm();
  }
}

type DeclaredState = { readonly name: string; readonly number: number; readonly spec: StateSpec };

const NONE: readonly unknown[] = [];
