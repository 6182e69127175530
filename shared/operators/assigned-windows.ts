import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import type { DurationMs, EpochMs, Span } from "../time/time.ts";
import { type Cell, CompositeAggregate } from "./cell.ts";
import { CellLists } from "./cell-lists.ts";
import type { Host } from "./host.ts";
import { KeyTimers } from "./key-timers.ts";
import type { ClockTimers, StatefulOperator } from "./operator.ts";
import { Panes } from "./panes.ts";
import type { WindowOptions } from "./spec.ts";

/** The windows of an event; undefined where the user's function gave none and the event failed. */
export type Assign = (value: unknown) => readonly Span[] | undefined;

/**
 * Windows of any bounds: those that cumulate, the one for all time, and a user's own. State is one cell per key and
 * open window, by key; otherwise they are as aligned windows are.
 */
export class AssignedWindows implements StatefulOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #assign: Assign;
  readonly #lateness: DurationMs;
  readonly #windows: CellLists;
  readonly #timers: KeyTimers;
  readonly #extracted: unknown[] = [];
  #dropped: Cell[] = [];

  constructor(host: Host, assign: Assign, options: WindowOptions) {
    this.#host = host;
    this.#panes = new Panes(host, new CompositeAggregate(options.aggregates), options.trigger);
    this.#assign = assign;
    this.#lateness = options.allowedLateness;
    this.#windows = new CellLists(host, this.#panes, isSame);
    this.#timers = new KeyTimers(host);
  }

  get clocks(): ClockTimers | undefined {
    return this.#panes.early;
  }

  get size(): number {
    return this.#windows.size;
  }

  readonly push = (value: unknown): void => {
    const { key, watermark } = this.#host.context;
    const assigned = this.#assign(value);
    if (assigned === undefined) return;
    const open = assigned.filter(({ end }) => end + this.#lateness > watermark);
    if (open.length === 0) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    const cells = (): Cell[][] =>
      open.map((span) => {
        const cell = this.#find(key, span);
        return cell === undefined ? [] : [cell];
      });
    if (this.#panes.migrates && !this.#panes.migrate(cells().flat(), value)) return;
    if (this.#host.careful() && !this.#panes.rehearse(cells(), value, this.#extracted)) return;
    for (const span of open) this.#panes.add(this.#find(key, span) ?? this.#open(key, span), this.#extracted);
  };

  /** What the windows are must not depend on the value: it is no event. */
  readonly pushCombined = (value: unknown): void => {
    const { key, watermark } = this.#host.context;
    const open = this.#assign(value)?.filter(({ end }) => end + this.#lateness > watermark) ?? [];
    const partial = this.#panes.partialOf(value, open.length === 0);
    for (const span of open) this.#panes.addPartial(this.#find(key, span) ?? this.#open(key, span), partial);
  };

  #find(key: Key, span: Span): Cell | undefined {
    return this.#windows.of(key).find((cell) => isSame(cell, span));
  }

  #open(key: Key, { start, end }: Span): Cell {
    const cell = this.#panes.create(key, start, end);
    this.#windows.add(cell);
    this.#arm(cell);
    return cell;
  }

  #arm({ key, end }: Cell): void {
    const onTime = end > this.#host.context.watermark;
    this.#timers.arm(onTime ? end : ((end + this.#lateness) as EpochMs), key);
  }

  onTimer(time: EpochMs): void {
    for (const key of this.#timers.take(time)) {
      const cells = this.#windows.of(key);
      const over = cells.filter(({ end }) => end + this.#lateness === time);
      if (over.length > 0) this.#drop(key, over);
      for (const cell of cells) {
        if (cell.end !== time || !this.#panes.hasOnTimePane(cell)) continue;
        if (this.#lateness === 0) this.#panes.emit(cell, "on-time");
        else this.#panes.fire(cell, "on-time");
      }
      if (this.#lateness > 0 && cells.some(({ end }) => end === time))
        this.#timers.arm((time + this.#lateness) as EpochMs, key);
    }
  }

  #drop(key: Key, over: readonly Cell[]): void {
    this.#windows.remove(key, over);
    this.#dropped.push(...over);
  }

  changes(): Change[] {
    const { id } = this.#host;
    const dropped = this.#dropped.map(({ key, start, end }): Change => [id, "drop", key, start, end]);
    this.#dropped = [];
    return [...dropped, ...this.#windows.touched()];
  }

  clean(): void {
    this.#panes.clean();
    this.#dropped = [];
  }

  snapshot(): Iterable<Change> {
    return this.#windows.snapshot();
  }

  apply(change: Change): void {
    this.#windows.apply(change);
  }

  stateOf(key: Key): unknown {
    return this.#panes.stateOf(this.#windows.of(key));
  }

  rearm(): void {
    this.#panes.reset();
    this.#dropped = [];
    this.#timers.clear();
    for (const cell of this.#windows.all()) {
      this.#arm(cell);
      if (cell.pending > 0) this.#panes.early?.await(cell);
    }
  }
}

const isSame = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end;
